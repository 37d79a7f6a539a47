"""Where the local stack lives, and what is said when it can't."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from infra.local.__main__ import leads_somewhere
from infra.local.places import (
    Cannot,
    Places,
    alone,
    clear_unless_kept,
    read_notes,
    require_free_ports,
    write_notes,
)


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


def test_a_second_run_in_the_same_directory_is_told_how_to_have_its_own(tmp_path: Path) -> None:
    with alone(places(tmp_path)), pytest.raises(Cannot) as cannot, alone(places(tmp_path)):
        pass
    assert "TURNOUT_BUILD" in str(cannot.value)
    with alone(places(tmp_path)):
        """It is free again."""


@pytest.mark.parametrize("status", [200, 401, 403, 404])
def test_a_run_that_goes_on_sees_whether_its_data_is_still_there(status: int) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert (self.path, self.headers["Authorization"]) == ("/api/admin/events/e1", "Bearer t")
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        base_url = f"http://127.0.0.1:{server.server_port}/api"
        there = leads_somewhere({"base_url": base_url, "token": "t", "event_id": "e1"})
    assert there == (status == 200)
