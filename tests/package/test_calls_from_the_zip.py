"""All that our functions do, done by the zip alone: every call of the API, every job, and AWS's bad days."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from chalice.app import Chalice, ChaliceAuthorizer

from chalicelib.domain.notices import Notice
from chalicelib.store import event_changes
from chalicelib.store.bookings import every_booking
from chalicelib.store.mail_states import states
from infra.apidoc.calls import Call
from infra.apidoc.every_call import EVERY_CALL
from tests import mail_chain
from tests.jobs.test_clock import TICK
from tests.mail_chain import Chain, calendar_of, mails, ses_event
from tests.making import invariants_hold, make_event, make_session
from tests.package.aws_on_a_socket import (
    Aws,
    Fault,
    breaks_off,
    fails,
    hangs_up,
    refuses,
    running,
    says_nothing,
)
from tests.package.isolated import Functions, functions
from tests.web.browsing import ann, book_by_json, get
from tests.web.conftest import Clock
from tests.web.example_scene import Scene, send_example

CALLS = {f"{call.method} {call.path}": call for calls in EVERY_CALL.values() for call in calls}
CLOCK = "chalicelib.jobs.clock.clock"
THROTTLED = refuses("ThrottlingException")
CONFLICT = refuses(
    "TransactionCanceledException",
    CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict", "Message": "Ongoing."}],
)
UNHEARD: dict[str, Fault] = {
    "throttled": THROTTLED,
    "fails": fails,
    "says nothing": says_nothing,
    "hangs up": hangs_up,
    "breaks off": breaks_off,
}
UNSENT: dict[str, Fault] = {
    "throttled": refuses("TooManyRequestsException", 429),
    "fails": fails,
    "hangs up": hangs_up,
}

pytestmark = pytest.mark.usefixtures("neighbours")


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with running() as aws:
        yield aws


@pytest.fixture(scope="module")
def process(unpacked: Path, aws: Aws) -> Iterator[Functions]:
    with functions(unpacked, aws.url) as process:
        yield process


@pytest.fixture(autouse=True)
def clock(process: Functions, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the zip answer whatever these tests ask our functions, at the time that this says."""
    clock = Clock()

    def api(_: Chalice, event: Any, context: Any) -> Any:
        process.now = clock.now
        return process.call("app.app", event)

    def authorizer(self: ChaliceAuthorizer, event: Any, context: Any) -> Any:
        return process.call("chalicelib.web.http.authorizer.authorizer", event)

    def job(function: str, event: Any) -> Any:
        return process.call(mail_chain.HANDLERS[function], event)

    monkeypatch.setattr(Chalice, "__call__", api)
    monkeypatch.setattr(ChaliceAuthorizer, "__call__", authorizer)
    monkeypatch.setattr(mail_chain, "call", job)
    return clock


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_call_of_the_api_is_answered_as_it_is_described(call: Call, clock: Clock) -> None:
    scene = Scene(clock)
    answer = send_example(call, scene, scene.admin)
    assert answer.status_code in {reply.status for reply in call.replies}, answer.body


def test_the_jobs_mail_what_was_booked_and_called_off_and_recount_it(table: Any, process: Functions) -> None:
    chain, event = Chain(table), make_event()
    session = make_session(event)
    assert book_by_json(event, session, ann(email="ann@bücher.example.org")).status_code == 201
    assert process.call(CLOCK, TICK) == {"watched": 1, "recounted": 1}
    chain.settle()
    (booking,) = every_booking(session.session_id)
    assert booking.address == "ann@xn--bcher-kva.example.org"
    notice = Notice(
        session_id=session.session_id,
        key=booking.key,
        booking_id=booking.booking_id,
        kind="confirmation",
        version=booking.version,
    )
    mail_chain.call("mail_feedback", ses_event("delivery", notice, booking.address))
    assert states([notice])[notice].state == "delivered"
    event_changes.save_event(msgspec.structs.replace(event, status="cancelled", version=2), 1)
    chain.settle()
    assert [calendar_of(mail)["METHOD"] for mail in mails()] == ["REQUEST", "CANCEL"]
    assert {mail["To"] for mail in mails()} == {"ann@xn--bcher-kva.example.org"}
    assert invariants_hold(session) == 0


@pytest.mark.parametrize("fault", UNHEARD.values(), ids=UNHEARD)
def test_a_read_that_goes_wrong_is_tried_again(aws: Aws, fault: Fault) -> None:
    event = make_event()
    with aws.misbehaving("dynamodb.GetItem", fault):
        assert get(f"/events/{event.slug}").status_code == 200


@pytest.mark.parametrize("fault", [CONFLICT, *UNHEARD.values()], ids=["conflict", *UNHEARD])
def test_a_booking_that_meets_others_or_hears_nothing_is_tried_again_and_made_once(
    aws: Aws, fault: Fault
) -> None:
    event = make_event()
    session = make_session(event)
    with aws.misbehaving("dynamodb.TransactWriteItems", fault):
        assert book_by_json(event, session, ann()).status_code == 201
    assert invariants_hold(session) == 2


def test_secrets_are_asked_for_again(aws: Aws) -> None:
    event = make_event()
    session = make_session(event)
    with aws.misbehaving("ssm.GetParameter", THROTTLED, hangs_up):
        assert book_by_json(event, session, ann()).status_code == 201


@pytest.mark.parametrize("fault", UNSENT.values(), ids=UNSENT)
def test_a_mail_that_ses_does_not_take_goes_later(table: Any, aws: Aws, fault: Fault) -> None:
    chain, event = Chain(table), make_event()
    assert book_by_json(event, make_session(event), ann()).status_code == 201
    with aws.misbehaving("ses.", fault):
        chain.settle()
    assert len(mails()) == 1


def test_notices_that_the_queue_does_not_take_stay_with_the_stream(table: Any, aws: Aws) -> None:
    chain, event = Chain(table), make_event()
    assert book_by_json(event, make_session(event), ann()).status_code == 201
    changes = chain.changes()
    with aws.misbehaving("sqs.SendMessageBatch", *[fails] * 3):
        assert mail_chain.call("booking_stream", changes)["batchItemFailures"]
    assert mail_chain.call("booking_stream", changes) == {"batchItemFailures": []}
    assert len(chain.waiting()) == 1
