"""From a change in the table to a mail in SES, and what may come between: by the deployed handlers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import msgspec
import pytest

import chalicelib.actions.mail.send_notice as send_notice_file
from chalicelib.actions.mail.send_notice import send_notice
from chalicelib.domain.booking import Booking
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.notices import Notice, notice_owed, notices_of_session
from chalicelib.domain.session import Session
from chalicelib.jobs import mailer
from chalicelib.settings import settings
from chalicelib.store import capacity, event_changes, events, sent_mail
from chalicelib.store.mail_limits import suppress
from chalicelib.store.mail_states import SentMail, states
from chalicelib.store.messages import send_notice_later, send_notices
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.sent_mail import SettledState
from tests.actions.as_routes import cancel_booking, change_session
from tests.actions.callers import owner_of
from tests.mail_chain import Chain, calendar_of, call, mails, metrics, record, ses_event, sqs_event
from tests.mail_faults import Process, losing_answers_to, recording, ses_that
from tests.making import MADE_AT, booking_for, make_event, make_session

pytestmark = pytest.mark.usefixtures("neighbours")

LATER = MADE_AT + timedelta(hours=1)


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


@pytest.fixture
def session(table: Any) -> Session:
    return make_session()


def book(session: Session, person: str = "ann") -> Booking:
    booking = booking_for(session, person)
    return capacity.take(session, booking)


def address_of(booking: Booking) -> BookingAddress:
    return BookingAddress(booking.session_id, booking.key, booking.booking_id)


def cancel(booking: Booking) -> Booking:
    return cancel_booking(address_of(booking), now=LATER)


def call_off(session: Session) -> None:
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    called_off = msgspec.structs.replace(stored, status="cancelled", version=stored.version + 1)
    event_changes.save_session(called_off, stored.version)


def line_of(notice: Notice) -> SentMail:
    return states([notice])[notice]


def at_once() -> bool:
    """It is our turn: nobody had to wait."""
    return False


def a_wait_in_which(something_happens: Callable[[], object]) -> Callable[[], bool]:
    def wait() -> bool:
        something_happens()
        return True

    return wait


def said() -> list[tuple[str, str, str]]:
    """Return (method, whose entry, sequence) of every mail sent, in order."""
    entries = [calendar_of(mail) for mail in mails()]
    return [(entry["METHOD"], entry["UID"].partition("@")[0], entry["SEQUENCE"]) for entry in entries]


def test_a_booking_is_confirmed_by_one_mail_and_the_ledger_holds_ses_message_id(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    chain.settle()
    (mail,) = mails()
    assert mail["To"] == "ann@example.org"
    assert said() == [("REQUEST", booking.booking_id, "0")]
    line = line_of(notice_owed(booking))
    assert line.state == "sent"
    assert line.message_id


def test_ses_is_told_which_notice_a_mail_is_but_never_whose(chain: Chain, session: Session) -> None:
    booking = book(session)
    chain.run_stream()
    with ses_that("throttles") as asked:
        chain.deliver()
    (request,) = asked
    tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
    about = {"booking_id": booking.booking_id, "session_id": session.session_id}
    assert tags == {**about, "kind": "confirmation", "version": "1"}
    assert request["ConfigurationSetName"] == settings().mail_configuration_set


def test_the_same_notice_queued_many_times_is_sent_once(chain: Chain, session: Session) -> None:
    booking = book(session)
    send_notices([notice_owed(booking)] * 5)
    chain.settle()
    assert len(mails()) == 1


def test_a_message_that_meets_a_live_lease_comes_back(chain: Chain, session: Session) -> None:
    booking = book(session)
    chain.run_stream()
    with ses_that("never hears"):
        chain.deliver()
    send_notices([notice_owed(booking)])
    chain.deliver()
    assert mails() == []
    assert len(chain.waiting()) == 2


def test_a_request_that_arrives_after_its_cancel_is_overtaken(chain: Chain, session: Session) -> None:
    booking = book(session)
    cancelled = cancel(booking)
    send_notices([notice_owed(cancelled)])
    chain.deliver()
    send_notices([notice_owed(booking)])
    chain.deliver()
    assert said() == [("CANCEL", booking.booking_id, "1")]
    assert line_of(notice_owed(booking)).state == "overtaken"
    assert chain.waiting() == []


def test_a_cancel_is_above_its_request_also_when_the_request_was_sent_again(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    chain.settle()
    owe_mail_again(booking, LATER, source="")
    chain.settle()
    cancel(booking)
    chain.settle()
    methods_and_sequences = [(method, sequence) for method, _, sequence in said()]
    assert methods_and_sequences == [("REQUEST", "0"), ("REQUEST", "1"), ("CANCEL", "2")]


def test_who_books_again_gets_a_new_confirmation_and_still_the_cancel_of_the_old_entry(
    chain: Chain, session: Session
) -> None:
    first = book(session)
    chain.settle()
    cancelled = cancel(first)
    second = book(session)
    send_notices([notice_owed(second)])
    chain.deliver()
    send_notices([notice_owed(cancelled)])
    chain.deliver()
    assert second.booking_id != first.booking_id
    assert said()[1:] == [("REQUEST", second.booking_id, "0"), ("CANCEL", first.booking_id, "1")]


def test_a_confirmation_of_a_booking_that_was_cancelled_and_booked_again_is_overtaken(
    chain: Chain, session: Session
) -> None:
    first = book(session)
    cancel(first)
    book(session)
    send_notices([notice_owed(first)])
    chain.deliver()
    assert mails() == []
    assert line_of(notice_owed(first)).state == "overtaken"


def test_a_confirmation_whose_session_was_cancelled_meanwhile_is_overtaken_and_its_cancel_is_sent(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    call_off(session)
    send_notices([notice_owed(booking)])
    chain.deliver()
    assert mails() == []
    line = line_of(notice_owed(booking))
    assert (line.state, line.reason) == ("overtaken", "session_cancelled")
    chain.settle()
    assert said() == [("CANCEL", booking.booking_id, "1")]


@pytest.mark.parametrize("kind", ["confirmation", "change"])
def test_nobody_is_told_to_come_to_a_session_whose_event_was_cancelled_before_it(
    chain: Chain, kind: str
) -> None:
    event = make_event()
    session = make_session(event)
    booking = book(session)
    notice = notice_owed(booking) if kind == "confirmation" else change_of(booking, move(session))
    event_changes.save_event(msgspec.structs.replace(event, status="cancelled", version=2), 1)
    send_notices([notice])
    chain.deliver()
    assert mails() == []
    assert (line_of(notice).state, line_of(notice).reason) == ("overtaken", "session_cancelled")


def test_a_confirmation_of_a_session_that_is_over_is_overtaken_and_a_cancel_is_still_sent(
    chain: Chain,
) -> None:
    over = make_session(starts_local=datetime(2026, 1, 9, 19), ends_local=datetime(2026, 1, 9, 22))
    booking = book(over)
    chain.settle()
    assert mails() == []
    line = line_of(notice_owed(booking))
    assert (line.state, line.reason) == ("overtaken", "session_over")
    capacity.give_back(booking, LATER)
    chain.settle()
    assert said() == [("CANCEL", booking.booking_id, "1")]


def test_a_confirmation_is_sent_until_the_session_ends_and_not_a_second_longer(
    chain: Chain, session: Session
) -> None:
    early, late = book(session), book(session, "bob")
    ends, later = session.ends_at, session.ends_at + timedelta(seconds=1)
    assert send_notice(notice_owed(early), now=ends, chance=0.5, wait_for_turn=at_once) == "sent"
    assert send_notice(notice_owed(late), now=later, chance=0.5, wait_for_turn=at_once) == "overtaken"


THE_WRITES_AND_READS_OF_A_MAIL = [
    "UpdateItem",  # take_lease
    "BatchGetItem",  # the booking, its session and its event
    "UpdateItem",  # count_for_recipient
    "UpdateItem",  # count_for_source
    "GetItem",  # suppression
    "UpdateItem",  # begin_send
    "SendEmail",
    "UpdateItem",  # advance
]


def requests_of(process: Process) -> list[str]:
    # A new process reads the secret that signs links once in five minutes.
    return [operation for operation in process.done if operation != "GetParameter"]


def test_a_mail_that_need_not_wait_takes_seven_requests_to_the_table(chain: Chain, session: Session) -> None:
    booking = from_the_office(session, "ann")
    with recording() as process:
        assert send(booking, LATER) == "sent"
    assert requests_of(process) == THE_WRITES_AND_READS_OF_A_MAIL


def test_a_mail_that_waited_is_read_once_more_right_before_it_goes(chain: Chain, session: Session) -> None:
    booking = from_the_office(session, "ann")
    turn = a_wait_in_which(lambda: None)
    with recording() as process:
        assert send_notice(notice_owed(booking), now=LATER, chance=0.5, wait_for_turn=turn) == "sent"
    begin_send = THE_WRITES_AND_READS_OF_A_MAIL.index("SendEmail") - 1
    expected = [*THE_WRITES_AND_READS_OF_A_MAIL]
    expected.insert(begin_send, "BatchGetItem")
    assert requests_of(process) == expected


@pytest.mark.parametrize(("fresh_seconds", "reads"), [(1000.0, 1), (-1.0, 2)])
def test_a_mail_whose_table_was_slow_is_read_once_more_although_it_did_not_wait(
    chain: Chain, session: Session, monkeypatch: pytest.MonkeyPatch, fresh_seconds: float, reads: int
) -> None:
    monkeypatch.setattr(mailer, "_FRESH_SECONDS", fresh_seconds)
    monkeypatch.setattr(mailer._pace, "_next_at", 0.0)
    book(session)
    chain.run_stream()
    with recording() as process:
        chain.deliver(at_most=1)
    assert process.done.count("BatchGetItem") == reads
    assert len(mails()) == 1


def test_a_message_that_does_not_name_its_event_is_sent_all_the_same(chain: Chain, session: Session) -> None:
    booking = book(session)
    message = msgspec.structs.replace(notice_owed(booking), event_id="")
    assert "event_id" in msgspec.json.decode(msgspec.json.encode(message))
    queued = {name: value for name, value in msgspec.to_builtins(message).items() if name != "event_id"}
    assert call("mailer", sqs_event(msgspec.json.encode(queued).decode())) == {"batchItemFailures": []}
    assert said() == [("REQUEST", booking.booking_id, "0")]
    assert line_of(notice_owed(booking)).state == "sent"


def test_a_confirmation_that_comes_late_without_its_event_is_overtaken_as_well(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    cancel(booking)
    late = msgspec.structs.replace(notice_owed(booking), event_id="")
    assert send_notice(late, now=LATER, chance=0.5, wait_for_turn=at_once) == "overtaken"


def test_only_a_mail_that_goes_to_ses_takes_a_turn(chain: Chain, session: Session) -> None:
    suppress("eve@example.org", "complained", MADE_AT)
    sent, overtaken, suppressed = (book(session, person) for person in ("ann", "bob", "eve"))
    cancel(overtaken)
    with mock.patch.object(mailer._pace, "wait") as wait:
        # The second and third find it settled.
        send_notices([notice_owed(sent)] * 3 + [notice_owed(overtaken), notice_owed(suppressed)])
        assert chain.deliver() == 5
        assert len(mails()) == wait.call_count == 1


def test_a_message_that_meets_a_live_lease_takes_no_turn(chain: Chain, session: Session) -> None:
    booking = book(session)
    chain.run_stream()
    with ses_that("never hears"):
        chain.deliver()
    send_notices([notice_owed(booking)])
    with mock.patch.object(mailer._pace, "wait") as wait:
        chain.deliver()
    assert wait.call_count == 0


def test_a_booking_cancelled_while_its_confirmation_waits_for_its_turn_gets_the_cancel_alone(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    turn = a_wait_in_which(lambda: cancel(booking))
    outcome = send_notice(notice_owed(booking), now=LATER, chance=0.5, wait_for_turn=turn)
    assert outcome == "overtaken"
    chain.settle()
    assert said() == [("CANCEL", booking.booking_id, "1")]


def move(session: Session, venue: str = "The Other Pot") -> Session:
    return change_session(
        owner_of(session),
        session.event_id,
        session.session_id,
        {"venue": venue},
        now=LATER,
        expected_version=None,
    )


def change_of(booking: Booking, session: Session) -> Notice:
    (notice,) = notices_of_session(booking, session)
    return notice


def test_a_confirmation_that_waits_while_its_session_moves_says_where_it_is_by_then(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    turn = a_wait_in_which(lambda: move(session))
    assert send_notice(notice_owed(booking), now=LATER, chance=0.5, wait_for_turn=turn) == "sent"
    assert "The Other Pot" in mails()[0].as_string()
    chain.settle()
    assert str(mails()[0]["Subject"]).startswith("Booked, new place:")
    assert said() == [("REQUEST", booking.booking_id, "1")], "it told of the change, so no other does"


def test_a_change_is_above_every_confirmation_that_said_otherwise_and_a_cancel_above_both(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    chain.settle()
    owe_mail_again(booking, LATER, source="")
    chain.settle()
    move(session)
    chain.settle()
    cancel(booking)
    chain.settle()
    assert [(method, sequence) for method, _, sequence in said()] == [
        ("REQUEST", "0"),
        ("REQUEST", "1"),
        ("REQUEST", "2"),
        ("CANCEL", "3"),
    ]


def test_a_change_that_waits_while_its_session_moves_on_leaves_it_to_the_next(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    first = change_of(booking, move(session))
    turn = a_wait_in_which(lambda: move(session, "The Third Pot"))
    assert send_notice(first, now=LATER, chance=0.5, wait_for_turn=turn) == "overtaken"
    assert mails() == []


def test_a_change_is_told_until_the_session_ends(chain: Chain, session: Session) -> None:
    ann, bob = book(session), book(session, "bob")
    moved = move(session)
    ends, later = moved.ends_at, moved.ends_at + timedelta(seconds=1)
    assert send_notice(change_of(ann, moved), now=ends, chance=0.5, wait_for_turn=at_once) == "sent"
    assert send_notice(change_of(bob, moved), now=later, chance=0.5, wait_for_turn=at_once) == "overtaken"
    assert line_of(change_of(bob, moved)).reason == "session_over"


def test_a_suppressed_address_is_told_of_no_change(chain: Chain, session: Session) -> None:
    booking = book(session)
    chain.settle()
    suppress("ann@example.org", "complained", MADE_AT)
    moved = move(session)
    chain.settle()
    assert len(mails()) == 1
    assert line_of(change_of(booking, moved)).state == "suppressed"


def test_a_suppressed_address_is_not_mailed(chain: Chain, session: Session) -> None:
    suppress("ann@example.org", "complained", MADE_AT)
    booking = book(session)
    chain.settle()
    assert mails() == []
    line = line_of(notice_owed(booking))
    assert (line.state, line.reason) == ("suppressed", "complained")


def test_an_address_that_bounced_is_mailed_for_who_books_with_it_a_week_later_and_not_for_what_is_older(
    chain: Chain, session: Session
) -> None:
    suppress("ann@example.org", "bounced", MADE_AT - timedelta(days=7))
    suppress("bob@example.org", "bounced", MADE_AT - timedelta(days=6))
    ann, bob = book(session), book(session, "bob")
    assert [send(ann, LATER), send(bob, LATER)] == ["sent", "suppressed"]
    assert send(cancel(bob), MADE_AT + timedelta(days=3)) == "suppressed", "nobody typed it in since"
    asked = owe_mail_again(ann, LATER, source="home")
    assert send(asked, LATER) == "postponed", "until the first is known to have arrived"
    call("mail_feedback", ses_event("delivery", notice_owed(ann), ann.address))
    assert send(cancel(asked), LATER) == "sent"


def test_a_stranger_over_their_limit_does_not_use_up_the_one_try_at_an_address_that_bounced(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = msgspec.structs.replace(settings(), mails_per_source_hour=1)
    monkeypatch.setattr(send_notice_file, "settings", lambda: one)
    suppress("ann@example.org", "bounced", MADE_AT - timedelta(days=8))
    event = make_event()
    assert send(booked_from("stranger", make_session(event), "bob"), MADE_AT) == "sent"
    theirs = booked_from("stranger", make_session(event), "ann")
    assert send(theirs, MADE_AT) == "postponed"
    assert send(booked_from("home", make_session(event), "ann"), MADE_AT) == "sent"


def test_who_holds_the_try_and_then_waits_for_room_holds_up_nobody_else(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = msgspec.structs.replace(settings(), mails_per_source_hour=1)
    monkeypatch.setattr(send_notice_file, "settings", lambda: one)
    suppress("ann@example.org", "bounced", MADE_AT - timedelta(days=8))
    event = make_event()
    theirs, own = (booked_from(source, make_session(event), "ann") for source in ("stranger", "home"))
    with ses_that("throttles"):
        assert send(theirs, MADE_AT) == "postponed"
    assert send(own, MADE_AT) == "postponed", "the other is under way"
    assert send(booked_from("stranger", make_session(event), "bob"), LATER) == "sent"
    assert send(theirs, LATER) == "postponed", "its source had its mail of this hour"
    assert send(own, LATER) == "sent"


@pytest.mark.parametrize(
    ("fate", "then"), [("delivered", "sent"), ("bounced", "suppressed"), ("sent", "postponed")]
)
def test_what_comes_while_an_address_that_bounced_is_tried_waits_for_what_becomes_of_that(
    chain: Chain, fate: SettledState, then: str
) -> None:
    suppress("ann@example.org", "bounced", MADE_AT - timedelta(days=8))
    event = make_event()
    first, second = (booked_from(source, make_session(event), "ann") for source in ("stranger", "home"))
    assert [send(first, MADE_AT), send(second, MADE_AT)] == ["sent", "postponed"]
    line = line_of(notice_owed(second))
    assert (line.state, line.reason) == ("postponed", "being_tried")
    if fate == "bounced":
        suppress(first.address, fate, MADE_AT)
    sent_mail.advance(notice_owed(first).identity, fate, MADE_AT)
    assert send(second, MADE_AT + timedelta(minutes=6)) == then
    if then == "postponed":
        assert send(second, MADE_AT + timedelta(hours=1)) == "suppressed", "nobody heard of it for an hour"


def test_a_try_that_is_cancelled_before_it_is_sent_is_given_back(chain: Chain) -> None:
    suppress("ann@example.org", "bounced", MADE_AT - timedelta(days=8))
    event = make_event()
    theirs, own = (booked_from(source, make_session(event), "ann") for source in ("stranger", "home"))
    turn = a_wait_in_which(lambda: cancel(theirs))
    assert send_notice(notice_owed(theirs), now=MADE_AT, chance=0.5, wait_for_turn=turn) == "overtaken"
    assert send(own, MADE_AT) == "sent"


def test_who_books_eleven_sessions_gets_ten_emails_at_once_and_the_eleventh_an_hour_later(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    event = make_event()
    bookings = [from_the_office(make_session(event), "ann") for _ in range(11)]
    assert [send(booking, MADE_AT) for booking in bookings] == ["sent"] * 10 + ["postponed"]
    late = bookings[-1]
    line = line_of(notice_owed(late))
    assert (line.state, line.reason) == ("postponed", "recipient_limit")
    # An hour, to which chance adds half a minute. A message can wait for a quarter of that.
    due_at = MADE_AT + timedelta(hours=1, seconds=30)
    assert line.unsettled_until == sent_mail.milliseconds(due_at + timedelta(minutes=5))
    (message,) = chain.waiting()
    assert (message["booking_id"], message["due_at"]) == (late.booking_id, int(due_at.timestamp()))
    assert chain.delays_seconds() == [900]
    counted = metrics(capsys.readouterr().out)
    assert counted["MailsPostponed"] == 1
    assert "MailsFailed" not in counted
    assert send(from_the_office(make_session(), "ann"), MADE_AT) == "sent", "of another organiser"
    assert send(late, due_at) == "sent"


def test_a_stranger_who_books_with_somebody_s_address_holds_up_none_of_their_own_confirmations(
    chain: Chain,
) -> None:
    event = make_event()
    flood = [booked_from("stranger", make_session(event), "ann") for _ in range(15)]
    assert [send(booking, MADE_AT) for booking in flood] == ["sent"] * 10 + ["postponed"] * 5
    own = [booked_from("home", make_session(event), "ann") for _ in range(3)]
    assert [send(booking, MADE_AT) for booking in own] == ["sent"] * 3
    # Of all that wait, one more goes each hour: what strangers may send there is little on any day.
    for hours in range(1, 7):
        now = MADE_AT + timedelta(hours=hours)
        assert [send(booking, now) for booking in flood].count("sent") == (1 if hours <= 5 else 0)


def test_what_an_organiser_books_for_somebody_never_waits(chain: Chain) -> None:
    event = make_event()
    assert [send(book(make_session(event)), MADE_AT) for _ in range(12)] == ["sent"] * 12


def test_a_mail_that_waits_for_room_until_its_session_is_over_is_overtaken(chain: Chain) -> None:
    event = make_event()
    bookings = [from_the_office(make_session(event), "ann") for _ in range(11)]
    assert [send(booking, MADE_AT) for booking in bookings][-1] == "postponed"
    assert send(bookings[-1], make_session(event).ends_at + timedelta(seconds=1)) == "overtaken"


def test_a_message_that_is_not_due_yet_goes_on_without_a_request_to_the_table(
    chain: Chain, session: Session
) -> None:
    booking = book(session)
    now = datetime.now(UTC)
    for seconds, delay, due_at in ((3600, 900, int(now.timestamp()) + 3600), (100, 100, 0)):
        send_notice_later(notice_owed(booking), now, postponed=2, delay_seconds=901)
        (message,) = chain.waiting()
        message["due_at"] = int(now.timestamp()) + seconds
        chain.forget_messages()
        with recording() as process:
            assert call("mailer", sqs_event(json.dumps(message))) == {"batchItemFailures": []}
        assert process.done == ["SendMessageBatch"]
        assert chain.waiting() == [{**message, "due_at": due_at}], "0: the queue itself can wait so long"
        assert chain.delays_seconds() == [pytest.approx(delay, abs=2)]
        chain.forget_messages()
    message["due_at"] = int(now.timestamp()) - 1
    call("mailer", sqs_event(json.dumps(message)))
    assert line_of(notice_owed(booking)).state == "sent"


def test_mails_above_a_source_s_limit_wait_for_the_next_hour_and_none_is_lost(
    chain: Chain, session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = msgspec.structs.replace(settings(), mails_per_source_hour=2)
    monkeypatch.setattr(send_notice_file, "settings", lambda: few)
    people = ("ann", "bob", "eve")
    bookings = [
        capacity.take(session, msgspec.structs.replace(booking_for(session, person), source="office"))
        for person in people
    ]
    elsewhere = book(session, "zoe")
    outcomes = [send(booking, MADE_AT + timedelta(minutes=58)) for booking in [*bookings, elsewhere]]
    assert outcomes == ["sent", "sent", "postponed", "sent"]
    # Two minutes are left of the hour, and chance adds half a minute.
    assert chain.delays_seconds() == [150]
    (message,) = chain.waiting()
    assert (message["booking_id"], message["postponed"]) == (bookings[2].booking_id, 0)
    # A second copy is still seen to be one: what was never begun is not taken back from the count.
    with ses_that("never hears"):
        assert send(bookings[2], MADE_AT + timedelta(hours=1)) == "ambiguous"
    assert send(bookings[2], MADE_AT + timedelta(hours=2)) == "sent"
    assert sorted(mail["To"] for mail in mails()) == [f"{person}@example.org" for person in (*people, "zoe")]
    counted = metrics(capsys.readouterr().out)
    assert (counted["MailsPostponed"], counted["MailSentAgain"]) == (1, 1)


def send(booking: Booking, now: datetime) -> str:
    return send_notice(notice_owed(booking), now=now, chance=0.5, wait_for_turn=at_once)


def booked_from(source: str, session: Session, person: str) -> Booking:
    return capacity.take(session, msgspec.structs.replace(booking_for(session, person), source=source))


def from_the_office(session: Session, person: str) -> Booking:
    return booked_from("office", session, person)


def test_a_source_over_its_limit_still_sets_off_cancellations_and_changes_at_once(
    chain: Chain, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = msgspec.structs.replace(settings(), mails_per_source_hour=1)
    monkeypatch.setattr(send_notice_file, "settings", lambda: one)
    ann, bob = from_the_office(session, "ann"), from_the_office(session, "bob")
    assert [send(ann, LATER), send(bob, LATER)] == ["sent", "postponed"]
    change = change_of(bob, move(session))
    assert send_notice(change, now=LATER, chance=0.5, wait_for_turn=at_once) == "sent"
    assert send(cancel(ann), LATER) == "sent"


def test_a_mail_asked_for_again_counts_against_who_asks_and_not_against_who_booked(
    chain: Chain, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = msgspec.structs.replace(settings(), mails_per_source_hour=2)
    monkeypatch.setattr(send_notice_file, "settings", lambda: two)
    booked = from_the_office(session, "ann")
    asked = [
        owe_mail_again(from_the_office(session, person), LATER, source="stranger")
        for person in ("bob", "eve", "zoe")
    ]
    assert [send(booking, LATER) for booking in asked] == ["sent", "sent", "postponed"]
    assert send(booked, LATER) == "sent"
    for ask in range(3):
        booked = owe_mail_again(booked, LATER + timedelta(minutes=20 + ask), source="", pause=timedelta(0))
        assert send(booked, LATER + timedelta(minutes=20 + ask)) == "sent", "an organiser is not held back"


def test_what_strangers_ask_for_again_is_three_mails_a_day_and_then_later_and_none_of_the_address_s_own(
    chain: Chain,
) -> None:
    event = make_event()
    booking = from_the_office(make_session(event), "ann")
    outcomes = [send(booking, MADE_AT)]
    for ask in range(1, 6):
        now = MADE_AT + timedelta(minutes=11 * ask)
        booking = owe_mail_again(booking, now, source="stranger")
        outcomes.append(send(booking, now))
    assert outcomes == ["sent"] * 4 + ["postponed"] * 2
    assert line_of(notice_owed(booking)).reason == "recipient_limit"
    elsewhere = [from_the_office(make_session(event), "ann") for _ in range(9)]
    assert [send(other, now) for other in elsewhere] == ["sent"] * 9
    for source in ("office", ""):
        now += timedelta(minutes=11)
        booking = owe_mail_again(booking, now, source=source)
        assert send(booking, now) == "sent", "the person themselves asked, or an organiser"


def test_who_has_had_all_mails_of_the_day_is_still_told_of_every_cancellation(chain: Chain) -> None:
    event = make_event()
    bookings = [from_the_office(make_session(event), "ann") for _ in range(11)]
    assert [send(booking, MADE_AT) for booking in bookings][-1] == "postponed"
    assert [send(cancel(booking), LATER) for booking in bookings] == ["sent"] * 11


def test_cancellations_do_not_use_up_the_confirmations_of_the_day(chain: Chain) -> None:
    event = make_event()
    for _ in range(6):
        booking = from_the_office(make_session(event), "ann")
        chain.settle()
        cancel(booking)
        chain.settle()
    assert [method for method, _, _ in said()] == ["REQUEST", "CANCEL"] * 6


def test_a_notice_without_any_booking_fails_and_is_logged(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("mailer", record("sqs")) == {"batchItemFailures": []}
    printed = capsys.readouterr().out
    assert "notice_without_booking" in printed
    assert metrics(printed)["MailsFailed"] == 1
    notice = Notice(
        session_id="c4rlt0nq2e5ydvsn",
        key="ojsw4zdfon2gk4tfmrxw63djmfwc4ylu",
        booking_id="mzxw6ytboi3dgmrrgqztmnzy",
        kind="confirmation",
        version=1,
    )
    assert (line_of(notice).state, line_of(notice).reason) == ("failed", "no_booking")


def test_what_ses_refuses_for_good_fails_with_its_reason_is_counted_and_is_not_tried_again(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    booking = book(session)
    chain.run_stream()
    with ses_that("refuses"):
        chain.deliver()
    assert chain.waiting() == []
    line = line_of(notice_owed(booking))
    assert (line.state, line.reason) == ("failed", "message_rejected")
    assert metrics(capsys.readouterr().out)["MailsFailed"] == 1


def test_a_throttled_notice_goes_on_as_a_new_message_later_and_later_and_is_sent_once(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    booking = book(session)
    chain.run_stream()
    delays: list[int] = []
    with ses_that("throttles") as asked:
        for _ in range(9):
            chain.deliver()
            # Only ever one: the message that came in is gone, and never counts towards the dead letters.
            (message,) = chain.waiting()
            delays += chain.delays_seconds()
            chain.time_passes()
    assert len(asked) == 9
    assert message["postponed"] == 9
    assert all(
        ceiling / 2 <= delay <= ceiling
        for ceiling, delay in zip([10, 20, 40, 80, 160, 320, 640, 900, 900], delays, strict=True)
    )
    chain.settle()
    assert len(mails()) == 1
    assert line_of(notice_owed(booking)).state == "sent"
    counted = metrics(capsys.readouterr().out)
    assert counted["MailsPostponed"] == 9
    assert "MailSentAgain" not in counted


def test_a_mail_whose_answer_was_lost_is_not_sent_again_once_ses_says_that_it_went_out(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    booking = book(session)
    chain.run_stream()
    with ses_that("loses answers"):
        chain.deliver()
    assert line_of(notice_owed(booking)).state == "sending"
    call("mail_feedback", ses_event("send", notice_owed(booking), booking.address))
    chain.time_passes()
    chain.settle()
    assert len(mails()) == 1
    assert "MailSentAgain" not in metrics(capsys.readouterr().out)


@pytest.mark.parametrize(("ses", "copies"), [("loses answers", 2), ("never hears", 1)])
def test_without_a_receipt_it_is_sent_again_and_counted(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str], ses: Any, copies: int
) -> None:
    book(session)
    chain.run_stream()
    with ses_that(ses):
        chain.deliver()
    chain.time_passes()
    chain.settle()
    assert len(mails()) == copies
    assert metrics(capsys.readouterr().out)["MailSentAgain"] == 1


def test_what_ses_said_meanwhile_is_not_overwritten_by_our_own_word(chain: Chain, session: Session) -> None:
    booking = book(session)
    call("mail_feedback", ses_event("delivery", notice_owed(booking), booking.address))
    chain.settle()
    assert line_of(notice_owed(booking)).state == "delivered"
    assert mails() == []


def test_a_table_that_does_not_answer_brings_the_message_back_and_no_second_copy_goes_out(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    booking = book(session)
    chain.run_stream()
    with losing_answers_to("UpdateItem"):
        chain.deliver()
    assert mails() == []
    assert len(chain.waiting()) == 1
    chain.time_passes()
    chain.settle()
    assert line_of(notice_owed(booking)).state == "sent"
    assert len(mails()) == 1
    assert "MailSentAgain" not in metrics(capsys.readouterr().out)


def test_a_message_that_makes_no_sense_comes_back_and_its_neighbour_is_sent(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    booking = book(session)
    chain.run_stream()
    good = msgspec.json.encode(notice_owed(booking)).decode()
    answer = call("mailer", sqs_event('{"booking_id": "ann@example.org"}', good))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert len(mails()) == 1
    assert "ann@" not in capsys.readouterr().out


def test_no_line_that_is_logged_holds_a_name_an_address_or_a_link(
    chain: Chain, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    cancel(book(session, "wilhelmina"))
    book(session, "wilhelmina")
    chain.settle()
    printed = capsys.readouterr().out
    assert "wilhelmina" not in printed
    assert "/manage/" not in printed
