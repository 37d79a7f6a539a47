"""From a form to the inbox and back, through the deployed package."""

import re
from typing import Any
from urllib.parse import urlencode

from infra.local.demo import SLUG
from tests.e2e.stack import Reply, Stack, eventually

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


def bookings_path(session_id: str) -> str:
    return f"/events/{SLUG}/sessions/{session_id}/bookings"


def request_for(address: str, places: int = 2) -> dict[str, object]:
    return {"name": "Ada Okafor", "email": address, "places": places, "consent": True}


def book(stack: Stack, session_id: str, address: str, places: int = 2) -> Reply:
    reply = stack.post_json(
        bookings_path(session_id), request_for(address, places), idempotency_key=f"key-{address}"
    )
    assert reply.status == 201, reply.text
    return reply


def booking_of(stack: Stack, session_id: str, address: str) -> dict[str, Any]:
    path = f"/admin/events/{stack.notes['event_id']}/sessions/{session_id}/bookings"
    (found,) = [b for b in stack.organiser("GET", path).json["bookings"] if b["address"] == address]
    booking: dict[str, Any] = found
    return booking


def link_in(text: str, purpose: str, base_url: str) -> str:
    found = re.search(rf"{re.escape(base_url)}/{purpose}/\S+", text)
    assert found, text
    return found.group()


def test_a_place_booked_with_json_is_confirmed_by_mail_and_cancelled_by_the_link_in_it(stack: Stack) -> None:
    session_id = stack.new_session()
    book(stack, session_id, "json@example.org")
    mail = stack.wait_for_mail("json@example.org", "confirmation")
    manage = link_in(mail, "manage", stack.notes["base_url"])

    # A mail scanner follows links: looking must not cancel.
    shown = stack.request("GET", manage)
    assert (shown.status, "Ada Okafor" in shown.text) == (200, True)
    assert booking_of(stack, session_id, "json@example.org")["status"] == "confirmed"

    cancelled = stack.request("POST", f"{manage}/cancel", "", FORM)
    assert cancelled.status == 303, cancelled.text
    assert booking_of(stack, session_id, "json@example.org")["status"] == "cancelled"
    stack.wait_for_mail("json@example.org", "cancellation")


def test_a_place_booked_with_a_form_leads_to_our_page_and_is_confirmed_by_mail(stack: Stack) -> None:
    session_id = stack.new_session()
    page = stack.request("GET", f"/book/{SLUG}/{session_id}")
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page.text)
    action = re.search(r'<form[^>]+action="([^"]+)"', page.text)
    assert key
    assert action
    fields = {
        "name": "Bríd Ní Mhurchú",
        "email": "form@example.org",
        "places": "3",
        "guests": "Zoë",
        "consent": "true",
        "idempotency_key": key.group(1),
        "website": "",
    }
    reply = stack.request("POST", action.group(1), urlencode(fields), FORM)
    assert reply.status == 303, reply.text
    assert stack.request("GET", reply.headers["location"]).status == 200
    mail = stack.wait_for_mail("form@example.org", "confirmation")
    assert "Bríd Ní Mhurchú" in mail
    assert "Zoë" in mail


def test_the_mail_of_a_booking_carries_a_calendar_entry_and_a_ticket(stack: Stack) -> None:
    book(stack, stack.new_session(), "parts@example.org")
    stack.wait_for_mail("parts@example.org", "confirmation")
    (mail,) = stack.mails_to("parts@example.org")
    kinds = {part.content_type for part in stack.inbox.parts(mail.id)}
    assert {"text/plain", "text/html", "text/calendar", "image/png"} <= kinds


def test_the_ticket_and_the_calendar_file_open_by_their_links(stack: Stack) -> None:
    book(stack, stack.new_session(), "files@example.org")
    mail = stack.wait_for_mail("files@example.org", "confirmation")
    page = stack.request("GET", link_in(mail, "manage", stack.notes["base_url"]))
    calendar = stack.request("GET", link_in(page.text.replace('"', " "), "calendar", stack.notes["base_url"]))
    assert calendar.status == 200
    assert calendar.text.startswith("BEGIN:VCALENDAR")
    ticket = stack.request("GET", link_in(page.text.replace('"', " "), "ticket", stack.notes["base_url"]))
    assert (ticket.status, "<svg" in ticket.text) == (200, True)


