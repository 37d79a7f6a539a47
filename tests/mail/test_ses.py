import base64
import json
import socket
import struct
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as Signal
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.backends import get_backend

from chalicelib.mail import ses
from chalicelib.mail.render import RenderedMail, render
from chalicelib.mail.ses import Ambiguous, RefusedForGood, Throttled
from tests.mail.samples import BOOKING_ID, facts

TAGS = {"booking_id": BOOKING_ID, "kind": "confirmation", "version": "1"}


@pytest.fixture
def mail() -> RenderedMail:
    return render("confirmation", facts("confirmation"))


@pytest.fixture(autouse=True)
def _a_client_of_its_own_for_each_test() -> Iterator[None]:
    ses._client.cache_clear()
    yield
    ses._client.cache_clear()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing of the connections that a test breaks on purpose."""


class Endpoint:
    """An SES endpoint of ours on a real socket: it answers as told, and keeps every request."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = respond(200, {"MessageId": "0100-id"})
        self.over = Signal()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.requests.append(json.loads(body))
                endpoint.answer(self)

            def log_message(self, *_: Any) -> None:
                """Tests print nothing."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    made = Endpoint()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", made.url)
    yield made
    made.close()


def respond(status: int, body: Any, error: str = "") -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer as SES v2 does: JSON, and an error's kind in a header."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(payload)))
        if error:
            handler.send_header("x-amzn-ErrorType", error)
        handler.end_headers()
        handler.wfile.write(payload)

    return answer


def reset(handler: BaseHTTPRequestHandler) -> None:
    # Lingering for no time makes the kernel send RST instead of FIN.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.rfile.close()
    handler.wfile.close()
    handler.connection.close()


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def stop_half_way(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"MessageId": "01')
    handler.close_connection = True


def send(mail: RenderedMail) -> str:
    return ses.send(mail, configuration_set="turnout-test", tags=TAGS)


def test_ses_is_given_the_mail_as_rendered_with_its_recipient_tags_and_configuration_set(
    endpoint: Endpoint, mail: RenderedMail
) -> None:

    assert send(mail) == "0100-id"
    (request,) = endpoint.requests
    assert base64.b64decode(request["Content"]["Raw"]["Data"]) == mail.raw
    assert request["Destination"] == {"ToAddresses": ["ann@example.com"]}
    assert request["FromEmailAddress"] == '"Curry Night" <bookings@example.org>'
    assert request["ConfigurationSetName"] == "turnout-test"
    assert request["EmailTags"] == [
        {"Name": "booking_id", "Value": BOOKING_ID},
        {"Name": "kind", "Value": "confirmation"},
        {"Name": "version", "Value": "1"},
    ]


def test_moto_keeps_the_raw_mail_and_gives_an_id(mail: RenderedMail) -> None:
    with mock_aws():
        client = boto3.client("sesv2")
        client.create_email_identity(EmailIdentity="bookings@example.org")
        message_id = send(mail)
        (kept,) = get_backend("ses")["123456789012"]["us-east-1"].sent_messages
    assert kept.id == message_id
    assert kept.raw_data.encode() == mail.raw


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (429, "TooManyRequestsException", "Maximum sending rate exceeded."),
        (429, "TooManyRequestsException", "Daily message quota exceeded."),
        (400, "LimitExceededException", "Daily sending quota exceeded."),
        (400, "ThrottlingException", "Rate exceeded"),
        (400, "SendingPausedException", "Email sending is disabled for this account."),
    ],
)
def test_too_much_or_too_fast_is_throttled_and_tried_once(
    endpoint: Endpoint, mail: RenderedMail, status: int, error: str, message: str
) -> None:
    endpoint.answer = respond(status, {"message": message}, error)
    with pytest.raises(Throttled) as caught:
        send(mail)
    assert caught.value.reason == error
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("error", "message", "reason"),
    [
        ("MessageRejected", "Email contains a virus", "message_rejected"),
        (
            "BadRequestException",
            "Local address contains control or whitespace: ann@example.com",
            "bad_request",
        ),
        (
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region US-EAST-1: "
            "ann@example.com",
            "recipient_not_verified",
        ),
    ],
)
def test_a_mail_that_ses_will_never_take_is_refused_for_good_with_a_reason_that_names_nobody(
    endpoint: Endpoint, mail: RenderedMail, error: str, message: str, reason: str
) -> None:
    endpoint.answer = respond(400, {"message": message}, error)
    with pytest.raises(RefusedForGood) as caught:
        send(mail)
    assert caught.value.reason == str(caught.value) == reason
    # A trace prints an error's cause too, and SES's own words hold the address.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (404, "NotFoundException", "Configuration set <turnout-test> does not exist."),
        (400, "BadRequestException", "Configuration set <turnout-test> does not exist."),
        (400, "MailFromDomainNotVerifiedException", "Mail from domain is not verified."),
        (400, "AccountSuspendedException", "The account is suspended."),
        (403, "AccessDeniedException", "User is not authorized to perform: ses:SendEmail"),
        (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
        (
            400,
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region US-EAST-1: "
            "bookings@example.org, ann@example.com",
        ),
    ],
)
def test_a_fault_of_the_deployment_is_no_verdict_on_this_mail_and_crashes(
    endpoint: Endpoint, mail: RenderedMail, status: int, error: str, message: str
) -> None:
    endpoint.answer = respond(status, {"message": message}, error)
    with pytest.raises(ClientError):
        send(mail)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (respond(500, {"message": "x"}, "InternalServiceErrorException"), "status_500"),
        (respond(503, b"<html>Service Unavailable</html>"), "status_503"),
        (respond(200, b"<html>"), "broken_answer"),
        (reset, "no_answer"),
        (hang_up, "no_answer"),
        (stop_half_way, "broken_answer"),
    ],
)
def test_an_answer_that_is_lost_or_broken_is_ambiguous_and_the_mail_is_not_sent_again(
    endpoint: Endpoint,
    mail: RenderedMail,
    answer: Callable[[BaseHTTPRequestHandler], None],
    reason: str,
) -> None:
    endpoint.answer = answer
    with pytest.raises(Ambiguous) as caught:
        send(mail)
    assert caught.value.reason == reason
    assert len(endpoint.requests) == 1


def test_an_answer_that_does_not_come_in_time_is_ambiguous_and_the_mail_is_not_sent_again(
    endpoint: Endpoint, mail: RenderedMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ses, "READ_TIMEOUT_SECONDS", 0.2)

    def say_nothing(_: BaseHTTPRequestHandler) -> None:
        endpoint.over.wait()

    endpoint.answer = say_nothing
    with pytest.raises(Ambiguous, match="no_answer"):
        send(mail)
    assert len(endpoint.requests) == 1


def test_where_nobody_listens_nothing_was_sent_and_it_can_go_later(
    mail: RenderedMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Throttled, match="unreachable"):
            send(mail)


def test_a_broken_tls_record_is_ambiguous(
    endpoint: Endpoint, mail: RenderedMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", endpoint.url.replace("http:", "https:"))
    with pytest.raises(Ambiguous, match="tls"):
        send(mail)


@pytest.mark.parametrize("tag", ["ann@example.com", "a b", "", "é", "x" * 257])
def test_a_tag_that_ses_would_refuse_never_leaves(endpoint: Endpoint, mail: RenderedMail, tag: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        ses.send(mail, configuration_set="turnout-test", tags={"booking_id": tag})
    assert endpoint.requests == []


def test_a_process_has_one_client(endpoint: Endpoint, mail: RenderedMail) -> None:
    send(mail)
    send(mail)
    assert ses._client.cache_info().misses == 1


def test_a_lease_of_90_seconds_outlasts_a_mailer_of_30_and_the_wait_for_an_answer() -> None:
    assert 30 + ses.CONNECT_TIMEOUT_SECONDS + ses.READ_TIMEOUT_SECONDS < 90
