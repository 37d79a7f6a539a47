"""A booking to keep: its calendar entry, and its ticket."""

from chalice.app import Blueprint, Response

from chalicelib.domain.booking import reference_of
from chalicelib.domain.ticket import ticket_text
from chalicelib.settings import settings
from chalicelib.web.attendee.links import announced, gone_page, opened, refusals_as_link_pages, signed_url
from chalicelib.web.event.facts import facts_of
from chalicelib.web.http.rendering import PRIVATE, page
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)


@blueprint.route("/calendar/{link}", methods=["GET"])
@refusals_as_link_pages("calendar")
def download_calendar(link: str) -> Response:
    """Answer with the booking as a calendar file."""
    from chalicelib.documents.calendar import calendar  # noqa: PLC0415  # booking must not load icalendar

    now = utc_now()
    address, booking = opened("calendar", link, now)
    if booking is None or booking.status == "cancelled":
        return gone_page("calendar", link, booking, now)
    event, session = announced(booking)
    file = calendar(
        method="PUBLISH",
        event=event,
        session=session,
        booking_id=booking.booking_id,
        reference=reference_of(booking),
        # The same sum as in the mails: SEQUENCE must not fall behind what those said.
        sequence=session.sequence + booking.version - 1,
        attendee_name=booking.name,
        attendee_address=booking.address,
        organiser_address=settings().mail_from,
        ticket_url=signed_url("ticket", address, session),
        now=now,
    )
    name = f"{event.slug}-{reference_of(booking)}.ics"
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
@refusals_as_link_pages("ticket")
def show_ticket(link: str) -> Response:
    """Show somebody what they show at the door."""
    from chalicelib.documents.ticket import ticket_svg  # noqa: PLC0415  # as above: segno

    now = utc_now()
    address, booking = opened("ticket", link, now)
    if booking is None or booking.status == "cancelled":
        return gone_page("ticket", link, booking, now)
    event, session = announced(booking)
    return page(
        "attendee/ticket.html",
        headers=PRIVATE,
        booking=booking,
        reference=reference_of(booking),
        code=ticket_svg(ticket_text(address)),
        **facts_of(event, session, now),
    )
