"""Write the mail that a notice is."""

from datetime import datetime

from chalicelib.documents.calendar import calendar
from chalicelib.documents.ticket import ticket_png
from chalicelib.domain.booking import Booking, reference_of
from chalicelib.domain.event import Event
from chalicelib.domain.ids import reference
from chalicelib.domain.kinds import KINDS
from chalicelib.domain.links import LINKS_LAST, BookingAddress, Purpose, sign_link
from chalicelib.domain.notices import Notice, calendar_sequence
from chalicelib.domain.session import Session
from chalicelib.domain.ticket import ticket_text
from chalicelib.domain.told import News
from chalicelib.mail.render import MailFacts, RenderedMail, render
from chalicelib.settings import settings
from chalicelib.store.secrets import current_token_secret


def write_notice(
    notice: Notice,
    event: Event,
    session: Session,
    booking: Booking,
    *,
    news: News | None = None,
    now: datetime,
) -> RenderedMail:
    """Return this notice's mail, ready to be sent: with its link, and with what else its kind has.

    ``news`` is what of time and place its reader has yet to hear.
    """
    address = BookingAddress(notice.session_id, notice.key, notice.booking_id)
    ticket_url = _url("ticket", address, session)
    own = booking.booking_id == notice.booking_id
    printed = reference_of(booking) if own else notice.new_reference or reference(notice.booking_id)
    return render(
        notice.kind,
        MailFacts(
            event=event,
            session=session,
            booking=booking,
            news=news,
            booking_id=notice.booking_id,
            reference=printed,
            version=notice.version,
            manage_url=_url("manage", address, session),
            ticket_url=ticket_url,
            event_url=f"{settings().base_url}/book/{event.slug}",
            mail_from=settings().mail_from,
            calendar=_calendar(notice, event, session, booking, printed, ticket_url, now),
            ticket_png=ticket_png(ticket_text(address)) if KINDS[notice.kind].ticket else None,
            now=now,
        ),
    )


def _url(purpose: Purpose, address: BookingAddress, session: Session) -> str:
    link = sign_link(current_token_secret(), purpose, address, session.ends_at + LINKS_LAST)
    return f"{settings().base_url}/{purpose}/{link}"


def _calendar(
    notice: Notice,
    event: Event,
    session: Session,
    booking: Booking,
    printed: str,
    ticket_url: str,
    now: datetime,
) -> bytes | None:
    method = KINDS[notice.kind].calendar
    if method is None:
        return None
    return calendar(
        method=method,
        event=event,
        session=session,
        booking_id=notice.booking_id,
        reference=printed,
        sequence=calendar_sequence(notice, booking, session),
        attendee_name=booking.name,
        attendee_address=booking.address,
        organiser_address=settings().mail_from,
        ticket_url=ticket_url,
        now=now,
    )
