"""What SES would do: takes mails, writes them down, and publishes what became of them.

It speaks as much of the SESv2 API as the mailer uses (SendEmail with Raw content, GetAccount), and has a
web inbox. What it answers next can be set, one entry for each mail to come: POST /answers ["throttled", ...]

| answer     | the mail is taken | SES's answer                 | what became of it  |
|------------|-------------------|------------------------------|--------------------|
| taken      | yes               | its message id               | delivered          |
| bounced    | yes               | its message id               | bounced for good   |
| complained | yes               | its message id               | delivered, then complained of |
| lost       | yes               | none, the connection closes  | delivered          |
| timeout    | no                | none within 20 s             |                    |
| throttled  | no                | TooManyRequestsException     |                    |
| refused    | no                | MessageRejected              |                    |
"""

import base64
import json
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from infra.local.inbox import MAIL_SECURITY_POLICY, Inbox, html_body, list_page, mail_page
from infra.local.ses_events import Fate, events_for

ANSWERS = ("taken", "bounced", "complained", "lost", "timeout", "throttled", "refused")
TIMEOUT_SECONDS = 20
"""Longer than any mailer waits for SES."""

Publish = Callable[[str], None]
"""Publishes one event, as JSON, to the topic of the configuration set."""


class MailSink:
    """The server, in threads of this process."""

    def __init__(self, port: int, directory: Path) -> None:
        self.inbox = Inbox(directory)
        self.answers: deque[str] = deque()
        self._events: queue.Queue[str | None] = queue.Queue()
        self._publisher: threading.Thread | None = None
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.sink = self

    def __enter__(self) -> "MailSink":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_publishing()
        self._server.shutdown()
        self._server.server_close()

    def publish_with(self, publish: Publish) -> None:
        """Begin to publish events; those of mails taken before wait until now."""
        self._publisher = threading.Thread(target=self._publish, args=(publish,), daemon=True)
        self._publisher.start()

    def stop_publishing(self) -> None:
        """Publish what is waiting, and then no more. What takes the events has to run still."""
        if self._publisher is not None:
            self._events.put(None)
            self._publisher.join(timeout=10)
            self._publisher = None

    def take(self, request: dict[str, Any], fate: Fate) -> str:
        """Keep the mail of a SendEmail request and return the id that SES would give it."""
        received = datetime.now(UTC)
        mail_id = f"{int(received.timestamp() * 1000):014d}-{secrets.token_hex(6)}"
        raw = base64.b64decode(request["Content"]["Raw"]["Data"])
        tags = {tag["Name"]: tag["Value"] for tag in request.get("EmailTags", ())}
        self.inbox.keep(mail_id, raw, tags, received)
        mail = self.inbox.mail(mail_id)
        assert mail is not None
        recipients = request.get("Destination", {}).get("ToAddresses") or [mail.to]
        for event in events_for(mail, fate, request.get("ConfigurationSetName", ""), recipients):
            self._events.put(json.dumps(event))
        return mail_id

    def _publish(self, publish: Publish) -> None:
        while (event := self._events.get()) is not None:
            try:
                publish(event)
            except Exception as error:  # noqa: BLE001  # a tool's thread: say so, and go on with the next
                print(f"An SES event could not be published: {error}", flush=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    sink: MailSink


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def sink(self) -> MailSink:
        return cast(_Server, self.server).sink

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/").split("/")
        if path == [""]:
            self._reply_html(list_page(self.sink.inbox))
        elif path == ["mails.json"]:
            mails = [
                {n: getattr(mail, n) for n in mail.__struct_fields__} for mail in self.sink.inbox.mails()
            ]
            self._reply_json(200, mails)
        elif path == ["v2", "email", "account"]:
            quota = {"Max24HourSend": 50000.0, "MaxSendRate": 50.0, "SentLast24Hours": 0.0}
            self._reply_json(200, {"SendQuota": quota, "SendingEnabled": True})
        elif path[0] == "mails" and len(path) > 1:
            self._reply_mail(path[1], path[2:])
        else:
            self._reply_json(404, {"message": "There is nothing here."})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if self.path == "/v2/email/outbound-emails":
            self._send_email(body)
        elif self.path == "/answers" and isinstance(body, list) and set(body) <= set(ANSWERS):
            self.sink.answers.clear()
            self.sink.answers.extend(body)
            self._reply_json(200, {"answers": body})
        else:
            self._reply_json(400, {"message": f"POST /answers takes a list of {', '.join(ANSWERS)}."})

    def _send_email(self, request: dict[str, Any]) -> None:
        answer = self.sink.answers.popleft() if self.sink.answers else "taken"
        if answer == "throttled":
            self._reply_error(429, "TooManyRequestsException", "Maximum sending rate exceeded.")
        elif answer == "refused":
            self._reply_error(400, "MessageRejected", "Email content is not accepted.")
        elif answer == "timeout":
            time.sleep(TIMEOUT_SECONDS)
            self.close_connection = True
        else:
            fate: Fate = "delivered" if answer in {"taken", "lost"} else cast(Fate, answer)
            mail_id = self.sink.take(request, fate)
            if answer == "lost":
                self.close_connection = True
            else:
                self._reply_json(200, {"MessageId": mail_id})

    def _reply_mail(self, mail_id: str, rest: list[str]) -> None:
        inbox = self.sink.inbox
        mail = inbox.mail(mail_id)
        if mail is None:
            self._reply_json(404, {"message": "There is no such email."})
        elif not rest:
            self._reply_html(mail_page(inbox, mail))
        elif rest == ["html"]:
            self._reply_html(html_body(inbox, mail), security_policy=MAIL_SECURITY_POLICY)
        elif rest == ["raw"]:
            self._reply(200, "message/rfc822", inbox.raw(mail_id))
        elif rest[0] == "parts" and rest[-1].isdigit() and int(rest[-1]) < len(inbox.parts(mail_id)):
            # Never as what it says it is: an attachment must not run as a page of ours.
            self._reply(200, "application/octet-stream", inbox.parts(mail_id)[int(rest[-1])].content)
        else:
            self._reply_json(404, {"message": "There is no such part."})

    def _reply_error(self, status: int, kind: str, message: str) -> None:
        self._reply(status, "application/json", json.dumps({"message": message}).encode(), error=kind)

    def _reply_json(self, status: int, body: Any) -> None:
        self._reply(status, "application/json", json.dumps(body).encode())

    def _reply_html(self, page: str, security_policy: str | None = None) -> None:
        self._reply(200, "text/html; charset=utf-8", page.encode(), security_policy=security_policy)

    def _reply(
        self, status: int, kind: str, body: bytes, *, error: str = "", security_policy: str | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if error:
            self.send_header("x-amzn-ErrorType", error)
        if security_policy:
            self.send_header("Content-Security-Policy", security_policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's own name
        """Say nothing: the terminal is for the steps."""
