"""Where the local stack lives, and what is said when it can't."""

import socket
from pathlib import Path

import pytest

from infra.local.places import Cannot, Places, clear_unless_kept, read_notes, require_free_ports, write_notes


def places(directory: Path, *, keep: bool = False, port: int = 1) -> Places:
    return Places(port=port, inbox_port=0, aws_port=0, build=directory, keep=keep)


def test_a_port_that_is_taken_is_named_with_the_variable_that_changes_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Cannot) as cannot:
            require_free_ports(places(tmp_path, port=port))
    assert f"Port {port} is taken" in str(cannot.value)
    assert "PORT=" in str(cannot.value)


def test_a_run_starts_afresh_unless_its_data_is_kept(tmp_path: Path) -> None:
    clear_unless_kept(places(tmp_path))
    write_notes(places(tmp_path), {"token": "t"})
    (places(tmp_path).mails / "1.eml").touch()
    clear_unless_kept(places(tmp_path, keep=True))
    assert read_notes(places(tmp_path)) == {"token": "t"}
    assert (places(tmp_path).mails / "1.eml").exists()
    clear_unless_kept(places(tmp_path))
    assert read_notes(places(tmp_path)) == {}
    assert not (places(tmp_path).mails / "1.eml").exists()


def test_nobody_else_on_the_machine_may_read_what_is_kept(tmp_path: Path) -> None:
    clear_unless_kept(places(tmp_path))
    assert places(tmp_path).state.stat().st_mode & 0o077 == 0
