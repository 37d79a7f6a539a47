"""Booking, as someone with a form meets it: what they get, what they are refused, and in which order."""

import contextlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.actions.booking.book import Booked
from chalicelib.actions.event.recount_session import Recount, recount_session
from chalicelib.domain.booking import Booking, BookingRequest
from chalicelib.domain.event import Event
from chalicelib.domain.ids import new_id, source_hash
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Busy,
    Cancelled,
    Closed,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    NotOpenYet,
    NotPublished,
    Refusal,
    SoldOut,
    TooManyPlaces,
)
from chalicelib.domain.session import Session
from chalicelib.store import capacity_changes, event_changes, hints, lately, sent_mail
from chalicelib.store.bookings import every_booking, find_booking
from chalicelib.store.connection import connection
from chalicelib.store.recounts import remember_recount, watched_sessions
from chalicelib.store.secrets import key_secret
from tests.actions.as_routes import book, cancel_booking
from tests.faults import weather
from tests.making import counters_of, invariants_hold, make_event, make_session
from tests.wire import requests_counted

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
ADA = BookingRequest(name="Ada", email="ada@example.org", places=2, guests=("Grace",), consent=True)


def ask(
    event: Event,
    session: Session,
    request: BookingRequest = ADA,
    *,
    key: str | None = None,
    now: datetime = NOW,
    source: str = "",
) -> Booked:
    booking_id = new_id(secrets.token_bytes(15))
    return book(
        event.slug,
        session.session_id,
        request,
        idempotency_key=key,
        now=now,
        booking_id=booking_id,
        source=source,
    )


def cancel(booking: Booking) -> Booking:
    address = BookingAddress(booking.session_id, booking.key, booking.booking_id)
    return cancel_booking(address, now=NOW)


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event, capacity=10)


def test_a_booking_is_stored_whole(event: Event, session: Session) -> None:
    booked = ask(event, session)
    stored = find_booking(session.session_id, booked.booking.key)
    assert not booked.replayed
    assert stored == booked.booking
    assert stored is not None
    assert (stored.name, stored.address, stored.places, stored.guests) == (
        "Ada",
        "ada@example.org",
        2,
        ("Grace",),
    )
    assert invariants_hold(session) == 2


def test_the_same_key_gets_the_same_booking_again(event: Event, session: Session) -> None:
    first = ask(event, session, key="k")
    again = ask(event, session, key="k")
    assert again == Booked(first.booking, replayed=True)
    assert invariants_hold(session) == 2


