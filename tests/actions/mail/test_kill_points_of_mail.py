"""The process dies before and after every request, and what is left over goes on as the queues would.

No mail may be lost. Two copies may go out only where SES took the first and we died before writing that
down, with no SEND event to tell us; and that is counted.
"""

from typing import Any

import msgspec
import pytest

from chalicelib.actions.mail import send_notice
from chalicelib.domain.booking import Booking
from chalicelib.domain.ids import reference
from chalicelib.domain.notices import notice_owed, notices_of_session
from chalicelib.domain.session import Session
from chalicelib.jobs import mailer
from chalicelib.store import capacity
from chalicelib.store.directory import places_with_reference
from chalicelib.store.mail_states import states
from chalicelib.store.messages import send_notices
from chalicelib.store.partitions import BOOKING_PARTITIONS
from tests.actions.as_routes import change_session
from tests.actions.callers import NOW, owner_of
from tests.mail_chain import Chain, call, mails, mails_to, metrics, ses_event
from tests.mail_faults import dying, every_death, ses_that
from tests.making import booking_for, make_session

pytestmark = pytest.mark.usefixtures("neighbours")

WRITES_BEFORE_SES = len(["take_lease", "count_for_recipient", "count_for_source", "begin_send"])


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


@pytest.fixture
def session(table: Any) -> Session:
    return make_session(capacity=200)


def book(session: Session, person: str, *, shown: int | None = None) -> Booking:
    booking = msgspec.structs.replace(booking_for(session, person), source=f"source-{person}", shown=shown)
    return capacity.take(session, booking)


def ledger(booking: Booking) -> str:
    notice = notice_owed(booking)
    return states([notice])[notice].state


def test_dying_anywhere_while_queueing_and_listing_loses_no_notice_and_no_entry(
    chain: Chain, session: Session
) -> None:
    for request, applied in every_death():
        bookings = [book(session, f"p{number}-{request}-{int(applied)}") for number in range(12)]
        event = chain.changes()
        with dying(request, applied=applied) as process:
            call("booking_stream", event)
        if process.died:
            assert call("booking_stream", event) == {"batchItemFailures": []}
        queued = {message["booking_id"] for message in chain.waiting()}
        assert {booking.booking_id for booking in bookings} <= queued
        for booking in bookings:
            found = places_with_reference(session.event_id, reference(booking.booking_id))
            assert found == [(session.session_id, booking.key)]
        if not process.died:
            break
    queueing = ["SendMessageBatch", "SendMessageBatch", "UpdateItem"]
    assert process.done == [*queueing, "BatchWriteItem", "BatchWriteItem"], "notices, mark and entries"


def test_dying_anywhere_while_queueing_the_pages_of_a_change_loses_none_of_them(
    chain: Chain, session: Session
) -> None:
    for request, applied in every_death():
        chain.changes()
        venue = {"venue": f"Pot {request} {applied}"}
        moved = change_session(
            owner_of(session), session.event_id, session.session_id, venue, now=NOW, expected_version=None
        )
        event = chain.changes()
        with dying(request, applied=applied) as process:
            call("booking_stream", event)
        if process.died:
            assert call("booking_stream", event) == {"batchItemFailures": []}
        queued = chain.waiting("fan-out")
        assert set(BOOKING_PARTITIONS) == {
            page["partition"] for page in queued if page["sequence"] == moved.sequence
        }
        if not process.died:
            break
    # Their session is marked in another, and its deadlines are stored.
    assert process.done.count("SendMessageBatch") == 2, "sixteen pages are two requests"


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after a wait"])
def test_dying_anywhere_in_the_mailer_loses_no_mail_and_counts_every_second_copy(
    chain: Chain,
    session: Session,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    waits: bool,
) -> None:
    monkeypatch.setattr(mailer._pace, "wait", lambda: waits)
    monkeypatch.setattr(mailer, "_FRESH_SECONDS", 1000.0)
    second_copies = 0
    for request, applied in every_death():
        booking = book(session, f"p-{request}-{int(applied)}")
        chain.run_stream()
        with dying(request, applied=applied) as process:
            chain.deliver()
        if not process.died:
            break
        begun = process.done.count("UpdateItem") >= WRITES_BEFORE_SES
        recorded = process.done.count("UpdateItem") > WRITES_BEFORE_SES
        capsys.readouterr()
        chain.time_passes()
        chain.settle()
        where = (request, applied, process.done)
        taken_by_ses = "SendEmail" in process.done
        assert mails_to(booking.address) == (2 if taken_by_ses and not recorded else 1), where
        counted = metrics(capsys.readouterr().out).get("MailSentAgain", 0)
        # Between the last write before SES and the first after it, nobody can know: that is what is counted.
        assert counted == (1 if begun and not recorded else 0), where
        assert ledger(booking) == "sent", where
        second_copies += mails_to(booking.address) - 1
    # SES took it, and we died before the record left: with its answer or without it.
    assert second_copies == 1
    assert process.done.count("BatchGetItem") == (2 if waits else 1)


