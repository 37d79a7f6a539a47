"""Sending a booking's mail again at an organiser's word: when, how often, and to whom not."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.booking import Booking
from chalicelib.domain.correction import MailedJustNow, RecipientComplained
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.refusals import Busy, Cancelled, Forbidden, NotFound, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes, outcomes
from chalicelib.store.bookings import find_booking
from chalicelib.store.mail_limits import suppress, suppression
from chalicelib.store.mail_states import states
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.recounts import watched_sessions
from tests.actions.as_routes import send_mail_again
from tests.actions.callers import NOW, owner_of
from tests.faults import losing_the_first_answer, throttle
from tests.mail_chain import Chain, calendar_of, call, mails, ses_event
from tests.making import MADE_AT, booking_for, invariants_hold, make_session
from tests.wire import answered_with, losing, overtaken_by, requests_counted

LATER = NOW + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(table: Any) -> Session:
    return make_session()


@pytest.fixture
def booked(session: Session) -> Booking:
    return capacity.take(session, booking_for(session, "ada"))


def again(booking: Booking, session: Session, now: Any = LATER) -> Booking:
    return send_mail_again(owner_of(session), session.event_id, booking.lives_at, now=now)


def test_it_owes_the_mail_once_more_at_a_higher_version_and_moves_no_place(
    session: Session, booked: Booking
) -> None:
    owing = again(booked, session)
    assert owing == replace(booked, version=2, mailed_at=LATER, asked_from="")
    assert find_booking(session.session_id, booked.key) == owing
    assert invariants_hold(session) == 1


def test_once_a_minute_is_enough_and_the_first_minute_is_the_bookings_own(
    session: Session, booked: Booking
) -> None:
    with pytest.raises(MailedJustNow) as refused:
        again(booked, session, MADE_AT + MINUTE - timedelta(seconds=20))
    assert refused.value.retry_after_seconds == 20
    again(booked, session, MADE_AT + MINUTE)
    with pytest.raises(MailedJustNow):
        again(booked, session, MADE_AT + MINUTE * 1.5)
    assert again(booked, session, MADE_AT + MINUTE * 2).version == 3


def test_a_cancellation_is_sent_again_too_but_not_in_the_minute_in_which_it_came_about(
    session: Session, booked: Booking
) -> None:
    cancelled = capacity.give_back(booked, LATER)
    with pytest.raises(MailedJustNow):
        again(cancelled, session, LATER + MINUTE / 2)
    owing = again(cancelled, session, LATER + MINUTE)
    assert notice_owed(owing).kind == "cancellation"
    assert owing.version == cancelled.version + 1


def test_a_request_whose_answer_was_lost_is_done_once_and_says_so_when_it_comes_again(
    dynamodb_local: Any,
) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    with losing_the_first_answer() as sent:
        owing = owe_mail_again(booked, LATER, source="", pause=MINUTE)
    assert sent[:2] == ["TransactWriteItems", "TransactWriteItems"]
    assert owing == find_booking(session.session_id, booked.key)
    assert (owing.version, owing.mailed_at) == (2, LATER)
    with pytest.raises(MailedJustNow):
        again(booked, session, LATER + timedelta(seconds=3))


def test_a_press_that_comes_too_soon_lifts_nothing(session: Session, booked: Booking) -> None:
    suppress(booked.address, "bounced", MADE_AT)
    with pytest.raises(MailedJustNow):
        again(booked, session, MADE_AT + MINUTE / 2)
    assert suppression(booked.address) == "bounced"


def test_a_press_at_the_same_time_as_another_hears_that_the_mail_is_on_its_way(
    session: Session, booked: Booking
) -> None:
    def other() -> None:
        owe_mail_again(booked, LATER - MINUTE / 2, source="", pause=MINUTE)

    with overtaken_by(other), pytest.raises(MailedJustNow) as refused:
        again(booked, session)
    assert refused.value.retry_after_seconds == 30


@pytest.mark.parametrize("fault", [throttle, losing(done=False)])
@pytest.mark.parametrize("bounced", [True, False])
def test_who_asks_while_the_table_cannot_answer_is_told_to_try_again(
    session: Session, booked: Booking, fault: Any, bounced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.1)
    if bounced:
        suppress(booked.address, "bounced", MADE_AT)
    with answered_with(fault), pytest.raises(Busy):
        again(booked, session)
    assert again(booked, session).version == 2


def test_nothing_is_lifted_and_nothing_written_for_an_address_that_did_not_bounce(
    session: Session, booked: Booking
) -> None:
    with requests_counted() as sent:
        again(booked, session)
    assert "UpdateItem" not in sent


def test_who_asked_is_what_the_booking_says_set_the_mail_off(session: Session, booked: Booking) -> None:
    asked = owe_mail_again(booked, LATER, source="stranger")
    assert find_booking(session.session_id, booked.key) == asked
    assert (asked.source, asked.emails_caused_by) == (booked.source, "stranger")
    owing = again(asked, session, LATER + MINUTE)
    assert find_booking(session.session_id, booked.key) == owing
    assert (owing.source, owing.emails_caused_by) == (booked.source, ""), "an organiser asked"


def test_who_complained_gets_nothing_more_whoever_asks(session: Session, booked: Booking) -> None:
    suppress(booked.address, "complained", NOW)
    with pytest.raises(RecipientComplained):
        again(booked, session)
    assert find_booking(session.session_id, booked.key) == booked
    assert suppression(booked.address) == "complained"


def test_nobody_is_mailed_about_what_is_over_or_off(session: Session, booked: Booking) -> None:
    with pytest.raises(SessionOver):
        again(booked, session, session.ends_at + timedelta(seconds=1))
    with pytest.raises(NotFound):
        again(replace(booked, booking_id="b" * 24), session)
    capacity_changes.cancel_session(session)
    with pytest.raises(Cancelled):
        again(booked, session)
    assert find_booking(session.session_id, booked.key) == booked


def test_a_host_may_and_the_door_and_strangers_may_not(session: Session, booked: Booking) -> None:
    stranger = replace(owner_of(session), organiser_id="somebody-else")
    for caller, refusal in ((owner_of(session, role="door"), Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal):
            send_mail_again(caller, session.event_id, booked.lives_at, now=LATER)
    host = owner_of(session, role="host")
    assert send_mail_again(host, session.event_id, booked.lives_at, now=LATER).version == 2


@pytest.mark.usefixtures("neighbours")
def test_an_address_that_bounced_is_mailed_again_at_the_organisers_word_and_not_without(
    table: Any, session: Session, booked: Booking
) -> None:
    chain = Chain(table)
    chain.settle()
    call("mail_feedback", ses_event("bounce", notice_owed(booked), booked.address))
    assert suppression(booked.address) == "bounced"
    owing = again(booked, session)
    chain.settle()
    assert states([notice_owed(owing)])[notice_owed(owing)].state == "sent"
    assert [calendar_of(mail)["SEQUENCE"] for mail in mails()] == ["0", "1"]
    call("mail_feedback", ses_event("bounce", notice_owed(owing), booked.address))
    assert suppression(booked.address) == "bounced", "it bounced once more"


@pytest.mark.usefixtures("neighbours")
def test_a_mail_asked_for_again_that_gets_lost_is_found_by_the_next_recount(
    session: Session, booked: Booking
) -> None:
    again(booked, session)
    [watched] = watched_sessions()
    found = recount_session(watched, now=LATER + 2 * MINUTE)
    assert found is not None
    assert found.notices_found == 1
