"""Correcting the address of one's own booking: which mail goes where, and whom it counts against."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.booking.correct_own_address import correct_own_address
from chalicelib.actions.mail.answer_ask import answer_ask
from chalicelib.domain.booking import AskedAgain, Booking
from chalicelib.domain.correction import NotCorrectable
from chalicelib.domain.event import Event
from chalicelib.domain.ids import source_hash
from chalicelib.domain.notices import is_asked_again, notice_owed
from chalicelib.domain.refusals import Cancelled, Invalid, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store.bookings import every_booking, find_booking
from chalicelib.store.mail_items import SourceHourItem
from chalicelib.store.mail_limits import MAILS_AGAIN_PER_RECIPIENT_DAY_MAX, count_for_recipient
from chalicelib.store.messages import send_notices
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.secrets import key_secret
from chalicelib.store.sent_mail import advance
from tests.actions.booking.test_correct_address import RIGHT, ask
from tests.actions.callers import NOW
from tests.mail_chain import Chain, mails
from tests.making import invariants_hold, make_event, make_session

LATER = NOW + timedelta(minutes=14)
HOME = "203.0.113.7"
NOT_KEPT = (
    "Another booking for 2 places was made with this address. "
    "An address can have 1 booking here, so we did not keep that one."
)


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event, capacity=20)


def correct(event: Event, session: Session, booking: Booking, address: str = RIGHT, **changes: Any) -> None:
    given = {"now": LATER, "new_reference": "NEWREFAB", "source": HOME, **changes}
    correct_own_address(event, session, booking, address, **given)


def said(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    return " ".join(str(text.get_content()).split())


def standing(session: Session) -> list[Booking]:
    return [booking for booking in every_booking(session.session_id) if booking.status == "confirmed"]


def test_an_address_that_it_has_already_is_refused_at_its_field_and_changes_nothing(
    event: Event, session: Session
) -> None:
    booked = ask(session, event).booking
    with pytest.raises(Invalid) as refused:
        correct(event, session, booked, booked.address)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/email", "same_address")]
    assert standing(session) == [booked]


def test_nothing_is_corrected_once_it_is_cancelled_or_over(event: Event, session: Session) -> None:
    booked = ask(session, event).booking
    with pytest.raises(Cancelled):
        correct(replace(event, status="cancelled"), session, booked)
    with pytest.raises(Cancelled):
        correct(event, replace(session, status="cancelled"), booked)
    with pytest.raises(SessionOver):
        correct(event, session, booked, now=session.ends_at + timedelta(seconds=1))
    assert standing(session) == [booked]


def test_a_late_copy_of_the_form_is_answered_the_same_whether_or_not_the_right_address_had_booked(
    event: Event, session: Session
) -> None:
    answers = []
    for wrong, right in (("adda@example.org", RIGHT), ("gracce@example.org", "grace@example.org")):
        if right != RIGHT:
            ask(session, event, right, key="theirs")
        booked = ask(session, event, wrong, key=wrong).booking
        correct(event, session, booked, right)
        again = ask(session, event, wrong, key=wrong)
        assert again.booking.booking_id == booked.booking_id
        answers.append((again.booking.status, again.booking.places, again.replayed))
    assert answers == [("confirmed", 2, True)] * 2
    assert invariants_hold(session) == 4


@pytest.mark.usefixtures("neighbours")
def test_a_confirmation_not_yet_sent_goes_to_the_right_address_alone_and_once(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    booked = ask(session, event).booking
    chain.run_stream()
    correct(event, session, booked)
    chain.settle()
    send_notices([notice_owed(booked)])
    chain.deliver()
    assert [mail["To"] for mail in mails()] == [RIGHT]


@pytest.mark.usefixtures("neighbours")
def test_who_had_booked_is_mailed_what_they_have_and_the_wrong_address_hears_no_more(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    theirs = ask(session, event, RIGHT, key="theirs").booking
    booked = ask(session, event).booking
    chain.settle()
    assert sorted(mail["To"] for mail in mails()) == [RIGHT, "adda@example.org"]
    correct(event, session, booked)
    chain.settle()
    assert [mail["To"] for mail in mails()[2:]] == [RIGHT]
    assert theirs.booking_id[:8].upper() in mails()[-1].as_string()
    there = find_booking(session.session_id, theirs.key)
    assert there is not None
    assert there.emails_caused_by == source_hash(key_secret(), HOME), "it counts against who asks"


@pytest.mark.usefixtures("neighbours")
def test_whose_mail_is_still_on_its_way_is_told_by_it_and_not_mailed_again(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    theirs = ask(session, event, RIGHT, key="theirs").booking
    correct(event, session, ask(session, event).booking)
    assert find_booking(session.session_id, theirs.key) == theirs, "on its way"
    chain.settle()
    (mail,) = mails()
    assert mail["To"] == RIGHT
    assert NOT_KEPT in said(mail)
    assert find_booking(session.session_id, theirs.key) == replace(theirs, not_kept=2)


@pytest.mark.usefixtures("neighbours")
def test_of_two_who_typed_each_others_address_one_booking_stays_where_its_reader_is_told_of_both(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    one, other = "one@example.org", "other@example.org"
    first = ask(session, event, other, key="first").booking
    second = ask(session, event, one, key="second").booking
    chain.settle()
    # Minutes after the emails: they don't wait until ten are over.
    correct(event, session, first, one, now=NOW + timedelta(minutes=1))
    chain.settle()
    assert [mail["To"] for mail in mails()[2:]] == [one]
    # Its reader has given up their own for it, and would be left with neither.
    with pytest.raises(NotCorrectable):
        correct(event, session, second, other, now=NOW + timedelta(minutes=2))
    chain.settle()
    assert [mail["To"] for mail in mails()[2:]] == [one]
    assert [NOT_KEPT in said(mail) for mail in mails()] == [False, False, True]
    assert [booking.booking_id for booking in standing(session)] == [second.booking_id]


@pytest.mark.usefixtures("neighbours")
def test_the_next_email_after_that_says_no_more_of_what_was_not_kept(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    theirs = ask(session, event, RIGHT, key="theirs").booking
    chain.settle()
    booked = ask(session, event).booking
    for minutes in (1, 2):
        correct(event, session, booked, now=NOW + timedelta(minutes=minutes))
    chain.settle()
    assert [NOT_KEPT in said(mail) for mail in mails() if mail["To"] == RIGHT] == [False, True]
    there = find_booking(session.session_id, theirs.key)
    assert there is not None
    owe_mail_again(there, LATER, source="")
    chain.settle()
    assert [NOT_KEPT in said(mail) for mail in mails() if mail["To"] == RIGHT] == [False, True, False]


def test_an_asking_that_is_told_of_twice_owes_its_email_once(
    table: Any, event: Event, session: Session
) -> None:
    theirs = ask(session, event, RIGHT, key="theirs").booking
    advance((theirs.booking_id, "confirmation", 1), "sent", NOW)
    asked = AskedAgain(session_id=session.session_id, keys=(theirs.key,), asked_at=LATER, not_kept=2)
    for _ in range(2):
        answer_ask(asked)
        there = find_booking(session.session_id, theirs.key)
        assert there == replace(theirs, version=2, asked_from="", mailed_at=LATER, not_kept=2)
        advance((theirs.booking_id, "confirmation", 2), "sent", NOW)


@pytest.mark.usefixtures("neighbours")
def test_the_mail_to_the_right_address_counts_as_its_first_and_against_who_asked(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    booked = ask(session, event).booking
    # What may be asked for again is used up for today, and must not hold it back.
    asking = replace(booked, address=RIGHT, source=source_hash(key_secret(), HOME))
    for number in range(MAILS_AGAIN_PER_RECIPIENT_DAY_MAX):
        notice = replace(notice_owed(booked), booking_id="b" * 24, version=2 + number)
        now = datetime.now(UTC)
        assert count_for_recipient(notice, asking, asking.emails_caused_by, now, owed_since=asking.mailed_at)
    correct(event, session, booked)
    chain.settle()
    assert [mail["To"] for mail in mails()] == [RIGHT]
    hours = [item for item in SourceHourItem.scan() if item.PK.startswith("SOURCE#")]
    assert [item.PK.rpartition("#")[2] for item in hours] == [source_hash(key_secret(), HOME)]
    [there] = standing(session)
    again = replace(there, version=3)
    assert [is_asked_again(notice_owed(booking), booking) for booking in (there, again)] == [False, True]