def test_the_same_key_after_a_cancellation_says_cancelled_and_does_not_book_again(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k")
    cancelled = cancel(first.booking)
    again = ask(event, session, key="k")
    assert again == Booked(cancelled, replayed=True)
    assert again.booking.status == "cancelled"
    assert invariants_hold(session) == 0


def test_the_same_key_with_another_body_is_refused(event: Event, session: Session) -> None:
    ask(event, session, key="k")
    with pytest.raises(IdempotencyKeyReused):
        ask(event, session, msgspec.structs.replace(ADA, places=3), key="k")
    assert invariants_hold(session) == 2


def test_the_same_key_with_another_body_is_refused_after_a_cancellation_too(
    event: Event, session: Session
) -> None:
    cancel(ask(event, session, key="k").booking)
    with pytest.raises(IdempotencyKeyReused):
        ask(event, session, msgspec.structs.replace(ADA, name="Eve"), key="k")
    assert invariants_hold(session) == 0


def test_a_retry_after_a_lost_answer_hears_of_its_booking_although_all_is_sold(
    event: Event, session: Session
) -> None:
    everything = msgspec.structs.replace(ADA, places=6)
    first = ask(event, session, everything, key="k")
    ask(event, session, msgspec.structs.replace(ADA, email="b@example.org", places=4))
    hints.forget()
    with pytest.raises(SoldOut):
        ask(event, session, msgspec.structs.replace(ADA, email="c@example.org", places=1, guests=()))
    assert ask(event, session, everything, key="k") == Booked(first.booking, replayed=True)


def test_once_all_is_sold_who_has_not_booked_hears_so_without_a_request(
    event: Event, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cache in (lately._events, lately._sessions):
        # However slow this machine is, what was read a moment ago is still warm.
        monkeypatch.setattr(cache, "_seconds", 60)
    monkeypatch.setattr(hints, "SOLD_OUT_SECONDS", 60)
    booked = [
        ask(event, session, msgspec.structs.replace(ADA, email=f"{n}@example.org"), key="k") for n in range(5)
    ]
    late = [msgspec.structs.replace(ADA, email=f"late{n}@example.org") for n in range(4)]
    with pytest.raises(SoldOut):
        ask(event, session, late[0])
    with requests_counted() as sent:
        for request in late:
            with pytest.raises(SoldOut):
                ask(event, session, request, key="k")
    assert not sent
    with requests_counted() as sent:
        for first in booked:
            again = msgspec.structs.replace(ADA, email=first.booking.address)
            assert ask(event, session, again, key="k") == Booked(first.booking, replayed=True)
    assert sent == {"GetItem": 5}


def test_who_has_booked_and_asks_anew_when_all_is_sold_is_mailed_what_they_have(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k").booking
    mail_settled(first)
    everything_else = msgspec.structs.replace(ADA, email="b@example.org", places=6)
    ask(event, session, everything_else)
    later = NOW + timedelta(minutes=15)
    for address in ("ada@example.org", "stranger@example.org"):
        with pytest.raises(SoldOut):
            ask(event, session, msgspec.structs.replace(ADA, email=address, places=3), now=later)
    stored = find_booking(session.session_id, first.key)
    assert stored is not None
    assert stored.mailed_at == later


def test_a_retry_after_the_closing_hears_of_its_booking(event: Event, session: Session) -> None:
    first = ask(event, session, key="k")
    after_the_start = session.starts_at + timedelta(minutes=1)
    assert ask(event, session, key="k", now=after_the_start) == Booked(first.booking, replayed=True)
    with pytest.raises(Closed):
        ask(event, session, msgspec.structs.replace(ADA, email="b@example.org"), now=after_the_start)


def test_the_same_address_with_another_key_has_already_booked_and_is_mailed_again_after_ten_minutes(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k").booking
    mail_settled(first)
    for minutes in (1, 9, 10, 12, 19):
        with pytest.raises(AlreadyBooked):
            ask(event, session, key="other", now=NOW + timedelta(minutes=minutes))
    stored = find_booking(session.session_id, first.key)
    assert stored is not None
    assert stored.mailed_at == NOW + timedelta(minutes=10)
    assert stored.version == first.version + 1, "mailed again once, ten minutes after the first mail"
    assert invariants_hold(session) == 2


def mail_settled(booking: Booking) -> None:
    """Record that this booking's mail went out."""
    notice = notice_owed(booking)
    sent_mail.advance((notice.booking_id, notice.kind, notice.version), "sent", NOW)


@pytest.mark.parametrize("several", [1, 3])
@pytest.mark.parametrize("places", [2, 20])
def test_a_mail_asked_for_again_is_put_down_to_whoever_asks_and_not_to_who_booked(
    table: Any, several: int, places: int
) -> None:
    event = make_event(bookings_per_address_max=several)
    session = make_session(event, capacity=several * 2)
    for number in range(several):
        mail_settled(ask(event, session, key=f"{number}", source="203.0.113.7").booking)
    request = msgspec.structs.replace(ADA, places=places)
    with pytest.raises(Refusal):
        ask(event, session, request, key="other", source="198.51.100.1", now=NOW + timedelta(minutes=10))
    booker, asker = (source_hash(key_secret(), source) for source in ("203.0.113.7", "198.51.100.1"))
    there = list(every_booking(session.session_id))
    assert [booking.emails_caused_by for booking in there] == [asker] * several
    assert [booking.source for booking in there] == [booker] * several, "it still says who booked"


def test_asking_again_while_the_mail_is_still_on_its_way_does_not_send_it_to_the_back_of_the_queue(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k").booking
    for minutes in (11, 22, 33):
        with pytest.raises(AlreadyBooked):
            ask(event, session, key="other", now=NOW + timedelta(minutes=minutes))
    assert find_booking(session.session_id, first.key) == first


@pytest.mark.parametrize("reason", ["recipient_limit", "source_limit", "throttled"])
def test_a_mail_that_waits_for_room_of_another_source_is_asked_for_anew_and_of_one_s_own_is_not(
    event: Event, session: Session, reason: str
) -> None:
    first = ask(event, session, key="k", source="203.0.113.7").booking
    lease = sent_mail.take_lease(notice_owed(first), NOW)
    assert isinstance(lease, sent_mail.Lease)
    sent_mail.postpone(lease, NOW, 3600, begun=False, reason=reason)
    later = NOW + timedelta(minutes=11)
    for source, version in (("203.0.113.7", 1), ("198.51.100.1", 1 if reason == "throttled" else 2)):
        with pytest.raises(AlreadyBooked):
            ask(event, session, key="other", source=source, now=later)
        stored = find_booking(session.session_id, first.key)
        assert stored is not None
        assert stored.version == version


@pytest.mark.usefixtures("neighbours")
def test_a_mail_that_was_asked_for_again_is_seen_by_the_next_recount(event: Event, session: Session) -> None:
    first = ask(event, session, key="k").booking
    mail_settled(first)
    later = NOW + timedelta(minutes=15)
    [watched] = watched_sessions()
    assert recount_session(watched, now=later) == Recount(whole=True)
    with pytest.raises(AlreadyBooked):
        ask(event, session, key="other", now=later)
    [watched] = watched_sessions()
    found = recount_session(watched, now=later + timedelta(minutes=5))
    assert found == Recount(whole=False, notices_found=1)


def test_a_recount_that_began_before_somebody_asked_again_does_not_hide_that(
    event: Event, session: Session
) -> None:
    mail_settled(ask(event, session, key="k").booking)
    later = NOW + timedelta(minutes=15)
    [watched_before] = watched_sessions()
    with pytest.raises(AlreadyBooked):
        ask(event, session, key="other", now=later)
    remember_recount(watched_before, 99)
    [watched] = watched_sessions()
    assert watched.seen_versions == -1


def test_what_a_rule_refuses_is_refused_alike_to_who_has_booked_and_who_has_not_but_mails_the_one(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k").booking
    mail_settled(first)
    later = NOW + timedelta(minutes=15)
    for address in ("ada@example.org", "stranger@example.org"):
        with pytest.raises(TooManyPlaces) as refused:
            ask(event, session, msgspec.structs.replace(ADA, email=address, places=21), now=later)
        assert refused.value.facts == {"places_max": 6}
    stored = find_booking(session.session_id, first.key)
    assert stored is not None
    assert stored.mailed_at == later


@pytest.mark.parametrize("address", ["ADA@Example.org", "  ada@example.org ", "Ada@EXAMPLE.ORG"])
def test_an_address_is_one_however_it_is_typed(event: Event, session: Session, address: str) -> None:
    ask(event, session)
    with pytest.raises(AlreadyBooked):
        ask(event, session, msgspec.structs.replace(ADA, email=address))


def test_a_new_request_after_a_cancellation_books_anew(event: Event, session: Session) -> None:
    first = ask(event, session, key="k").booking
    cancel(first)
    second = ask(event, session, key="another").booking
    assert second.key == first.key
    assert second.booking_id != first.booking_id
    assert [booking.status for booking in every_booking(session.session_id)] == ["confirmed"]
    with pytest.raises(NotFound):
        cancel(first)
    assert invariants_hold(session) == 2


def test_cancelling_twice_is_cancelling_once(event: Event, session: Session) -> None:
    booking = ask(event, session).booking
    assert cancel(booking) == cancel(booking)
    assert sum(counter.free for counter in counters_of(session)) == 10


def test_a_draft_cannot_be_booked(table: Any) -> None:
    event = make_event(status="draft")
    with pytest.raises(NotPublished):
        ask(event, make_session(event))


def test_a_cancelled_event_cannot_be_booked(table: Any) -> None:
    event = make_event(status="cancelled")
    with pytest.raises(Cancelled):
        ask(event, make_session(event))


def test_before_the_opening_the_refusal_says_when(table: Any) -> None:
    event = make_event(opens_at=NOW + timedelta(hours=1))
    session = make_session(event)
    with pytest.raises(NotOpenYet) as refused:
        ask(event, session)
    assert refused.value.facts["opens_at"] == NOW + timedelta(hours=1)
    assert ask(event, session, now=NOW + timedelta(hours=1)).booking.status == "confirmed"


@pytest.mark.parametrize("whose", ["event", "session"])
def test_from_the_closing_time_on_it_is_closed(table: Any, whose: str) -> None:
    closing = NOW + timedelta(hours=1)
    event = make_event(closes_at=closing if whose == "event" else None)
    session = make_session(event, closes_at=closing if whose == "session" else None)
    with pytest.raises(Closed):
        ask(event, session, now=closing)
    assert ask(event, session, now=closing - timedelta(seconds=1)).booking.status == "confirmed"


def test_a_cancelled_session_refuses_and_yet_shows_a_retry_its_booking(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k")
    capacity_changes.cancel_session(session)
    with pytest.raises(Cancelled):
        ask(event, session, msgspec.structs.replace(ADA, email="b@example.org"))
    assert ask(event, session, key="k").booking == first.booking


def test_more_places_than_the_event_allows_are_refused_and_the_refusal_says_how_many(table: Any) -> None:
    event = make_event(places_per_booking_max=4)
    with pytest.raises(TooManyPlaces) as refused:
        ask(event, make_session(event), msgspec.structs.replace(ADA, places=5))
    assert refused.value.facts["places_max"] == 4


def test_a_retry_after_the_largest_party_was_made_smaller_hears_of_its_booking(table: Any) -> None:
    event = make_event(places_per_booking_max=4)
    session = make_session(event)
    party = msgspec.structs.replace(ADA, places=4)
    first = ask(event, session, party, key="k")
    smaller = msgspec.structs.replace(event, places_per_booking_max=2, version=event.version + 1)
    event_changes.save_event(smaller, event.version)
    assert ask(smaller, session, party, key="k") == Booked(first.booking, replayed=True)


def test_a_bad_request_names_every_wrong_field_and_stores_nothing(event: Event, session: Session) -> None:
    bad = BookingRequest(
        name="www.spam.example", email="no address", places=1, guests=("A", "B"), website="x"
    )
    with pytest.raises(Invalid) as refused:
        ask(event, session, bad)
    assert {error.pointer for error in refused.value.errors} == {
        "/name",
        "/email",
        "/guests",
        "/website",
    }
    assert list(every_booking(session.session_id)) == []


@pytest.mark.parametrize("seed", range(8))
def test_lost_answers_conflicts_and_throttles_never_book_twice_and_never_lose_a_booking(
    dynamodb_local: Any, seed: int
) -> None:
    event = make_event()
    session = make_session(event, capacity=10)
    with weather(seed, conflicts=0.2, throttles=0.2, lost=0.25, never_sent=0.2) as bad:
        booked = None
        while booked is None:
            with contextlib.suppress(Busy):
                booked = ask(event, session, key="k")
    assert bad.requests >= 4
    assert find_booking(session.session_id, booked.booking.key) == booked.booking
    assert invariants_hold(session) == 2


def test_asking_again_on_a_wire_that_fails_is_done_or_busy(dynamodb_local: Any) -> None:
    event = make_event()
    session = make_session(event)
    first = ask(event, session, key="k").booking
    mail_settled(first)
    with weather(3, conflicts=0.4, throttles=0.2, lost=0.2):
        for minutes in range(20, 140, 20):
            with pytest.raises((AlreadyBooked, Busy)):
                ask(event, session, key="other", now=NOW + timedelta(minutes=minutes))
    stored = find_booking(session.session_id, first.key)
    assert stored is not None
    assert stored.version == 2, "asked again once; after that the second mail was still on its way"


def test_a_warm_booking_is_one_request_that_writes_two_items_of_a_unit_each(dynamodb_local: Any) -> None:
    event = make_event()
    session = make_session(event, capacity=10)
    ask(event, session, msgspec.structs.replace(ADA, email="warm@example.org"))
    units: list[float] = []

    def note(parsed: dict[str, Any], **_: Any) -> None:
        units.extend(table["CapacityUnits"] for table in parsed["ConsumedCapacity"])

    connection().client.meta.events.register("after-call.dynamodb.TransactWriteItems", note)
    with weather(0) as calm:
        ask(event, session)
    assert calm.requests == 1
    # DynamoDB Local counts what the items weigh; AWS charges twice that in a transaction.
    assert units == [2.0]
