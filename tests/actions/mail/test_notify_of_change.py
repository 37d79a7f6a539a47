"""A session that was moved, and everybody who booked it told: page by page, whatever dies on the way."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bench.targets import MAIL_TRIPS_MAX
from chalicelib.actions.mail import notify_of_change
from chalicelib.domain.booking import Booking
from chalicelib.domain.ids import booking_key
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.notices import notice_owed, notices_of_session
from chalicelib.domain.session import Session
from chalicelib.domain.told import told_of
from chalicelib.jobs import mailer
from chalicelib.store import capacity, capacity_changes
from chalicelib.store.events import find_session
from chalicelib.store.mail_states import states
from chalicelib.store.messages import BookingsSlice, send_notices, send_work, slices_of_changed
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.own_corrections import correct
from chalicelib.store.partitions import partition_of
from chalicelib.store.sent_mail import advance
from tests.actions.as_routes import cancel_booking, change_session, correct_address
from tests.actions.callers import NOW, owner_of
from tests.mail_chain import Chain, calendar_of, mails
from tests.mail_faults import Process, dying, every_death, recording
from tests.making import booking_for, invariants_hold, make_session

pytestmark = pytest.mark.usefixtures("neighbours")


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


@pytest.fixture
def two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify_of_change, "BOOKINGS_PER_SLICE", 2)


def move(session: Session, patch: object, *, now: datetime = NOW) -> Session:
    """Change the session as its organiser does."""
    return change_session(
        owner_of(session), session.event_id, session.session_id, patch, now=now, expected_version=None
    )


def book_in_one_partition(session: Session, count: int, *, named: str = "p") -> list[Booking]:
    """Book by people whose bookings happen to live side by side."""
    people = (booking_for(session, f"{named}{number}") for number in itertools.count())
    neighbours = (booking for booking in people if partition_of(booking.key) == "7")
    return [capacity.take(session, booking) for booking in itertools.islice(neighbours, count)]


def page_of(session: Session) -> BookingsSlice:
    (page,) = (page for page in slices_of_changed(session) if page.partition == "7")
    return page


def told() -> list[tuple[str, str, str]]:
    """Return (whose entry, its SEQUENCE, the subject's first words) of every mail, in order."""
    entries = [(calendar_of(mail), str(mail["Subject"])) for mail in mails()]
    return [
        (entry["UID"].partition("@")[0], entry["SEQUENCE"], subject.partition(":")[0])
        for entry, subject in entries
    ]


def owed(chain: Chain) -> list[tuple[str, str, int]]:
    return sorted((m["kind"], m["booking_id"], m["version"]) for m in chain.waiting("mail"))


def test_everybody_who_booked_is_told_once_and_their_calendars_above_what_they_held(
    chain: Chain, two_a_page: None
) -> None:
    session = make_session(capacity=60)
    bookings = [capacity.take(session, booking_for(session, f"p{number}", places=3)) for number in range(5)]
    bookings += book_in_one_partition(session, 5, named="q")
    chain.settle()
    move(session, {"venue": "The Other Pot"})
    chain.settle()
    of_all = sorted(booking.booking_id for booking in bookings)
    assert sorted(told()[:10]) == [(booking_id, "0", "Booked") for booking_id in of_all]
    assert sorted(told()[10:]) == [(booking_id, "1", "New place") for booking_id in of_all]
    assert all("The Other Pot" in mail.as_string() for mail in mails()[10:])
    assert invariants_hold(session) == 20, "nobody's booking was touched"


def test_nothing_but_the_sessions_own_item_is_written_or_sent_by_the_organisers_call(chain: Chain) -> None:
    session = make_session()
    book_in_one_partition(session, 3)
    chain.changes()
    with dying(99, applied=False) as process:
        move(session, {"venue": "The Other Pot"})
    assert [done for done in process.done if done not in ("GetItem", "DescribeTable")] == [
        "TransactWriteItems"
    ]
    assert chain.waiting("mail") == chain.waiting("fan-out") == []


def test_a_new_title_mails_nobody(chain: Chain) -> None:
    session = make_session()
    book_in_one_partition(session, 2)
    chain.settle()
    move(session, {"title": "Leicester, upstairs"})
    chain.settle()
    assert len(mails()) == 2


def test_who_has_cancelled_is_told_nothing_and_who_books_later_reads_it_on_the_page(chain: Chain) -> None:
    session = make_session()
    gone, stays = book_in_one_partition(session, 2)
    cancel_booking(BookingAddress(gone.session_id, gone.key, gone.booking_id), now=NOW)
    chain.settle()
    move(session, {"venue": "The Other Pot"})
    ten_minutes_later = NOW + timedelta(minutes=10)
    late = msgspec.structs.replace(booking_for(session, "late"), created_at=ten_minutes_later)
    capacity.take(session, late)
    chain.settle()
    assert [booking_id for booking_id, _, subject in told() if subject == "New place"] == [stays.booking_id]


def test_who_books_just_after_the_pages_were_worked_through_is_told_in_their_confirmation(
    chain: Chain,
) -> None:
    session = make_session()
    move(session, {"venue": "The Other Pot"}, now=NOW - timedelta(minutes=3))
    chain.settle()
    (late,) = book_in_one_partition(session, 1)
    chain.settle()
    assert told() == [(late.booking_id, "1", "Booked, new place")]


def test_who_books_just_after_a_change_by_a_form_that_shows_it_gets_one_email(chain: Chain) -> None:
    session = make_session()
    moved = move(session, {"venue": "The Other Pot"}, now=NOW - timedelta(minutes=3))
    chain.settle()
    for _ in range(2):
        # The second time they have cancelled, and book again.
        late = msgspec.structs.replace(booking_for(moved, "ann"), shown=moved.sequence)
        booking = capacity.take(moved, late)
        chain.settle()
        assert told()[-1] == (booking.booking_id, "1", "Booked")
        cancel_booking(booking.lives_at, now=NOW)
        chain.settle()
    assert [subject for _, _, subject in told()] == ["Booked", "Cancelled"] * 2


def test_who_booked_by_a_form_from_before_the_change_is_told_however_late_they_sent_it(chain: Chain) -> None:
    session = make_session()
    moved = move(session, {"venue": "The Other Pot"}, now=NOW - timedelta(hours=3))
    late = msgspec.structs.replace(booking_for(moved, "ann"), shown=session.sequence)
    booking = capacity.take(moved, late)
    chain.settle()
    assert told() == [(booking.booking_id, "1", "Booked, new place")]
    text = text_of(mails()[-1])
    assert (
        "The place changed before you booked. The page that you booked on may have shown it as it was" in text
    )
    assert "New place The Other Pot, 12 Example Street, Leicester It was The Copper Pot, 12" in text


@pytest.mark.parametrize("shown", [0, None])
def test_who_booked_after_a_change_was_put_right_within_a_minute_hears_of_no_change(
    chain: Chain, shown: int | None
) -> None:
    session = make_session()
    for venue in ("The Other Pot", "The Copper Pot"):
        moved = move(session, {"venue": venue}, now=NOW - timedelta(minutes=3))
    booking = capacity.take(moved, replace(booking_for(moved, "ann"), shown=shown))
    chain.settle()
    assert told() == [(booking.booking_id, "2", "Booked")]


@pytest.mark.parametrize("by_attendee", [False, True])
@pytest.mark.parametrize("told_the_wrong_one", [False, True])
def test_a_change_before_the_address_was_corrected_is_told_to_the_right_one(
    chain: Chain, by_attendee: bool, told_the_wrong_one: bool
) -> None:
    session = make_session()
    booking = capacity.take(session, replace(booking_for(session, "wrong"), shown=0))
    chain.settle()
    moved = move(session, {"starts_local": "2027-09-04T19:00", "ends_local": "2027-09-04T22:00"})
    if told_the_wrong_one:
        chain.settle()
    key = booking_key(b"secret", session.session_id, "right@example.org")
    if by_attendee:
        correct(booking, "right@example.org", [key], NOW, new_reference="NEWREFAB", source="")
    else:
        correct_address(owner_of(session), session.event_id, booking.lives_at, "right@example.org", now=NOW)
    chain.settle()
    subjects = [str(mail["Subject"]) for mail in mails() if mail["To"] == "right@example.org"]
    assert [subject.partition(":")[0] for subject in subjects] == ["Booked, new time"]
    text = text_of(mails()[-1])
    assert "It was Sunday 5 September 2027, 7pm to 10pm." in text
    move(moved, {"venue": "The Other Pot"})
    chain.settle()
    assert str(mails()[-1]["Subject"]).startswith("New place")
    assert "When (not changed)" in text_of(mails()[-1])


def text_of(mail: Any) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_a_change_says_what_was_and_what_is_and_what_the_organiser_says(chain: Chain) -> None:
    session = make_session()
    book_in_one_partition(session, 1)
    chain.settle()
    move(session, {"starts_local": "2027-09-05T19:30", "change_note": "The oven is slow."})
    chain.settle()
    text = text_of(mails()[-1])
    assert "From the organiser The oven is slow." in text
    assert "7.30pm to 10pm, UK time It was 7pm to 10pm." in text
    move(
        session,
        {"venue": "The Other Pot", "starts_local": "2027-09-06T19:30", "ends_local": "2027-09-06T22:00"},
        now=NOW + timedelta(days=1),
    )
    chain.settle()
    text = text_of(mails()[-1])
    assert "From the organiser" not in text, "the note was of the change before"
    assert "It was Sunday 5 September 2027, 7.30pm to 10pm." in text
    assert "It was The Copper Pot, 12 Example Street, Leicester." in text


def test_a_pin_that_moves_far_is_told_as_that(chain: Chain) -> None:
    session = make_session()
    book_in_one_partition(session, 1)
    chain.settle()
    move(session, {"latitude": 52.64})
    chain.settle()
    assert "The address is the same. The pin on the map has moved." in text_of(mails()[-1])


def test_a_quiet_change_mails_nobody_and_every_later_email_has_it_above_what_was_sent(chain: Chain) -> None:
    session = make_session()
    (ann,) = book_in_one_partition(session, 1)
    chain.settle()
    move(session, {"venue": "The Other Pot", "tell": False})
    chain.settle()
    assert len(mails()) == 1
    (bob,) = book_in_one_partition(session, 1, named="q")
    chain.settle()
    move(session, {"starts_local": "2027-09-05T19:30"})
    chain.settle()
    assert told()[1] == (bob.booking_id, "1", "Booked")
    assert sorted(told()[2:]) == sorted(
        [(ann.booking_id, "2", "New time and place"), (bob.booking_id, "2", "New time")]
    )


def test_a_quiet_change_that_is_told_after_all_reaches_those_who_were_told_otherwise(chain: Chain) -> None:
    session = make_session()
    (ann,) = book_in_one_partition(session, 1)
    chain.settle()
    move(session, {"venue": "The Other Pot", "tell": False})
    book_in_one_partition(session, 1, named="q")
    chain.settle()
    move(session, {"venue": "THE OTHER POT"})
    chain.settle()
    assert told()[2:] == [(ann.booking_id, "2", "New place")]


def test_what_an_organiser_says_is_in_the_mail_of_the_change_that_overtakes_its_own(chain: Chain) -> None:
    session = make_session()
    book_in_one_partition(session, 1)
    chain.settle()
    move(session, {"venue": "The Other Pot", "change_note": "The oven is slow."})
    move(session, {"starts_local": "2027-09-05T19:30"}, now=NOW + timedelta(minutes=1))
    chain.settle()
    assert len(mails()) == 2
    assert "The oven is slow." in text_of(mails()[-1])


def test_a_quiet_change_does_not_stop_the_emails_of_the_one_before(chain: Chain) -> None:
    session = make_session()
    (ann,) = book_in_one_partition(session, 1)
    chain.settle()
    move(session, {"venue": "The Other Pot"})
    chain.run_stream()
    chain.deliver("fan-out")
    move(session, {"latitude": 52.63691})
    chain.settle()
    assert told()[1:] == [(ann.booking_id, "2", "New place")]


def test_a_change_that_was_reversed_in_time_is_told_to_those_alone_who_were_told_it(chain: Chain) -> None:
    session = make_session()
    bookings = book_in_one_partition(session, 3)
    chain.settle()
    move(session, {"venue": "The Other Pot"})
    chain.run_stream()
    chain.deliver("fan-out")
    chain.deliver("mail", at_most=1)
    ((first, _, _),) = told()[3:]
    move(session, {"venue": "The Copper Pot"})
    chain.settle()
    assert told()[4:] == [(first, "2", "New place")]
    for booking in bookings:
        if booking.booking_id != first:
            (notice,) = notices_of_session(booking, stored(session))
            line = states([notice])[notice]
            assert (line.state, line.reason) == ("overtaken", "already_told")


def test_who_asked_for_their_email_again_has_read_of_the_change_in_it(chain: Chain) -> None:
    session = make_session()
    (ann,) = book_in_one_partition(session, 1)
    chain.settle()
    move(session, {"venue": "The Other Pot"})
    owe_mail_again(ann, NOW, source="", pause=timedelta(0))
    notices = notices_of_session(ann, stored(session))
    chain.changes()
    send_notices([replace(notice_owed(ann), version=2)])
    chain.deliver("mail")
    send_notices(notices)
    chain.deliver("mail")
    assert [subject for _, _, subject in told()] == ["Booked", "Booked, new place"]


def test_only_where_something_changed_is_the_ledger_asked_what_was_told(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow machine what was read is soon old, and is read once more.
    monkeypatch.setattr(mailer, "_FRESH_SECONDS", 60)
    session = make_session()
    (ann,) = book_in_one_partition(session, 1)
    chain.run_stream()
    with recording() as confirming:
        chain.deliver("mail")
    moved = move(session, {"venue": "The Other Pot"})
    send_notices(notices_of_session(ann, moved))
    with recording() as changing:
        chain.deliver("mail")
    owe_mail_again(ann, NOW, source="", pause=timedelta(0))
    send_notices([replace(notice_owed(ann), version=2)])
    with recording() as again:
        chain.deliver("mail")
    queries = [process.done.count("Query") for process in (confirming, changing, again)]
    assert queries == [0, 1, 1]
    # Who had to be counted costs two requests more than who is told of a change.
    for process in (confirming, changing):
        assert len(table_trips(process)) <= MAIL_TRIPS_MAX


def table_trips(process: Process) -> list[str]:
    return [done for done in process.done if done.endswith(("Item", "Items", "Query"))]


def stored(session: Session) -> Session:
    found = find_session(session.event_id, session.session_id)
    assert found is not None
    return found


def test_of_two_changes_in_a_row_the_second_is_told_alone_and_says_what_both_did(
    chain: Chain, two_a_page: None
) -> None:
    session = make_session()
    bookings = book_in_one_partition(session, 5)
    chain.settle()
    move(session, {"starts_local": "2027-09-05T18:00:00"})
    chain.run_stream()
    # Of the first change the first page of these bookings is done, and one mail of that page is sent.
    chain.deliver("fan-out", at_most=8)
    chain.deliver("mail", at_most=1)
    move(session, {"venue": "The Other Pot"}, now=NOW + timedelta(minutes=1))
    chain.settle()
    first, *second = [entry for entry in told() if entry[2] != "Booked"]
    # Who was told of the first reads in the second what is new since then.
    news = {booking.booking_id: "New time and place" for booking in bookings} | {first[0]: "New place"}
    assert first[2] == "New time"
    assert sorted(second) == sorted((booking_id, "2", subject) for booking_id, subject in news.items())


def test_pages_of_a_change_that_was_overtaken_stop_early(chain: Chain) -> None:
    session = make_session()
    book_in_one_partition(session, 2)
    first = move(session, {"venue": "The Other Pot"})
    move(session, {"venue": "The Third Pot"})
    send_work([page_of(first)])
    chain.deliver("fan-out")
    assert chain.waiting("mail") == []


@pytest.mark.usefixtures("two_a_page")
def test_a_session_cancelled_meanwhile_tells_of_that_alone(chain: Chain) -> None:
    session = make_session()
    bookings = book_in_one_partition(session, 3)
    chain.settle()
    moved = move(session, {"venue": "The Other Pot"})
    chain.run_stream()
    chain.deliver("fan-out")
    assert len(chain.waiting("mail")) == 3
    capacity_changes.cancel_session(moved)
    chain.settle()
    assert sorted(told()[3:]) == sorted((booking.booking_id, "3", "Cancelled") for booking in bookings)


def test_a_change_is_not_held_back_by_the_days_limit_and_does_not_use_it_up(chain: Chain) -> None:
    session = make_session()
    bookings = book_in_one_partition(session, 1)
    chain.settle()
    for venue in range(12):
        move(session, {"venue": f"Pot {venue}"}, now=NOW + timedelta(minutes=venue))
        chain.settle()
    assert len(told()) == 13
    again = make_session_of_the_same(session)
    other = capacity.take(
        again, msgspec.structs.replace(booking_for(again, "x"), address=bookings[0].address)
    )
    chain.settle()
    assert told()[13:] == [(other.booking_id, "0", "Booked")]


def make_session_of_the_same(session: Session) -> Session:
    """Another session of the same organiser's, whose mails count for the same day."""
    return make_session(organiser_id=session.organiser_id)


def test_dying_anywhere_in_the_pages_tells_everybody(chain: Chain, two_a_page: None) -> None:
    for request, applied in every_death():
        session = make_session()
        bookings = book_in_one_partition(session, 5, named=f"p{request}-{int(applied)}-")
        moved = move(session, {"venue": "The Other Pot"})
        # The session's own change would make sixteen pages; this is about one.
        chain.changes()
        send_work([page_of(moved)])
        with dying(request, applied=applied) as process:
            chain.deliver("fan-out")
        chain.time_passes()
        chain.deliver("fan-out")
        where = (request, applied, process.done)
        assert set(owed(chain)) == {("change", booking.booking_id, 1) for booking in bookings}, where
        assert chain.waiting("fan-out") == [], where
        if not process.died:
            break
        chain.forget()
    # Three pages: each reads session and bookings and queues its notices; two queue their next page.
    assert request >= len(["session", "bookings", "notices"]) * 3 + 2


def test_an_email_that_leaves_the_calendar_as_it_was_does_not_stand_for_the_change(chain: Chain) -> None:
    session = make_session()
    (ann,) = book_in_one_partition(session, 1)
    chain.settle()
    moved = move(session, {"venue": "The Other Pot"})
    # A reminder overtook the change's own email, and said where it is by now.
    advance((ann.booking_id, "reminder", 1), "sent", NOW, told=told_of(moved, ann.key))
    chain.settle()
    assert [entry[1:] for entry in told()] == [("0", "Booked"), ("1", "New place")]
