"""The table's stream calls for recounts: once a batch for each session, and for nothing that needs none."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from chalicelib.actions.event.ask_for_recounts import ask_for_recounts
from chalicelib.domain.session import Session
from chalicelib.store.recounts import Watched, remember_recount, watched_sessions
from chalicelib.store.table import RecountItem
from tests.making import MADE_AT, booking_for, make_session
from tests.wire import requests_counted


def watched(session: Session) -> Watched:
    [found] = [found for found in watched_sessions() if found.session_id == session.session_id]
    return found


def at_rest(session: Session) -> None:
    remember_recount(session.session_id, asks=watched(session).asks, versions=1)
    assert not watched(session).presses(MADE_AT)


def test_each_session_in_a_batch_is_asked_for_once_without_a_read(table: Any) -> None:
    one, other, quiet = make_session(), make_session(), make_session()
    for session in (one, other, quiet):
        at_rest(session)
    booked = [booking_for(one, f"p{number}") for number in range(5)]
    cancelled = replace(booked[0], status="cancelled", version=2)
    changes = [(None, booking) for booking in booked] + [(booked[0], cancelled)]
    with requests_counted() as sent:
        ask_for_recounts(changes, [(other, replace(other, capacity=30, version=2))])
    assert sent == {"UpdateItem": 2}
    assert [watched(session).presses(MADE_AT) for session in (one, other, quiet)] == [True, True, False]


def test_that_somebody_came_asks_for_a_recount_and_so_does_booking_again_at_the_same_key(table: Any) -> None:
    session = make_session()
    at_rest(session)
    booked = booking_for(session, "ada")
    ask_for_recounts([(booked, replace(booked, not_kept=1))], [])
    assert not watched(session).presses(MADE_AT), "it is no figure, and no email is owed for it"
    ask_for_recounts([(booked, replace(booked, arrivals_version=1))], [])
    assert watched(session).presses(MADE_AT)
    at_rest(session)
    ask_for_recounts([(booked, replace(booked, booking_id="other"))], [])
    assert watched(session).presses(MADE_AT)


def test_an_ask_while_the_session_is_recounted_is_not_lost(table: Any) -> None:
    session = make_session()
    before = watched(session)
    ask_for_recounts([(None, booking_for(session, "ada"))], [])
    remember_recount(session.session_id, asks=before.asks, versions=1)
    assert watched(session).presses(MADE_AT)
    at_rest(session)


def test_a_session_that_was_forgotten_does_not_come_back(table: Any) -> None:
    session = make_session()
    RecountItem("RECOUNT", session.session_id).delete()
    ask_for_recounts([(None, booking_for(session, "ada"))], [(None, session)])
    assert watched_sessions() == []


def test_a_session_presses_again_when_a_lease_of_its_mails_ends(table: Any) -> None:
    session = make_session()
    due = MADE_AT + timedelta(minutes=5)
    remember_recount(session.session_id, asks=0, versions=1, again_at=int(due.timestamp() * 1000))
    assert not watched(session).presses(due - timedelta(seconds=1))
    assert watched(session).presses(due)
