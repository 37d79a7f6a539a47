"""Where things are on this machine: ports and directories, each with a variable to change it."""

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from infra.vendor import ROOT

REGION = "us-east-1"
STAGE = "local"


class Cannot(Exception):
    """Why the stack can't run here, and what to do about it, in words for whoever typed the command."""


class Places(Struct, frozen=True):
    """Where this stack lives."""

    port: int
    inbox_port: int
    aws_port: int
    build: Path
    keep: bool
    store_port: int | None = None
    """Where the functions find the table and the queues, if a test has put something before MiniStack."""

    @property
    def endpoint(self) -> str:
        """Where MiniStack plays AWS."""
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def store_endpoint(self) -> str:
        """Where the functions find the table and the queues."""
        return f"http://127.0.0.1:{self.store_port or self.aws_port}"

    @property
    def base_url(self) -> str:
        """Where the API is, its stage included."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def inbox_url(self) -> str:
        """Where the mails are to be read."""
        return f"http://127.0.0.1:{self.inbox_port}"

    @property
    def state(self) -> Path:
        """All that outlives a run."""
        return self.build / "local"

    @property
    def mails(self) -> Path:
        """Where the mails are written, as .eml files."""
        return self.build / "mails"

    @property
    def notes(self) -> Path:
        """What `make organiser` and the next run need to know of this one."""
        return self.state / "stack.json"


def read_places() -> Places:
    """Return where the environment says the stack should live."""
    return Places(
        port=int(os.environ.get("PORT", "8040")),
        inbox_port=int(os.environ.get("INBOX_PORT", "8041")),
        aws_port=int(os.environ.get("AWS_PORT", "8042")),
        build=Path(os.environ.get("TURNOUT_BUILD", ROOT / ".build")).resolve(),
        keep=os.environ.get("KEEP", "") not in {"", "0"},
        store_port=int(os.environ["STORE_PORT"]) if "STORE_PORT" in os.environ else None,
    )


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Keep a second `make run` out of these directories for as long as this one runs. Raises Cannot."""
    places.build.mkdir(parents=True, exist_ok=True)
    with (places.build / "running").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Cannot(
                "Another `make run` uses this directory. Stop that one, "
                "or give this one a directory and ports of its own: TURNOUT_BUILD, PORT, INBOX_PORT, AWS_PORT"
            ) from error
        yield


def require_free_ports(places: Places) -> None:
    """Raise Cannot if something listens on a port of ours already."""
    ports = {"PORT": places.port, "INBOX_PORT": places.inbox_port, "AWS_PORT": places.aws_port}
    for variable, port in ports.items():
        with socket.socket() as probe:
            # As servers do: else a stack just stopped would keep its own port from us for a minute.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise Cannot(
                    f"Port {port} is taken; perhaps another `make run` is still up. "
                    f"Stop that, or choose another port: make run {variable}={port + 100}"
                ) from error


def clear_unless_kept(places: Places) -> None:
    """Make the directories, empty unless KEEP is set."""
    if not places.keep:
        shutil.rmtree(places.state, ignore_errors=True)
        shutil.rmtree(places.mails, ignore_errors=True)
    places.state.mkdir(parents=True, exist_ok=True)
    places.mails.mkdir(parents=True, exist_ok=True)
    # Its state holds the secrets and the organiser's token of the demo.
    places.state.chmod(0o700)


def write_notes(places: Places, notes: dict[str, Any]) -> None:
    """Keep these for the next run."""
    places.notes.write_text(json.dumps(notes, indent=2))


def read_notes(places: Places) -> dict[str, Any]:
    """Return what the last run kept: nothing, if there was none."""
    if not places.notes.exists():
        return {}
    notes: dict[str, Any] = json.loads(places.notes.read_text())
    return notes


def require_running(places: Places) -> None:
    """Raise Cannot if nothing answers where the last run's stack was."""
    endpoint = read_notes(places).get("endpoint", places.endpoint)
    port = urlsplit(endpoint).port
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError as error:
        raise Cannot(f"Nothing runs at port {port}. Start the stack in another terminal: make run") from error
