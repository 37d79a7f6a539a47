"""The whole system as `make run` starts it, on ports and in a directory of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
from msgspec import Struct

from infra.local.inbox import Inbox, Mail
from infra.local.places import REGION
from infra.vendor import ROOT
from tests import described, privacy
from tests.e2e.overheard import hear_functions, hear_people

START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 240

TICK = (
    b'{"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1", '
    b'"time": "2027-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail": {}}'
)
"""What EventBridge sends each minute."""

Found = TypeVar("Found")


class Reply(Struct, frozen=True):
    """What came back over HTTP; no redirect is followed."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body, as text."""
        return self.body.decode()


class Stack:
    """A running stack, and what a test does to it from outside."""

    def __init__(self, build: Path, *, proxied: bool = False) -> None:
        """``proxied``: the functions are to find the table and the queues at ``ports["STORE_PORT"]``."""
        self.build = build
        names = ["PORT", "INBOX_PORT", "AWS_PORT", *(["STORE_PORT"] if proxied else [])]
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.said: list[str] = []

    def start(self, *, keep: bool = False) -> None:
        """Start it and wait until it says that it runs."""
        variables = {**_inherited(), **self.ports, "TURNOUT_BUILD": str(self.build), "PYTHONUNBUFFERED": "1"}
        if keep:
            variables["KEEP"] = "1"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=ROOT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = []
        running = threading.Event()
        threading.Thread(target=self._listen, args=(running,), daemon=True).start()
        if not running.wait(START_SECONDS_MAX) or not any(map(_is_up, self.said)):
            self._process.kill()
            raise AssertionError("the stack did not start:\n" + "\n".join(self.said))
        self.process_id = self._process.pid
        self.notes = json.loads((self.build / "local" / "stack.json").read_text())
        privacy.remember(self.notes["token"])

    def stop(self) -> None:
        """Stop it as Ctrl-C does. What it logged is listened to: nothing personal may be in it."""
        hear_people(self.client("dynamodb"), self.notes["table"], self.inbox)
        hear_functions(self.client("logs"))
        self.stop_unheard()
        # The next start begins a new file.
        for log in ("ministack.log", "functions.log"):
            privacy.lines += (self.build / log).read_text(errors="replace").splitlines()

    def stop_unheard(self, seconds: float = STOP_SECONDS_MAX) -> None:
        """Stop it as Ctrl-C does, for those who aren't interested in what it logged."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(seconds) == 0, "\n".join(self.said)

    def request(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request; ``path`` is below the base URL, or a whole URL."""
        privacy.remember_request(body)
        url = urlsplit(path if path.startswith("http") else self.notes["base_url"] + path)
        connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=60)
        try:
            target = url.path + (f"?{url.query}" if url.query else "")
            connection.request(method, target, body, headers or {})
            reply = connection.getresponse()
            answer = Reply(reply.status, {n.lower(): v for n, v in reply.getheaders()}, reply.read())
            if url.port == urlsplit(self.notes["base_url"]).port:
                stage = urlsplit(self.notes["base_url"]).path
                described.check(
                    method, target.removeprefix(stage), answer.status, answer.headers, answer.body
                )
            return answer
        finally:
            connection.close()

    def post_json(self, path: str, body: object, **headers: str) -> Reply:
        """Post JSON; ``idempotency_key="x"`` becomes the header Idempotency-Key."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **named})

    def organiser(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Call an admin endpoint with the demo organiser's token, changing whatever version is there."""
        sent = None if body is None else json.dumps(body)
        ours = {"Authorization": f"Bearer {self.notes['token']}", "Content-Type": "application/json"}
        return self.request(method, path, sent, {**ours, "If-Match": "*", **(headers or {})})

    def new_session(self, *, capacity: int = 30, event: str | None = None, **changes: str) -> str:
        """Announce one more session of the demo event, so that tests don't share any; return its id.

        ``event`` is the path of another one; ``changes`` are to what is sent.
        """
        path = event or f"/admin/events/{self.notes['event_id']}"
        session = {
            "title": "Social Care Curry in Ludlow",
            "venue": "The Buttercross Tandoori",
            "address": "2 Broad Street, Ludlow SY8 1NG",
            "zone": "Europe/London",
            "starts_local": "2027-09-05T19:00:00",
            "ends_local": "2027-09-05T22:00:00",
            "capacity": capacity,
            **changes,
        }
        reply = self.organiser("POST", f"{path}/sessions", session)
        assert reply.status == 201, reply.text
        made: str = reply.json["session_id"]
        return made

    def client(self, service: str) -> Any:
        """Return a client for what plays AWS, with leave to do everything."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want one literal name
            endpoint_url=self.notes["endpoint"],
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def answer_mails_with(self, *answers: str) -> None:
        """Make the sink answer the next mails like this, one each."""
        reply = self.request("POST", f"{self.notes['inbox_url']}/answers", json.dumps(answers))
        assert reply.status == 200, reply.text

    @property
    def inbox(self) -> Inbox:
        """The mails that were sent."""
        return Inbox(self.build / "mails")

    def mails_to(self, address: str) -> list[Mail]:
        """Return the mails to this address, the newest first."""
        return [mail for mail in self.inbox.mails() if mail.to == address]

    def wait_for_mail(self, address: str, kind: str, seconds: float = 60) -> str:
        """Wait for the mail of this kind to this address; return its text."""

        def text() -> str | None:
            found = [mail for mail in self.mails_to(address) if mail.tags["kind"] == kind]
            if not found:
                return None
            parts = self.inbox.parts(found[0].id)
            return next(part.content.decode() for part in parts if part.content_type == "text/plain")

        return eventually(text, f"a {kind} to {address}", seconds)

    def ledger(self, booking_id: str, notice: str) -> str | None:
        """Return the state of a notice in the ledger."""
        found = self.client("dynamodb").get_item(
            TableName=self.notes["table"],
            Key={"PK": {"S": f"NOTICE#{booking_id}"}, "SK": {"S": notice}},
            ConsistentRead=True,
        )
        state: str | None = found.get("Item", {}).get("state", {}).get("S")
        return state

    def function(self, logical_id: str) -> str:
        """Return the name of a deployed function."""
        listed = self.client("lambda").list_functions()["Functions"]
        (name,) = [f["FunctionName"] for f in listed if f"-{logical_id}-" in f["FunctionName"]]
        return str(name)

    def empty_mail_queue(self) -> None:
        """Leave no message of other tests: the recount looks for lost emails when the queue holds none."""
        sqs = self.client("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            if "-MailQueue-" in url:
                sqs.purge_queue(QueueUrl=url)

    def tick(self) -> None:
        """Let a minute's tick of the clock come now."""
        self.client("lambda").invoke(FunctionName=self.function("Clock"), Payload=TICK)

    def _listen(self, running: threading.Event) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.rstrip())
            if _is_up(line):
                running.set()
        running.set()


def eventually(look: Callable[[], Found | None], what: str, seconds: float = 60) -> Found:
    """Look until there is something and return it; fail if there is nothing by then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"no {what} within {seconds} s")


def _is_up(line: str) -> bool:
    return line.startswith("Ctrl-C stops it")


def _inherited() -> dict[str, str]:
    # Not what the other tests set for themselves: TURNOUT_... and AWS_... are the stack's own to say.
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TURNOUT_", "AWS_", "KEEP", "PYTEST"))
    }


def free_ports(count: int) -> list[str]:
    """Return ports that nothing listens on, as variables hold them."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [str(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
