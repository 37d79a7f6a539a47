"""The sink that stands in for SES, asked as the mailer asks SES."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from infra.local.mail_sink import MailSink


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A sink, what it published, and a client for it."""

    def __init__(self, sink: MailSink, port: int) -> None:
        self.sink = sink
        self.url = f"http://127.0.0.1:{port}"
        self.published: list[dict[str, Any]] = []
        sink.publish_with(lambda event: self.published.append(json.loads(event)))
        self._ses = boto3.client(
            "sesv2",
            endpoint_url=self.url,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def send(self, message: EmailMessage) -> str:
        """Send it as the mailer does; return the message id."""
        answer = self._ses.send_email(
            FromEmailAddress="bookings@example.org",
            Destination={"ToAddresses": ["ada@example.org"]},
            Content={"Raw": {"Data": message.as_bytes()}},
            ConfigurationSetName="turnout",
            EmailTags=[{"Name": "booking_id", "Value": "b1"}],
        )
        return str(answer["MessageId"])

    def get(self, path: str) -> tuple[dict[str, str], str]:
        with urllib.request.urlopen(self.url + path, timeout=5) as reply:
            return {name.lower(): value for name, value in reply.headers.items()}, reply.read().decode()

    def settle(self) -> list[str]:
        """Return the kinds of all events that were published."""
        self.sink.stop_publishing()
        return [event["eventType"] for event in self.published]


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Running]:
    port = free_port()
    with MailSink(port, tmp_path) as running:
        yield Running(running, port)


def message(html: str = "<p>Hello</p>") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Turnout <bookings@example.org>"
    made["To"] = "ada@example.org"
    made["Subject"] = "Your <places>"
    made.set_content("Hello")
    made.add_alternative(html, subtype="html")
    return made


def test_a_mail_is_kept_byte_for_byte_and_listed(sink: Running) -> None:
    sent = message()
    mail_id = sink.send(sent)
    assert sink.sink.inbox.raw(mail_id) == sent.as_bytes()
    (listed,) = json.loads(sink.get("/mails.json")[1])
    assert (listed["to"], listed["subject"], listed["tags"]) == (
        "ada@example.org",
        "Your <places>",
        {"booking_id": "b1"},
    )


def test_the_newest_mail_is_listed_first(sink: Running) -> None:
    first = sink.send(message())
    second = sink.send(message())
    assert {first, second} == {mail.id for mail in sink.sink.inbox.mails()}
    received = [mail.id.partition("-")[0] for mail in sink.sink.inbox.mails()]
    assert received == sorted(received, reverse=True)


@pytest.mark.parametrize(
    ("answer", "events"),
    [
        ("taken", ["Send", "Delivery"]),
        ("bounced", ["Send", "Bounce"]),
        ("complained", ["Send", "Delivery", "Complaint"]),
    ],
)
def test_what_became_of_a_mail_is_published_with_its_tags(
    sink: Running, answer: str, events: list[str]
) -> None:
    sink.sink.answers.append(answer)
    mail_id = sink.send(message())
    assert sink.settle() == events
    about = sink.published[-1]["mail"]
    assert (about["messageId"], about["tags"]["booking_id"]) == (mail_id, ["b1"])
    assert about["destination"] == ["ada@example.org"]


@pytest.mark.parametrize(
    ("answer", "code"), [("throttled", "TooManyRequestsException"), ("refused", "MessageRejected")]
)
def test_a_mail_that_is_refused_is_neither_kept_nor_spoken_of(sink: Running, answer: str, code: str) -> None:
    sink.sink.answers.append(answer)
    with pytest.raises(ClientError) as refused:
        sink.send(message())
    assert refused.value.response["Error"]["Code"] == code
    assert sink.sink.inbox.mails() == []
    assert sink.settle() == []


def test_an_answer_that_gets_lost_leaves_the_mail_taken(sink: Running) -> None:
    sink.sink.answers.append("lost")
    with pytest.raises(ConnectionClosedError):
        sink.send(message())
    assert len(sink.sink.inbox.mails()) == 1
    assert sink.settle() == ["Send", "Delivery"]


def test_answers_are_set_over_http_and_used_up_one_by_one(sink: Running) -> None:
    request = urllib.request.Request(sink.url + "/answers", b'["throttled"]', method="POST")
    urllib.request.urlopen(request, timeout=5).close()
    with pytest.raises(ClientError):
        sink.send(message())
    assert sink.send(message())


def test_an_answer_that_there_is_not_is_refused(sink: Running) -> None:
    request = urllib.request.Request(sink.url + "/answers", b'["whatever"]', method="POST")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request, timeout=5)


def test_the_inbox_shows_what_was_written_as_text(sink: Running) -> None:
    mail_id = sink.send(message())
    for path in ("/", f"/mails/{mail_id}"):
        page = sink.get(path)[1]
        assert "Your &lt;places&gt;" in page
        assert "<places>" not in page


def test_a_mails_html_runs_no_scripts_and_reaches_nothing(sink: Running) -> None:
    mail_id = sink.send(message("<script>alert(1)</script>"))
    headers, _ = sink.get(f"/mails/{mail_id}/html")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert 'sandbox="allow-popups' in sink.get(f"/mails/{mail_id}")[1]


def test_an_attachment_is_never_served_as_a_page(sink: Running) -> None:
    mail_id = sink.send(message("<script>alert(1)</script>"))
    for number in range(len(sink.sink.inbox.parts(mail_id))):
        headers, _ = sink.get(f"/mails/{mail_id}/parts/{number}")
        assert headers["content-type"] == "application/octet-stream"
        assert headers["x-content-type-options"] == "nosniff"