def test_the_same_key_gets_the_same_reply_and_one_mail(stack: Stack) -> None:
    session_id = stack.new_session()
    first = book(stack, session_id, "twice@example.org")
    again = book(stack, session_id, "twice@example.org")
    assert again.json["reference"] == first.json["reference"]
    stack.wait_for_mail("twice@example.org", "confirmation")
    assert booking_of(stack, session_id, "twice@example.org")["places"] == 2
    assert len(stack.mails_to("twice@example.org")) == 1


def test_the_ledger_learns_that_a_mail_was_delivered(stack: Stack) -> None:
    session_id = stack.new_session()
    book(stack, session_id, "ledger@example.org")
    booking_id = booking_of(stack, session_id, "ledger@example.org")["booking_id"]
    eventually(lambda: stack.ledger(booking_id, "confirmation#1") == "delivered", "delivery in the ledger")


def test_a_mail_that_bounces_for_good_ends_the_mails_to_that_address(stack: Stack) -> None:
    session_id = stack.new_session()
    stack.answer_mails_with("bounced")
    book(stack, session_id, "gone@example.org")
    booking_id = booking_of(stack, session_id, "gone@example.org")["booking_id"]
    eventually(lambda: stack.ledger(booking_id, "confirmation#1") == "bounced", "bounce in the ledger")
    manage = link_in(
        stack.wait_for_mail("gone@example.org", "confirmation"), "manage", stack.notes["base_url"]
    )
    assert stack.request("POST", f"{manage}/cancel", "", FORM).status == 303
    eventually(lambda: stack.ledger(booking_id, "cancellation#2") == "suppressed", "suppressed cancellation")
    assert len(stack.mails_to("gone@example.org")) == 1


def test_a_mail_that_ses_has_no_room_for_goes_a_little_later(stack: Stack) -> None:
    session_id = stack.new_session()
    stack.answer_mails_with("throttled")
    book(stack, session_id, "later@example.org")
    stack.wait_for_mail("later@example.org", "confirmation", seconds=90)
    assert len(stack.mails_to("later@example.org")) == 1


def test_an_answer_that_gets_lost_leaves_one_mail_and_ses_s_event_as_its_receipt(stack: Stack) -> None:
    session_id = stack.new_session()
    stack.answer_mails_with("lost")
    book(stack, session_id, "lost@example.org")
    booking_id = booking_of(stack, session_id, "lost@example.org")["booking_id"]
    eventually(lambda: stack.ledger(booking_id, "confirmation#1") == "delivered", "receipt in the ledger")
    assert len(stack.mails_to("lost@example.org")) == 1


def test_cancelling_a_session_cancels_every_booking_and_mails_everybody(stack: Stack) -> None:
    session_id = stack.new_session()
    addresses = [f"everybody-{number}@example.org" for number in range(4)]
    for address in addresses:
        book(stack, session_id, address)
    for address in addresses:
        stack.wait_for_mail(address, "confirmation")
    path = f"/admin/events/{stack.notes['event_id']}/sessions/{session_id}/cancel"
    assert stack.organiser("POST", path, {}).status == 200
    for address in addresses:
        stack.wait_for_mail(address, "cancellation")
        assert booking_of(stack, session_id, address)["status"] == "cancelled"


def test_a_session_that_is_full_says_so_and_takes_more_after_it_grew(stack: Stack) -> None:
    session_id = stack.new_session(capacity=2)
    book(stack, session_id, "full@example.org")
    refused = stack.post_json(
        bookings_path(session_id), request_for("too-late@example.org"), idempotency_key="k"
    )
    assert (refused.status, refused.json["code"]) == (409, "sold_out")
    path = f"/admin/events/{stack.notes['event_id']}/sessions/{session_id}/capacity"
    assert stack.organiser("POST", path, {"capacity": 6}).status == 200

    def booked() -> bool:
        retry = stack.post_json(
            bookings_path(session_id), request_for("too-late@example.org"), idempotency_key="k"
        )
        return retry.status == 201

    eventually(booked, "place after the session grew", seconds=15)
