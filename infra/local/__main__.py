"""``make run``: from nothing to a running stack, step by step; Ctrl-C stops all of it."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from infra.command import failure_of
from infra.local.demo import ORGANISER, SLUG, seed
from infra.local.deployment import deploy
from infra.local.front_door import FrontDoor
from infra.local.mail_sink import MailSink
from infra.local.ministack import MiniStack
from infra.local.places import (
    STAGE,
    Cannot,
    Places,
    alone,
    clear_unless_kept,
    read_notes,
    read_places,
    require_free_ports,
    write_notes,
)
from infra.local.ses_events import event_publisher
from infra.package import build
from infra.secrets import create_secrets
from infra.vendor import ROOT, Target

_OF_THE_DATA = {"token", "event_id", "session_id"}
"""The notes that mean nothing without the table."""


def main() -> None:
    """Run until a signal stops it."""
    # Also SIGINT: a shell starts what it puts into the background with that ignored.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _interrupt)
    try:
        with ExitStack() as running:
            _start(read_places(), running)
    except Cannot as cannot:
        sys.exit(f"\n{cannot}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"\n{failure_of(error)}")
    except KeyboardInterrupt:
        print("Stopped.", flush=True)


def _start(places: Places, running: ExitStack) -> None:
    running.enter_context(alone(places))
    require_free_ports(places)
    clear_unless_kept(places)
    with _step("Building the package"):
        package = build(Target(), places.build)
    with _step("Opening the inbox"):
        sink = running.enter_context(MailSink(places.inbox_port, places.mails))
    with _step("Starting MiniStack"):
        ministack = running.enter_context(MiniStack(places))
        # Before MiniStack goes: what SES has to say of the last mails still gets through.
        running.callback(sink.stop_publishing)
    # After MiniStack, and so closed before it: no request comes in while it saves.
    front_door = running.enter_context(FrontDoor(places.port, places.aws_port))
    with _step("Making the secrets"):
        create_secrets(ministack.client("ssm"), STAGE)
    with _step("Deploying the stack"):
        outputs = deploy(ministack, places, package)
    front_door.lead_to(outputs["RestAPIId"], f"{places.base_url}/book/{SLUG}")
    notes = read_notes(places)
    notes |= {"endpoint": places.endpoint, "base_url": places.base_url, "inbox_url": places.inbox_url}
    notes |= {"table": outputs["TableName"], "topic": outputs["MailEventsTopic"]}
    if "token" in notes and not leads_somewhere(notes):
        print("The data of the last run is lost: it ended before it could save. Starting afresh.", flush=True)
        notes = {name: kept for name, kept in notes.items() if name not in _OF_THE_DATA}
    write_notes(places, notes)
    sink.publish_with(event_publisher(ministack, notes["topic"]))
    if "token" not in notes:
        with _step("Creating an organiser"):
            notes["token"] = _create_organiser()
    if "session_id" not in notes:
        with _step("Announcing the demo event"):
            notes |= seed(places.base_url, notes["token"])
    write_notes(places, notes)
    _show_the_way(notes, ministack.functions_log.path)
    if places.keep:
        print("Emails still owed from the last run follow within three minutes.\n", flush=True)
    running.push(_say_goodbye)
    while True:
        ministack.require_running()
        for error in ministack.functions_log.new_errors():
            print(error, flush=True)
        time.sleep(1)


def leads_somewhere(notes: dict[str, Any]) -> bool:
    """Return whether the demo event of the last run is still there, and its organiser may see it."""
    request = urllib.request.Request(
        f"{notes['base_url']}/admin/events/{notes.get('event_id', 'none')}",
        headers={"Authorization": f"Bearer {notes['token']}"},
    )
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as refused:
        if refused.code in {401, 403, 404}:
            return False
        raise Cannot(f"The API answered {refused.code} to the organiser of the last run.") from refused
    return True


def _create_organiser() -> str:
    made = subprocess.run(
        [sys.executable, "-m", "infra", "organiser", ORGANISER],
        cwd=ROOT,
        check=False,
        # Of stderr a demo has no use: that its token ends, and how to make a second.
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise Cannot(made.stderr.strip())
    return made.stdout.strip()


def _show_the_way(notes: dict[str, Any], log: Path) -> None:
    base_url = notes["base_url"]
    print(f"""
Turnout is running.

  the page     {base_url}/book/{SLUG}
  the inbox    {notes["inbox_url"]}
  every call   {base_url}/docs

  # Paste these five first. The calls in README and docs/ use them too.
  API={base_url}
  TOKEN={notes["token"]}
  EVENT={notes["event_id"]}
  SESSION={notes["session_id"]}
  INBOX={notes["inbox_url"]}

  # See the event, its sessions and what is left.
  curl -s $API/events/{SLUG}

  # Book two places.
  curl -s $API/events/{SLUG}/sessions/$SESSION/bookings \\
    -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\
    -d '{{"name": "Ada Okafor", "email": "ada@example.org", "places": 2, "guests": ["Sam"], "consent": true}}'

  # See who has booked.
  curl -s $API/admin/events/$EVENT/sessions/$SESSION/bookings -H "Authorization: Bearer $TOKEN"

Errors in functions are shown here. All their logs are in {log}.
Ctrl-C stops it. `KEEP=1 make run` goes on with this data. Without KEEP, the next run starts afresh.
""", flush=True)  # fmt: skip


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"{what} ...", end=" ", flush=True)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def _say_goodbye(*_: object) -> bool:
    # From here on a second Ctrl-C would only keep the state from being saved.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("\nStopping, and saving the data ...", flush=True)
    return False


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
