"""A booking as a calendar entry: RFC 5545 (the format) and RFC 5546 (what the methods mean).

- REQUEST goes with a confirmation: mail clients then offer the entry, and put it in by themselves.
- CANCEL goes with a cancellation: it takes the entry with this UID out again.
- PUBLISH is for a file that somebody downloads. A REQUEST opened from a disk belongs to no mail,
  so Outlook shows a meeting that can't be answered, and Apple Calendar offers a reply to an
  address that has no reader. RFC 5546 3.2.1 made PUBLISH for this: an entry with no one invited.

All three carry the same UID, so a person with both the email and the file has one entry.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from chalicelib.documents.zone_rules import zone_rules
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.domain.titles import full_title, place, unlinked

if TYPE_CHECKING:
    from icalendar import Event as Entry
    from icalendar import vCalAddress

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]

_UID_SUFFIX = "turnout"
"""What follows the @ in every UID. No host: a deployment may move to another between a REQUEST and its
CANCEL. The booking's 120 random bits are unique without one (RFC 5545 3.8.4.7, RFC 7986 5.3)."""


def calendar(
    *,
    method: Method,
    event: Event,
    session: Session,
    booking_id: str,
    reference: str,
    sequence: int,
    attendee_name: str,
    attendee_address: str,
    organiser_address: str,
    ticket_url: str,
    now: datetime,
) -> bytes:
    """Return the .ics file: UTF-8, folded, CRLF.

    ``sequence`` must rise with every change of the booking or the session, and never fall for one
    ``booking_id``: clients ignore what is older than what they have (RFC 5546 2.1.4).
    ``ticket_url`` shows the ticket, and can't cancel. ``organiser_address`` is the bare address that we
    mail from. ``now`` is aware.
    """
    from icalendar import Calendar  # noqa: PLC0415  # slow to import; only what renders needs it

    file = Calendar()
    file.add("PRODID", "-//Turnout//Booking//EN")
    file.add("VERSION", "2.0")
    file.add("CALSCALE", "GREGORIAN")
    file.add("METHOD", method)
    entry = session_entry(event, session, booking_id, cancelled=method == "CANCEL")
    entry.add("DESCRIPTION", _description(reference, ticket_url, cancelled=method == "CANCEL"))
    entry.add("SEQUENCE", sequence)
    entry.add("DTSTAMP", now.astimezone(UTC))
    entry.add("ORGANIZER", person(organiser_address, event.title))
    if method != "PUBLISH":
        # They have booked, so they have accepted: no answer is awaited.
        answer = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
        entry.add("ATTENDEE", person(attendee_address, attendee_name, **answer))
    file.add_component(entry)
    # The zone's rules are written once for all mails of a session, and go before the entry. What comes before
    # that is ours alone, so nothing that anybody typed can be taken for it.
    head, begin, rest = bytes(file.to_ical(sorted=False)).partition(b"BEGIN:VEVENT\r\n")
    return head + zone_rules(session.zone, session.starts_at, session.ends_at) + begin + rest


def session_entry(event: Event, session: Session, name: str, *, cancelled: bool) -> "Entry":
    """Return a session's entry: when and where it is. No other entry has this ``name``."""
    from icalendar import Event as Entry  # noqa: PLC0415  # slow to import; only what renders needs it

    zone = {"TZID": session.zone}
    entry = Entry()
    entry.add("UID", f"{name}@{_UID_SUFFIX}")
    # Given as local times beside a TZID: the venue's clock is what was promised, whatever the
    # attendee's own zone is, and whatever its government decides until then.
    entry.add("DTSTART", session.starts_local.replace(tzinfo=None), parameters=zone)
    entry.add("DTEND", session.ends_local.replace(tzinfo=None), parameters=zone)
    entry.add("SUMMARY", full_title(event, session))
    entry.add("LOCATION", place(session))
    if session.latitude is not None and session.longitude is not None:
        entry.add("GEO", (session.latitude, session.longitude))
    entry.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    # A cancelled dinner must not keep the evening blocked where a client only strikes it through.
    entry.add("TRANSP", "TRANSPARENT" if cancelled else "OPAQUE")
    return entry


def _description(reference: str, ticket_url: str, *, cancelled: bool) -> str:
    if cancelled:
        return f"Your booking {reference} was cancelled."
    # Calendars are shared with families and whole offices: the link that cancels stays in the email.
    return (
        f"Your booking: {reference}\n\n"
        f"Your ticket: {ticket_url}\n\n"
        "Can't come? Please cancel with the link in our email, so that someone else can come. "
        "Declining or deleting this entry does not cancel your booking."
    )


def person(address: str, name: str, **parameters: str) -> "vCalAddress":
    """Return somebody who takes part, by address and name."""
    from icalendar import vCalAddress  # noqa: PLC0415  # slow to import; only what renders needs it

    person = vCalAddress(f"mailto:{address}")
    # A parameter can't hold a double quote in any spelling that all clients read (RFC 6868 came late).
    person.params["CN"] = unlinked(name).replace('"', "'")
    person.params.update(parameters)
    return person