def test_dying_anywhere_in_the_mailer_loses_no_change_and_counts_every_second_copy(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    # Changes aren't counted for their recipients, so that is one write less.
    writes_before_ses = len(["take_lease", "begin_send"])
    second_copies = 0
    moved = change_session(
        owner_of(session),
        session.event_id,
        session.session_id,
        {"venue": "A"},
        now=NOW,
        expected_version=None,
    )
    for request, applied in every_death():
        booking = book(moved, f"p-{request}-{int(applied)}")
        chain.changes()
        (notice,) = notices_of_session(booking, moved)
        send_notices([notice])
        with dying(request, applied=applied) as process:
            chain.deliver()
        if not process.died:
            break
        begun = process.done.count("UpdateItem") >= writes_before_ses
        recorded = process.done.count("UpdateItem") > writes_before_ses
        capsys.readouterr()
        chain.time_passes()
        chain.settle()
        where = (request, applied, process.done)
        taken_by_ses = "SendEmail" in process.done
        assert mails_to(booking.address) == (2 if taken_by_ses and not recorded else 1), where
        counted = metrics(capsys.readouterr().out).get("MailSentAgain", 0)
        assert counted == (1 if begun and not recorded else 0), where
        assert states([notice])[notice].state == "sent", where
        second_copies += mails_to(booking.address) - 1
    assert second_copies == 1


def test_dying_anywhere_over_a_change_that_says_nothing_new_sends_none(
    chain: Chain, session: Session
) -> None:
    change = {"venue": "A"}, {"venue": session.venue}
    for request, applied in every_death():
        booking = book(session, f"p-{request}-{int(applied)}", shown=session.sequence)
        chain.run_stream()
        chain.deliver()
        for patch in change:
            session = change_session(
                owner_of(session), session.event_id, session.session_id, patch, now=NOW, expected_version=None
            )
        chain.changes()
        (notice,) = notices_of_session(booking, session)
        send_notices([notice])
        with dying(request, applied=applied) as process:
            chain.deliver()
        chain.time_passes()
        chain.settle()
        assert mails_to(booking.address) == 1, (request, applied, process.done)
        line = states([notice])[notice]
        assert (line.state, line.reason) == ("overtaken", "already_told")
        if not process.died:
            break
    assert request >= len(["take_lease", "facts", "what was told", "settle"])


def test_who_may_have_got_two_versions_of_an_email_is_told_of_a_change_whichever_they_read_last(
    chain: Chain, session: Session
) -> None:
    booking = book(session, "ann")
    chain.run_stream()
    with ses_that("loses answers"):
        chain.deliver()
    for patch in ({"venue": "A"}, {"venue": session.venue}):
        moved = change_session(
            owner_of(session), session.event_id, session.session_id, patch, now=NOW, expected_version=None
        )
        chain.time_passes()
        if patch == {"venue": "A"}:
            # Its second try says A, and nobody hears whether it went out.
            with ses_that("loses answers"):
                chain.deliver()
    call("mail_feedback", ses_event("send", notice_owed(booking), booking.address))
    send_notices(notices_of_session(booking, moved))
    chain.time_passes()
    chain.deliver()
    assert mails_to(booking.address) == 3
    assert str(mails()[-1]["Subject"]).startswith("New place")


def test_with_ses_receipts_dying_anywhere_in_the_mailer_sends_exactly_one_copy(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    for request, applied in every_death():
        booking = book(session, f"p-{request}-{int(applied)}")
        chain.run_stream()
        with dying(request, applied=applied) as process:
            chain.deliver()
        if not process.died:
            break
        if "SendEmail" in process.done:
            call("mail_feedback", ses_event("send", notice_owed(booking), booking.address))
        chain.time_passes()
        chain.settle()
        assert mails_to(booking.address) == 1, (request, applied, process.done)
        assert ledger(booking) == "sent"


def test_dying_anywhere_while_ses_has_no_room_loses_no_mail_and_sends_no_second_copy(
    chain: Chain, session: Session
) -> None:
    for request, applied in every_death():
        booking = book(session, f"p-{request}-{int(applied)}")
        chain.run_stream()
        with ses_that("throttles"), dying(request, applied=applied) as process:
            chain.deliver()
        assert chain.waiting(), "whatever happened, a message is left"
        chain.time_passes()
        chain.settle()
        assert mails_to(booking.address) == 1, (request, applied, process.done)
        assert ledger(booking) == "sent"
        if not process.died:
            break


@pytest.mark.parametrize("limit", ["count_for_recipient", "count_for_source"])
def test_dying_anywhere_while_a_limit_is_reached_loses_no_mail_and_sends_no_second_copy(
    chain: Chain,
    session: Session,
    limit: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for request, applied in every_death():
        booking = book(session, f"p-{request}-{int(applied)}")
        chain.run_stream()
        with monkeypatch.context() as full:
            full.setattr(send_notice, limit, lambda *_, **__: False)
            with dying(request, applied=applied) as process:
                chain.deliver()
        assert chain.waiting(), "whatever happened, a message is left"
        chain.time_passes()
        chain.settle()
        assert mails_to(booking.address) == 1, (request, applied, process.done)
        assert ledger(booking) == "sent"
        if not process.died:
            break
    assert "MailSentAgain" not in metrics(capsys.readouterr().out)


def test_dying_twice_in_the_mailer_loses_no_mail(chain: Chain, session: Session) -> None:
    for request, applied in every_death():
        booking = book(session, f"p-{request}-{int(applied)}")
        chain.run_stream()
        for _ in range(2):
            with dying(request, applied=applied) as process:
                chain.deliver()
            chain.time_passes()
        chain.settle()
        assert 1 <= mails_to(booking.address) <= 3
        assert ledger(booking) == "sent"
        if not process.died:
            break
