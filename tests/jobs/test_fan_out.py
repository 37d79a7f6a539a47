"""A cancelled session's bookings, cancelled page by page."""

import itertools
from typing import Any
from unittest import mock

import msgspec
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.actions.event import cancel_session_bookings
from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import Scan, checked_in
from chalicelib.domain.session import Session
from chalicelib.store import capacity, event_changes, events
from chalicelib.store.bookings import find_booking
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.messages import BookingsSlice, send_work, slices_of_cancelled
from chalicelib.store.partitions import partition_of
from tests.mail_chain import Chain, calendar_of, call, mails, sqs_event
from tests.mail_faults import dying, every_death
from tests.making import booking_for, invariants_hold, make_session

pytestmark = pytest.mark.usefixtures("neighbours")


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


@pytest.fixture
def two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancel_session_bookings, "BOOKINGS_PER_SLICE", 2)


def call_off(session: Session) -> None:
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    called_off = msgspec.structs.replace(
        stored, status="cancelled", sequence=stored.sequence + 1, version=stored.version + 1
    )
    event_changes.save_session(called_off, stored.version)


def book_in_one_partition(session: Session, count: int, *, named: str = "p") -> list[Booking]:
    """Book by people whose bookings happen to live side by side."""
    people = (booking_for(session, f"{named}{number}") for number in itertools.count())
    neighbours = (booking for booking in people if partition_of(booking.key) == "7")
    return [capacity.take(session, booking) for booking in itertools.islice(neighbours, count)]


def page_of(session: Session) -> BookingsSlice:
    (page,) = (page for page in slices_of_cancelled(session) if page.partition == "7")
    return page


def statuses(bookings: list[Booking]) -> set[tuple[str, int]]:
    found = [find_booking(booking.session_id, booking.key) for booking in bookings]
    return {(booking.status, booking.version) for booking in found if booking is not None}


def test_a_session_called_off_cancels_everybody_once_gives_back_every_place_and_tells_each(
    chain: Chain, two_a_page: None
) -> None:
    session = make_session(capacity=60)
    bookings = [capacity.take(session, booking_for(session, f"p{number}", places=3)) for number in range(5)]
    bookings += book_in_one_partition(session, 4, named="q")
    chain.settle()
    call_off(session)
    chain.settle()
    assert statuses(bookings) == {("cancelled", 2)}
    assert invariants_hold(session) == 0
    entries = [calendar_of(mail) for mail in mails()]
    told = [entry["UID"].partition("@")[0] for entry in entries if entry["METHOD"] == "CANCEL"]
    assert sorted(told) == sorted(booking.booking_id for booking in bookings)
    # The session's own change and the booking's both raise it.
    assert {entry["SEQUENCE"] for entry in entries if entry["METHOD"] == "CANCEL"} == {"2"}


def test_a_session_called_off_while_people_are_in_cancels_and_tells_those_too(chain: Chain) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada", places=3))
    chain.settle()
    scan = Scan(nonce="a", places=1, at=session.starts_at, token_id="t", where="Door")
    change_arrivals(booking, lambda standing: checked_in(session, standing, scan))
    # That somebody came in owes nobody a mail.
    chain.run_stream()
    assert chain.waiting("mail") == []
    call_off(session)
    chain.settle()
    assert statuses([booking]) == {("cancelled", 2)}
    assert invariants_hold(session) == 0
    assert [calendar_of(mail)["METHOD"] for mail in mails()].count("CANCEL") == 1


def test_a_session_that_is_not_cancelled_is_left_alone(chain: Chain) -> None:
    session = make_session()
    bookings = book_in_one_partition(session, 2)
    send_work([page_of(session)])
    chain.deliver("fan-out")
    assert statuses(bookings) == {("confirmed", 1)}
    assert chain.waiting("fan-out") == []


def test_a_page_that_meets_other_writers_comes_back_and_is_done_then(chain: Chain) -> None:
    session = make_session()
    bookings = book_in_one_partition(session, 2)
    call_off(session)
    send_work([page_of(session)])
    inner = BaseClient._make_api_call  # type: ignore[attr-defined]  # there, but not public

    def conflict(client: BaseClient, operation: str, parameters: Any) -> Any:
        if operation != "TransactWriteItems":
            return inner(client, operation, parameters)
        reasons = [{"Code": "TransactionConflict"} for _ in parameters["TransactItems"]]
        error: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
        raise ClientError(error, operation)

    with mock.patch.object(BaseClient, "_make_api_call", conflict):
        chain.deliver("fan-out")
    assert statuses(bookings) == {("confirmed", 1)}
    assert len(chain.waiting("fan-out")) == 1
    chain.time_passes()
    chain.deliver("fan-out")
    assert statuses(bookings) == {("cancelled", 2)}


@pytest.mark.usefixtures("table")
def test_a_message_that_makes_no_sense_comes_back_and_its_neighbour_is_done() -> None:
    session = make_session()
    good = msgspec.json.encode(page_of(session)).decode()
    answer = call("fan_out", sqs_event('{"what": "something else"}', good))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_dying_anywhere_cancels_everybody_once_and_leaks_no_place(chain: Chain, two_a_page: None) -> None:
    for request, applied in every_death():
        session = make_session()
        bookings = book_in_one_partition(session, 3, named=f"p{request}-{int(applied)}-")
        call_off(session)
        # The session's own change would make sixteen pages; this is about one.
        chain.changes()
        send_work([page_of(session)])
        with dying(request, applied=applied) as process:
            chain.deliver("fan-out")
        chain.time_passes()
        chain.deliver("fan-out")
        chain.run_stream()
        assert statuses(bookings) == {("cancelled", 2)}, (request, applied, process.done)
        assert invariants_hold(session) == 0, (request, applied, process.done)
        owed = [(message["kind"], message["booking_id"]) for message in chain.waiting("mail")]
        assert sorted(owed) == sorted(("cancellation", booking.booking_id) for booking in bookings)
        if not process.died:
            break
        chain.forget()
