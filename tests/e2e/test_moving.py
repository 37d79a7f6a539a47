"""A session that moves under people who booked it, through the deployed package."""

from typing import Any

import vobject

from tests.e2e.stack import Stack, eventually
from tests.e2e.test_booking import book, booking_of, link_in


def entries(stack: Stack, address: str) -> list[Any]:
    """Return the calendar files of all mails to this address, the oldest first."""
    parts = [part for mail in reversed(stack.mails_to(address)) for part in stack.inbox.parts(mail.id)]
    return [vobject.readOne(part.content.decode()) for part in parts if part.content_type == "text/calendar"]


def test_who_booked_is_mailed_the_new_place_and_finds_it_behind_their_link_and_in_their_calendar(
    stack: Stack,
) -> None:
    session_id = stack.new_session()
    addresses = [f"moved-{number}@example.org" for number in range(3)]
    for address in addresses:
        book(stack, session_id, address)
    first = {address: stack.wait_for_mail(address, "confirmation") for address in addresses}
    path = f"/admin/events/{stack.notes['event_id']}/sessions/{session_id}"
    moved = stack.organiser("PATCH", path, {"venue": "The Assembly Rooms"})
    assert (moved.status, moved.json["venue"]) == (200, "The Assembly Rooms")
    for address in addresses:
        then = stack.wait_for_mail(address, "change")
        assert "The Assembly Rooms" in then
        # The link in the first mail leads to the same page as the one in the second.
        for mail in (first[address], then):
            page = stack.request("GET", link_in(mail, "manage", stack.notes["base_url"]))
            assert "The Assembly Rooms" in page.text
        before, after = entries(stack, address)
        assert (before.method.value, before.vevent.sequence.value) == ("REQUEST", "0")
        assert (after.method.value, after.vevent.sequence.value) == ("REQUEST", "1")
        assert after.vevent.uid.value == before.vevent.uid.value
        assert after.vevent.location.value.startswith("The Assembly Rooms")
    booking_id = booking_of(stack, session_id, addresses[0])["booking_id"]
    eventually(lambda: stack.ledger(booking_id, "change#1") == "delivered", "delivery in the ledger")
