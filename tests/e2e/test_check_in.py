"""The ticket in the mail, scanned at the door of the deployed package."""

import io
from datetime import UTC, datetime, timedelta

import zxingcpp
from PIL import Image

from tests.e2e.stack import Stack
from tests.e2e.test_booking import book, booking_of


def session_tonight(stack: Stack) -> str:
    starts = (datetime.now(UTC) + timedelta(hours=2)).replace(tzinfo=None, microsecond=0)
    ends = starts + timedelta(hours=3)
    return stack.new_session(zone="UTC", starts_local=starts.isoformat(), ends_local=ends.isoformat())


def ticket_in_the_mail_to(stack: Stack, address: str) -> str:
    """What a camera reads off the confirmation."""
    stack.wait_for_mail(address, "confirmation")
    (mail,) = stack.mails_to(address)
    (picture,) = [part for part in stack.inbox.parts(mail.id) if part.content_type == "image/png"]
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)).convert("L"))
    return str(code.text)


def test_the_ticket_in_the_mail_lets_the_party_in_once_until_it_is_undone(stack: Stack) -> None:
    session_id = session_tonight(stack)
    reference = book(stack, session_id, "door@example.org", places=3).json["reference"]
    ticket = ticket_in_the_mail_to(stack, "door@example.org")
    path = f"/admin/events/{stack.notes['event_id']}/sessions/{session_id}/check-ins"

    first = stack.organiser("POST", path, {"ticket": ticket, "nonce": "scan-1", "places": 2})
    assert first.status == 201, first.text
    assert first.json["booking"] == {
        "reference": reference,
        "name": "Ada Okafor",
        "places": 3,
        "guests": [],
    }
    assert (first.json["checked_in"], first.json["arrived"]) == (2, 2)
    again = stack.organiser("POST", path, {"ticket": ticket, "nonce": "scan-1", "places": 2})
    assert (again.status, again.json) == (200, first.json | {"replayed": True})

    assert stack.organiser("POST", path, {"reference": reference, "nonce": "scan-2"}).json["arrived"] == 3
    used = stack.organiser("POST", path, {"ticket": ticket, "nonce": "scan-3"})
    assert (used.status, used.json["code"]) == (409, "already_arrived")
    assert (used.json["first_at"], used.json["first_where"]) == (first.json["at"], first.json["where"])

    for _ in range(2):
        undone = stack.organiser("DELETE", first.json["url"])
        assert (undone.status, undone.json["arrived"]) == (200, 1), undone.text
    late = stack.organiser("POST", path, {"ticket": ticket, "nonce": "scan-1", "places": 2})
    assert (late.status, late.json["code"]) == (409, "check_in_undone")

    booking = booking_of(stack, session_id, "door@example.org")
    assert (booking["arrived"], booking["version"], booking["status"]) == (1, 1, "confirmed")
    assert len(stack.mails_to("door@example.org")) == 1


def test_a_ticket_tried_out_long_before_is_good_and_counts_nobody(stack: Stack) -> None:
    session_id = stack.new_session()
    book(stack, session_id, "rehearsal@example.org")
    ticket = ticket_in_the_mail_to(stack, "rehearsal@example.org")
    path = f"/admin/events/{stack.notes['event_id']}/sessions/{session_id}/check-ins"
    tried = stack.organiser("POST", path, {"ticket": ticket, "nonce": "scan-1"})
    assert (tried.status, tried.json["code"]) == (409, "check_in_not_open_yet")
    assert booking_of(stack, session_id, "rehearsal@example.org")["arrived"] == 0
