"""actions/queue/admit.py: whose turn it is, is admitted, again and again while places are left."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.admission import ADMISSION_LASTS
from chalicelib.domain.admission_refusals import NoQueue, NotAdmitted, NotYourTurn
from chalicelib.domain.booking_request import BookingRequest
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Cancelled, Closed, NotFound, NotOpenYet, SoldOut
from chalicelib.domain.session import Session
from tests import engines
from tests.actions.as_routes import admit, book, join_queue
from tests.making import MADE_AT, make_event, make_event_with_queue, make_session
from tests.wire import requests_counted

OPENS = MADE_AT
SECOND = timedelta(seconds=1)
A_GOOD_DRAW = "ffffffffffffffff"


def joined(event: Event, *people: str, at: Any = OPENS - 60 * SECOND) -> dict[str, str]:
    return {person: join_queue(event.slug, f"{person}@example.org", held=None, now=at) for person in people}


def booked(event: Event, session: Session, person: str, admission: str | None, at: Any) -> Any:
    request = BookingRequest(name=person, email=f"{person}@example.org", consent=True)
    return book(
        event.slug, session.session_id, request, idempotency_key=None, now=at,
        booking_id=f"{person}-1", admission=admission,
    )  # fmt: skip


def test_before_the_opening_nobody_is_admitted_and_soon_after_those_of_the_draw_are(table: Any) -> None:
    event = make_event_with_queue(admissions_per_second=1)
    session = make_session(event)
    tickets = joined(event, "ada", "bob", "cyd")
    for text in tickets.values():
        with pytest.raises(NotOpenYet):
            admit(event.slug, text, OPENS - SECOND)
    engines.forget_process_state()
    for person, text in tickets.items():
        given = admit(event.slug, text, OPENS + 3 * SECOND)
        assert given.expires_at == OPENS + 3 * SECOND + ADMISSION_LASTS
        assert booked(event, session, person, given.text, OPENS + 4 * SECOND).booking.places == 1


def test_at_a_second_each_they_are_served_one_by_one_and_told_when(table: Any) -> None:
    event = make_event_with_queue(admissions_per_second=1)
    make_session(event)
    tickets = joined(event, *(f"person{n}" for n in range(8)))
    engines.forget_process_state()
    first = OPENS + timedelta(seconds=1.5)
    refused: dict[str, NotYourTurn] = {}
    for person, text in tickets.items():
        try:
            admit(event.slug, text, first)
        except NotYourTurn as no:
            refused[person] = no
    assert refused
    for person, refusal in refused.items():
        facts = refusal.facts
        assert facts["number"] >= facts["serving"] == 1
        assert "estimate_seconds" in facts
        at = first + facts["estimate_seconds"] * SECOND
        assert admit(event.slug, tickets[person], at)


def test_who_comes_after_the_opening_is_behind_the_draw(table: Any) -> None:
    event = make_event_with_queue(admissions_per_second=1)
    make_session(event)
    joined(event, *(f"person{n}" for n in range(8)))
    late = joined(event, "late", at=OPENS + SECOND)["late"]
    with pytest.raises(NotYourTurn) as refused:
        admit(event.slug, late, OPENS + 8 * SECOND)
    assert refused.value.facts["number"] >= 8


def test_who_did_not_use_an_admission_is_given_another(table: Any) -> None:
    event = make_event_with_queue()
    session = make_session(event)
    ticket = joined(event, "ada")["ada"]
    old = admit(event.slug, ticket, OPENS + SECOND)
    late = OPENS + 2 * ADMISSION_LASTS
    with pytest.raises(NotAdmitted, match="has run out"):
        booked(event, session, "ada", old.text, late)
    assert booked(event, session, "ada", admit(event.slug, ticket, late).text, late)


def test_as_many_are_served_as_places_are_free_and_when_all_are_full_the_queue_says_so(table: Any) -> None:
    # The draw hangs on the event's id too: in this one exactly two of them have the numbers 0 and 1.
    event = make_event_with_queue(event_id=A_GOOD_DRAW)
    sessions = [make_session(event, capacity=1), make_session(event, capacity=1)]
    tickets = joined(event, *(f"person{n}" for n in range(40)))
    at = OPENS + 10 * SECOND
    engines.forget_process_state()
    admitted: dict[str, str] = {}
    told: list[NotYourTurn] = []
    for person, text in tickets.items():
        try:
            admitted[person] = admit(event.slug, text, at).text
        except NotYourTurn as refusal:
            told.append(refusal)
    assert len(admitted) == 2
    assert {"estimate_seconds" in refusal.facts for refusal in told} == {False}
    assert "All the places may go to people ahead of you" in told[0].detail
    first, second = admitted
    booked(event, sessions[0], first, admitted[first], at)
    engines.forget_process_state()
    assert admit(event.slug, tickets[second], at)
    booked(event, sessions[1], second, admitted[second], at)
    engines.forget_process_state()
    for text in tickets.values():
        with pytest.raises(SoldOut, match="No places are left"):
            admit(event.slug, text, at)


def test_it_takes_no_write_and_when_warm_no_request_at_all(table: Any) -> None:
    event = make_event_with_queue()
    make_session(event)
    ticket = joined(event, "ada")["ada"]
    engines.forget_process_state()
    with requests_counted() as sent:
        admit(event.slug, ticket, OPENS + SECOND)
    assert set(sent) <= {"GetItem", "BatchGetItem", "Query", "GetParameter"}
    with requests_counted() as sent:
        admit(event.slug, ticket, OPENS + SECOND)
    assert sent == {}


def test_what_is_no_ticket_of_this_queue_opens_nothing(table: Any) -> None:
    event, other = make_event_with_queue(), make_event_with_queue()
    make_session(event)
    elsewhere = joined(other, "ada")["ada"]
    good = joined(event, "ada")["ada"]
    an_admission = admit(event.slug, good, OPENS + SECOND).text
    for text in (
        "",
        "x",
        "....",
        elsewhere,
        an_admission,
        good[:-1],
        good + "a",
        good.replace("k1", "k2"),
        "é" * 9,
    ):
        with pytest.raises(NotFound):
            admit(event.slug, text, OPENS + SECOND)


def test_an_event_that_is_off_over_or_without_a_queue_admits_nobody(table: Any) -> None:
    event = make_event_with_queue()
    ticket = joined(event, "ada")["ada"]
    with pytest.raises(Closed):
        admit(event.slug, ticket, OPENS + SECOND)
    with pytest.raises(NoQueue):
        admit(make_event().slug, ticket, OPENS + SECOND)
    with pytest.raises(Cancelled):
        admit(make_event(status="cancelled", admission="queue", opens_at=OPENS).slug, ticket, OPENS + SECOND)
