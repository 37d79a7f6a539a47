"""Write the mail that a notice is."""

from datetime import datetime

from chalicelib.documents.calendar import calendar
from chalicelib.documents.ticket import ticket_png
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.links import LINKS_LAST, BookingAddress, sign_link
from chalicelib.domain.notices import Notice
from chalicelib.domain.session import Session
from chalicelib.domain.ticket import ticket_text
from chalicelib.mail.render import CALENDAR_METHODS, MailFacts, RenderedMail, render
from chalicelib.settings import settings
from chalicelib.store.secrets import current_token_secret


def write_notice(
    notice: Notice, event: Event, session: Session, booking: Booking, *, now: datetime
) -> RenderedMail:
    """Return this notice's mail, ready to be sent: with its link, its calendar entry and its ticket."""
    address = BookingAddress(notice.session_id, notice.key, notice.booking_id)
    link = sign_link(current_token_secret(), "manage", address, session.ends_at + LINKS_LAST)
    manage_url = f"{settings().base_url}/manage/{link}"
    return render(
        notice.kind,
        MailFacts(
            event=event,
            session=session,
            booking=booking,
            booking_id=notice.booking_id,
            version=notice.version,
            manage_url=manage_url,
            event_url=f"{settings().base_url}/book/{event.slug}",
            mail_from=settings().mail_from,
            calendar=_calendar(notice, event, session, booking, manage_url, now),
            ticket_png=None if notice.kind == "cancellation" else ticket_png(ticket_text(address)),
            now=now,
        ),
    )


def _calendar(
    notice: Notice, event: Event, session: Session, booking: Booking, manage_url: str, now: datetime
) -> bytes:
    # A change's version is the session's. A cancellation's is not that of who has booked again since.
    version = booking.version if notice.kind == "change" else notice.version
    return calendar(
        method=CALENDAR_METHODS[notice.kind],
        event=event,
        session=session,
        booking_id=notice.booking_id,
        # Both only rise, so each mail is above all that told of another time or place, and a CANCEL's
        # version is above its REQUEST's. Two mails with the same SEQUENCE say the same.
        sequence=session.sequence + version - 1,
        attendee_name=booking.name,
        attendee_address=booking.address,
        organiser_address=settings().mail_from,
        manage_url=manage_url,
        now=now,
    )
