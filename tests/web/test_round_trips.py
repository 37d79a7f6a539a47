"""How often a change asks the table: event, session and booking are looked up once and handed on."""

from datetime import timedelta
from typing import Any

from chalice.test import Client

from app import app
from chalicelib.domain.links import sign_link
from chalicelib.store.secrets import current_token_secret
from tests.engines import forget_process_state
from tests.web.admin import new_admin
from tests.web.conftest import NOW
from tests.web.organiser.test_bookings import book_for
from tests.wire import requests_counted

AUTHORIZER = {"GetItem": 1}
"""What API Gateway has asked for the token, apart from the request."""


def test_an_organiser_cancels_a_booking_with_one_look_up_of_session_and_booking(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    booking = book_for(session, "ada")
    with requests_counted() as sent:
        assert admin.post(f"{session}/bookings/{booking.path}/cancel").status_code == 200
    # The second batch is what became of its emails, for the answer.
    assert sent == {**AUTHORIZER, "BatchGetItem": 2, "TransactWriteItems": 1}


def test_an_organiser_changes_a_session_with_one_look_up_of_event_and_session(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    with requests_counted() as sent:
        assert admin.send("PATCH", session, {"title": "Leeds"}, If_Match="*").status_code == 200
    # The second batch is how many places are free, for the answer.
    assert sent == {**AUTHORIZER, "BatchGetItem": 2, "PutItem": 1}


def test_an_attendee_cancels_with_one_look_up_of_the_booking_where_its_session_is_known(table: Any) -> None:
    admin = new_admin()
    booking = book_for(admin.new_session(admin.new_event()), "ada")
    link = sign_link(current_token_secret(), "manage", booking.lives_at, NOW + timedelta(days=1))
    client = Client(app).http
    forget_process_state()
    assert client.get(f"/manage/{link}").status_code == 200
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with requests_counted() as sent:
        assert client.post(f"/manage/{link}/cancel", headers=headers, body=b"").status_code == 303
    assert sent == {"GetItem": 1, "TransactWriteItems": 1}
