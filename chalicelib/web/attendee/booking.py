"""What the link in the mail opens: one's own booking, its cancellation, its calendar entry and its ticket.

A mail scanner follows every link in a mail, so no GET here changes anything.
"""

from datetime import datetime

from chalice.app import Blueprint, Response

from chalicelib.actions.booking.cancel_booking import cancel_booking
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.ids import reference
from chalicelib.domain.links import LINKS_LAST, BookingAddress, Purpose, read_link, sign_link
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.ticket import ticket_text
from chalicelib.domain.wording import map_url, when
from chalicelib.settings import settings
from chalicelib.store.bookings import find_booking_at
from chalicelib.store.events import cached_session, find_event
from chalicelib.store.secrets import current_token_secret, token_secrets
from chalicelib.web.event.views import event_page_url, session_page_url
from chalicelib.web.http.rendering import PRIVATE, page, refusals_as_pages, see_other
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)


@blueprint.route("/manage/{link}", methods=["GET"])
@refusals_as_pages
def show_booking(link: str) -> Response:
    """Show somebody their booking."""
    now = utc_now()
    address, booking = _opened("manage", link, now)
    if booking is None:
        return _gone_page(booking)
    event, session = _announced(booking)
    return page(
        "attendee/booking.html",
        headers=PRIVATE,
        event=event,
        session=session,
        booking=booking,
        reference=reference(booking.booking_id),
        when=when(session),
        map_url=map_url(session),
        has_begun=now >= session.starts_at,
        cancel_url=f"{settings().base_url}/manage/{link}/cancel",
        calendar_url=_link_url("calendar", address, session),
        ticket_url=_link_url("ticket", address, session),
        event_url=event_page_url(settings().base_url, event),
        page_url=session_page_url(settings().base_url, event, session),
    )


@blueprint.route(
    "/manage/{link}/cancel",
    methods=["POST"],
    content_types=["application/x-www-form-urlencoded", "application/json"],
)
@refusals_as_pages
def cancel(link: str) -> Response:
    """Cancel somebody's booking for them. The page that they are sent back to says what came of it."""
    now = utc_now()
    address = read_link(token_secrets(), "manage", link, now)
    try:
        cancel_booking(address, now=now)
    except NotFound:
        return _gone_page(None)
    return see_other(f"{settings().base_url}/manage/{link}")


@blueprint.route("/manage/{link}/cancel", methods=["GET"])
@refusals_as_pages
def lead_to_booking(link: str) -> Response:
    """Lead to the booking, changing nothing: whoever met a busy moment may press Enter in this address."""
    read_link(token_secrets(), "manage", link, utc_now())
    return see_other(f"{settings().base_url}/manage/{link}")


@blueprint.route("/calendar/{link}", methods=["GET"])
@refusals_as_pages
def download_calendar(link: str) -> Response:
    """Answer with the booking as a calendar file."""
    from chalicelib.documents.calendar import calendar  # noqa: PLC0415  # booking must not load icalendar

    now = utc_now()
    address, booking = _opened("calendar", link, now)
    if booking is None or booking.status == "cancelled":
        return _gone_page(booking)
    event, session = _announced(booking)
    file = calendar(
        method="PUBLISH",
        event=event,
        session=session,
        booking_id=booking.booking_id,
        # The same sum as in the mails: SEQUENCE must not fall behind what those said.
        sequence=session.sequence + booking.version - 1,
        attendee_name=booking.name,
        attendee_address=booking.address,
        organiser_address=settings().mail_from,
        manage_url=_link_url("manage", address, session),
        now=now,
    )
    name = f"{event.slug}-{reference(booking.booking_id)}.ics"
    return Response(
        body=file.decode("utf-8"),
        headers={
            "Content-Type": "text/calendar; charset=utf-8; method=PUBLISH",
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            **PRIVATE,
        },
    )


@blueprint.route("/ticket/{link}", methods=["GET"])
@refusals_as_pages
def show_ticket(link: str) -> Response:
    """Show somebody what they show at the door."""
    from chalicelib.documents.ticket import ticket_svg  # noqa: PLC0415  # as above: segno

    address, booking = _opened("ticket", link, utc_now())
    if booking is None or booking.status == "cancelled":
        return _gone_page(booking)
    event, session = _announced(booking)
    return page(
        "attendee/ticket.html",
        headers=PRIVATE,
        event=event,
        session=session,
        booking=booking,
        reference=reference(booking.booking_id),
        when=when(session),
        map_url=map_url(session),
        code=ticket_svg(ticket_text(address)),
    )


def _opened(purpose: Purpose, link: str, now: datetime) -> tuple[BookingAddress, Booking | None]:
    """Return which booking this link opens, and how it stands; None if another one has taken its place.

    Raises NotFound or LinkExpired.
    """
    address = read_link(token_secrets(), purpose, link, now)
    booking = find_booking_at(address)
    # Its links lead to where it is now, in case its address was corrected since this one was mailed.
    return (booking.lives_at if booking else address), booking


def _announced(booking: Booking) -> tuple[Event, Session]:
    event = find_event(booking.event_id)
    session = cached_session(booking.event_id, booking.session_id)
    if event is None or session is None:
        raise LookupError("a booking whose event or session is gone")
    return event, session


def _link_url(purpose: Purpose, address: BookingAddress, session: Session) -> str:
    link = sign_link(current_token_secret(), purpose, address, session.ends_at + LINKS_LAST)
    return f"{settings().base_url}/{purpose}/{link}"


def _gone_page(booking: Booking | None) -> Response:
    if booking is not None:
        title, detail = (
            "That booking was cancelled",
            "So it has neither a ticket nor a calendar entry any more.",
        )
    else:
        # Whoever corrected its address left a key at which somebody may have booked since.
        title = "This link leads nowhere any more"
        detail = "The booking was cancelled, or is at another mail address now. If you have a newer mail, "
        detail += "please use the links in that."
    return page("http/refusal.html", status=410, headers=PRIVATE, title=title, detail=detail)
