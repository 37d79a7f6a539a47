"""actions/queue/join_queue.py: a ticket for an address, counted at most once each time it is handed out."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.admission import read_queue_ticket
from chalicelib.domain.admission_refusals import NoQueue
from chalicelib.domain.queue import Counted
from chalicelib.domain.refusals import Cancelled, Invalid, NotFound, NotPublished
from chalicelib.store.queues import count_tickets
from chalicelib.store.secrets import token_secrets
from tests.actions.as_routes import join_queue
from tests.making import MADE_AT, make_event, make_event_with_queue
from tests.wire import requests_counted

BEFORE, AFTER = MADE_AT - timedelta(hours=1), MADE_AT + timedelta(seconds=5)


def test_a_ticket_says_when_it_was_handed_out_and_is_counted_by_that(table: Any) -> None:
    event = make_event_with_queue()
    early = join_queue(event.slug, "Ada@Example.org ", held=None, now=BEFORE)
    late = join_queue(event.slug, "bob@example.org", held=None, now=AFTER)
    ours = token_secrets()
    assert read_queue_ticket(ours, event.event_id, early).at == BEFORE
    assert read_queue_ticket(ours, event.event_id, late).at == AFTER
    assert count_tickets(event.event_id, AFTER) == Counted(1, 1, AFTER)


def test_an_address_is_the_same_person_however_it_is_written_and_however_often_it_joins(table: Any) -> None:
    event = make_event_with_queue()
    texts = [
        join_queue(event.slug, address, held=None, now=BEFORE)
        for address in ("ada@example.org", " ADA@EXAMPLE.org")
    ]
    assert len({read_queue_ticket(token_secrets(), event.event_id, text).person for text in texts}) == 1


def test_an_address_that_no_email_can_reach_can_not_join(table: Any) -> None:
    event = make_event_with_queue()
    with pytest.raises(Invalid) as refused:
        join_queue(event.slug, "nobody@x.invalid", held=None, now=BEFORE)
    assert [error.code for error in refused.value.errors] == ["address_reserved"]


def test_who_shows_a_ticket_of_their_own_is_given_it_back_and_nothing_is_written(table: Any) -> None:
    event = make_event_with_queue()
    held = join_queue(event.slug, "ada@example.org", held=None, now=BEFORE)
    with requests_counted() as sent:
        assert join_queue(event.slug, "ada@example.org", held=held, now=AFTER) == held
    assert sent == {}


def test_a_ticket_of_somebody_else_or_of_another_queue_is_no_reason_to_hand_out_none(table: Any) -> None:
    event, other = make_event_with_queue(), make_event_with_queue()
    bobs = join_queue(event.slug, "bob@example.org", held=None, now=BEFORE)
    elsewhere = join_queue(other.slug, "ada@example.org", held=None, now=BEFORE)
    for held in (bobs, elsewhere, "", "nonsense", bobs[:-1]):
        text = join_queue(event.slug, "ada@example.org", held=held, now=AFTER)
        assert read_queue_ticket(token_secrets(), event.event_id, text).at == AFTER


def test_handing_out_a_ticket_is_one_request_when_warm(table: Any) -> None:
    event = make_event_with_queue()
    join_queue(event.slug, "ada@example.org", held=None, now=BEFORE)
    with requests_counted() as sent:
        join_queue(event.slug, "bob@example.org", held=None, now=BEFORE)
    assert sent == {"UpdateItem": 1}


def test_where_there_is_no_queue_nobody_joins_one(table: Any) -> None:
    for event, refusal in (
        (make_event(), NoQueue),
        (make_event(status="draft"), NotPublished),
        (make_event(status="cancelled"), Cancelled),
    ):
        with pytest.raises(refusal):
            join_queue(event.slug, "ada@example.org", held=None, now=BEFORE)
    with pytest.raises(NotFound):
        join_queue("nobodys", "ada@example.org", held=None, now=BEFORE)


def test_an_address_that_could_not_book_can_not_wait_either(table: Any) -> None:
    event = make_event_with_queue()
    with pytest.raises(Invalid) as refused:
        join_queue(event.slug, "not an address", held=None, now=BEFORE)
    assert [error.pointer for error in refused.value.errors] == ["/email"]
