"""book.py in an event with a queue: it takes an admission of one's own, and costs nothing without."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.booking.book import Booked
from chalicelib.actions.booking.correct_own_address import correct_own_address
from chalicelib.domain.admission import ADMISSION_LASTS, give_admission, new_queue_ticket
from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.booking import TURNS_USED_MAX, Booking
from chalicelib.domain.booking_request import BookingOnBehalf, BookingRequest
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key, new_id, person_in_queue
from chalicelib.domain.queue import turn_of
from chalicelib.domain.refusals import AlreadyBooked, Closed, NotOpenYet, SoldOut, TooManyPlaces
from chalicelib.domain.session import Session
from chalicelib.domain.signing import sign_text
from chalicelib.store.booking_lists import bookings_of_address
from chalicelib.store.bookings import every_booking, find_booking, item_from
from chalicelib.store.capacity import give_back
from chalicelib.store.moves import move
from chalicelib.store.secrets import current_token_secret, key_secret
from tests.actions.as_routes import admit, book, book_on_behalf, join_queue
from tests.actions.callers import owner_of
from tests.making import MADE_AT, make_event_with_queue, make_session
from tests.wire import requests_counted

NOW = MADE_AT + timedelta(minutes=1)
BOTH_KINDS = pytest.mark.parametrize("bookings_max", [1, 3])


def booked(session: Session, event: Event, admission: str | None, **changes: Any) -> Booked:
    asked = {"name": "Ada", "email": "ada@example.org", "consent": True, **changes}
    key = asked.pop("key", None)
    now = asked.pop("now", NOW)
    booking_id = new_id(str(asked.pop("nth", 1)).encode() * 15)
    return book(
        event.slug, session.session_id, BookingRequest(**asked), idempotency_key=key, now=now,
        booking_id=booking_id, admission=admission,
    )  # fmt: skip


def admission_of(event: Event, address: str = "ada@example.org") -> str:
    ticket = join_queue(event.slug, address, held=None, now=MADE_AT - timedelta(minutes=1))
    return admit(event.slug, ticket, NOW).text


@BOTH_KINDS
def test_without_an_admission_nobody_books_and_nothing_is_asked_of_the_table(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    with pytest.raises(NotAdmitted):
        booked(session, event, None)
    with requests_counted() as sent:
        for text in (None, "", "forged"):
            with pytest.raises(NotAdmitted):
                booked(session, event, text)
    assert sent == {}


@BOTH_KINDS
def test_with_it_its_person_books_in_one_transaction(table: Any, bookings_max: int) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    admission = admission_of(event)
    with pytest.raises(NotAdmitted):
        booked(session, event, admission, email="bob@example.org")
    with requests_counted() as sent:
        assert booked(session, event, admission).booking.status == "confirmed"
    assert sent["TransactWriteItems"] == 1
    assert bookings_max > 1 or set(sent) == {"TransactWriteItems"}


@BOTH_KINDS
def test_a_request_sent_again_hears_of_its_booking_also_when_its_admission_is_over(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    first = booked(session, event, admission_of(event), key="key-1")
    later = NOW + timedelta(hours=1)
    again = booked(session, event, None, key="key-1", now=later, nth=2)
    assert (again.replayed, again.booking.booking_id) == (True, first.booking.booking_id)
    with pytest.raises(NotAdmitted):
        booked(session, event, None, key="key-2", now=later, nth=3)


def test_an_admission_books_once_in_each_session(table: Any) -> None:
    event = make_event_with_queue()
    one, other = make_session(event), make_session(event)
    admission = admission_of(event)
    assert booked(one, event, admission).booking.places == 1
    assert booked(other, event, admission, nth=2).booking.places == 1
    with pytest.raises(AlreadyBooked):
        booked(one, event, admission, nth=3)


@BOTH_KINDS
def test_an_admission_books_no_more_for_bookings_that_went_to_other_addresses(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    admission = admission_of(event)
    for nth in range(bookings_max):
        made = booked(session, event, admission, key=f"key-{nth}", nth=nth).booking
        correct_own_address(
            event, session, made, f"x{nth}@example.org", now=NOW, new_reference="NEWREFAB", source=""
        )
    for key in ("another", None):
        with requests_counted() as sent, pytest.raises(NotAdmitted) as refused:
            booked(session, event, admission, key=key, nth=8)
        assert sent["TransactWriteItems"] == 1
        assert refused.value.facts == {"why_not": "used"}
    assert booked(session, event, admission, key="key-0", nth=9).replayed
    live = [there.address for there in every_booking(session.session_id) if there.status == "confirmed"]
    assert sorted(live) == [f"x{nth}@example.org" for nth in range(bookings_max)]


def admission_of_turn(event: Event, joined: datetime, address: str = "ada@example.org") -> str:
    """Return the admission for which this address joined then, as if its turn had come."""
    person = person_in_queue(key_secret(), event.event_id, address)
    ticket = new_queue_ticket(event.event_id, person, joined)
    return give_admission(current_token_secret(), ticket, turn_of(event, ticket), NOW).text


def take_away(event: Event, session: Session, made: Booking, to: str) -> None:
    correct_own_address(event, session, made, to, now=NOW, new_reference="NEWREFAB", source="")


@BOTH_KINDS
@pytest.mark.parametrize("joined_first", [True, False])
def test_whose_address_somebody_mistyped_and_corrected_books_in_a_turn_of_their_own(
    table: Any, bookings_max: int, joined_first: bool
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    theirs, mistyped = (MADE_AT + timedelta(seconds=n) for n in ((1, 2) if joined_first else (2, 1)))
    for nth in range(bookings_max):
        made = booked(session, event, admission_of_turn(event, mistyped), key=f"key-{nth}", nth=nth).booking
        take_away(event, session, made, f"x{nth}@example.org")
    own = booked(session, event, admission_of_turn(event, theirs), key="own", nth=8).booking
    assert (own.status, own.address) == ("confirmed", "ada@example.org")
    assert booked(session, event, admission_of_turn(event, theirs), key="own", nth=9).replayed
    give_back(own, NOW)
    with pytest.raises(NotAdmitted, match="join the queue again"):
        booked(session, event, admission_of_turn(event, mistyped), nth=10)


def test_all_who_joined_the_draw_with_an_address_have_one_turn_and_joining_again_later_is_another(
    table: Any,
) -> None:
    event = make_event_with_queue()
    session = make_session(event)
    in_draw = [admission_of_turn(event, MADE_AT - timedelta(hours=hours)) for hours in (2, 1)]
    take_away(event, session, booked(session, event, in_draw[0]).booking, "rob@example.org")
    with pytest.raises(NotAdmitted) as refused:
        booked(session, event, in_draw[1], nth=2)
    assert refused.value.facts == {"why_not": "used"}
    assert not booked(session, event, admission_of_turn(event, MADE_AT), nth=3).replayed


def test_a_used_turn_is_told_so_only_where_its_address_could_have_booked(table: Any) -> None:
    event = make_event_with_queue()
    session = make_session(event, capacity=1)
    admission = admission_of_turn(event, MADE_AT)
    take_away(event, session, booked(session, event, admission).booking, "rob@example.org")
    with pytest.raises(SoldOut):
        booked(session, event, admission, nth=2)
    with pytest.raises(NotAdmitted, match="another email address"):
        booked(session, event, admission, email="bob@example.org", nth=3)


def test_what_was_corrected_away_before_turns_were_kept_keeps_nobody_out_and_its_turn_once_more_at_most(
    table: Any,
) -> None:
    event = make_event_with_queue()
    session = make_session(event)
    admission = admission_of_turn(event, MADE_AT)
    made = booked(session, event, admission).booking
    take_away(event, session, made, "rob@example.org")
    left = find_booking(session.session_id, made.key)
    assert left is not None
    item_from(replace(left, turn=None, turns_used=())).save()
    with requests_counted() as sent:
        again = booked(session, event, admission, nth=2).booking
    assert sent == {"TransactWriteItems": 1}
    take_away(event, session, again, "robin@example.org")
    with pytest.raises(NotAdmitted, match="join the queue again"):
        booked(session, event, admission, nth=3)


def test_an_admission_from_before_they_said_their_turn_books_once(table: Any) -> None:
    event = make_event_with_queue()
    session = make_session(event)
    person = person_in_queue(key_secret(), event.event_id, "ada@example.org")
    older = sign_text(current_token_secret(), "admission", (event.event_id, person), NOW + ADMISSION_LASTS)
    take_away(event, session, booked(session, event, older).booking, "rob@example.org")
    with pytest.raises(NotAdmitted, match="join the queue again"):
        booked(session, event, older, nth=2)


TURNS = {"draw": MADE_AT - timedelta(hours=1), "first": MADE_AT, "second": MADE_AT + timedelta(seconds=1)}


class History:
    """What may happen to one address's bookings, and who may book there after it."""

    def __init__(self) -> None:
        self.event = make_event_with_queue()
        self.session = make_session(self.event, capacity=100)
        self.live: Booking | None = None
        self.taken_by = ""
        self.used: set[str] = set()
        self.nth = 0

    def books(self, turn: str) -> None:
        self.nth += 1
        admission = admission_of_turn(self.event, TURNS[turn])
        if self.live is None and turn not in self.used:
            self.live = booked(self.session, self.event, admission, nth=self.nth).booking
            self.taken_by = turn
            return
        with pytest.raises(AlreadyBooked if self.live else NotAdmitted):
            booked(self.session, self.event, admission, nth=self.nth)

    def comes_from_another_address(self, *, by_organiser_alone: bool) -> None:
        self.nth += 1
        if self.live is None:
            email = "ada@example.org" if by_organiser_alone else f"other{self.nth}@example.org"
            made = by_organiser(self.event, self.session, email, self.nth)
            if not by_organiser_alone:
                take_away(self.event, self.session, made, "ada@example.org")
            (self.live,) = bookings_of_address(self.session.session_id, "ada@example.org")
            self.taken_by = ""

    def goes(self, *, corrected: bool) -> None:
        self.nth += 1
        if self.live is None or (corrected and self.live.corrected):
            return
        if corrected:
            take_away(self.event, self.session, self.live, f"away{self.nth}@example.org")
            self.used |= {self.taken_by} - {""}
        else:
            give_back(self.live, NOW)
        self.live = None

    def is_moved_by_an_organiser(self, *, and_back: bool) -> None:
        self.nth += 1
        if self.live is None:
            return
        address = f"moved{self.nth}@example.org"
        keys = [booking_key(key_secret(), self.session.session_id, address)]
        moved = move(self.live, address, keys, NOW, new_reference="NEWREFAB")
        back = [self.live.key]
        self.live, self.taken_by = None, ""
        if and_back:
            self.live = move(moved, "ada@example.org", back, NOW, new_reference="NEWREFAC")


@pytest.mark.parametrize("seed", range(10))
def test_a_turn_books_after_any_history_unless_it_was_corrected_away_or_a_booking_is_there(
    table: Any, seed: int
) -> None:
    chance, it = random.Random(seed), History()
    deeds: list[Callable[[], None]] = [
        *[partial(it.books, turn) for turn in (*TURNS, *TURNS)],
        *[partial(it.goes, corrected=corrected) for corrected in (True, True, True, False)],
        *[partial(it.comes_from_another_address, by_organiser_alone=alone) for alone in (True, False)],
        *[partial(it.is_moved_by_an_organiser, and_back=back) for back in (True, False)],
    ]
    for _ in range(60):
        chance.choice(deeds)()
    for turn in TURNS:
        it.goes(corrected=False)
        it.books(turn)
    assert it.used


def by_organiser(event: Event, session: Session, email: str, nth: int) -> Booking:
    request = BookingOnBehalf(name="Ada", email=email)
    booking_id = new_id(str(nth).encode() * 15)
    return book_on_behalf(
        owner_of(event), event.event_id, session.session_id, request, idempotency_key=None, now=NOW,
        booking_id=booking_id,
    ).booking  # fmt: skip


def test_however_many_turns_an_address_uses_its_key_stays_small_and_none_books_again(table: Any) -> None:
    event = make_event_with_queue()
    session = make_session(event, capacity=100)
    turns = [MADE_AT + timedelta(seconds=nth) for nth in range(TURNS_USED_MAX + 3)]
    for nth, joined in enumerate(turns):
        made = booked(session, event, admission_of_turn(event, joined), nth=nth).booking
        assert len(made.turns_used) == min(nth, TURNS_USED_MAX)
        take_away(event, session, made, f"x{nth}@example.org")
    for joined in turns:
        with pytest.raises(NotAdmitted, match="join the queue again"):
            booked(session, event, admission_of_turn(event, joined), nth=50)
    assert booked(session, event, admission_of_turn(event, NOW), nth=51).booking.status == "confirmed"


@BOTH_KINDS
def test_what_was_cancelled_or_corrected_by_an_organiser_leaves_its_admission_free_to_book_again(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    admission = admission_of(event)
    give_back(booked(session, event, admission, key="first").booking, NOW)
    second = booked(session, event, admission, key="second", nth=2).booking
    move(second, "bo@example.org", ["k" * 32], NOW, new_reference="NEWREFAB")
    assert not booked(session, event, admission, key="third", nth=3).replayed


@BOTH_KINDS
def test_the_other_rules_are_told_first(table: Any, bookings_max: int) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    with pytest.raises(NotOpenYet):
        booked(session, event, None, now=MADE_AT - timedelta(seconds=1))
    with pytest.raises(TooManyPlaces):
        booked(session, event, None, places=7)
    with pytest.raises(Closed):
        booked(make_session(event, status="closed"), event, None)


def test_another_events_admission_is_none(table: Any) -> None:
    event, other = make_event_with_queue(), make_event_with_queue()
    session, _ = make_session(event), make_session(other)
    with pytest.raises(NotAdmitted, match="another event"):
        booked(session, event, admission_of(other))
