"""What the link in the mail opens: one's own booking, and its cancellation.

A mail scanner follows every link in a mail, so no GET here changes anything.
"""

from chalice.app import Blueprint, Response

from chalicelib.actions.booking.cancel_booking import cancel_booking
from chalicelib.domain.booking import reference_of
from chalicelib.domain.links import read_link
from chalicelib.domain.questions import answers_in_words
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.told import news_for
from chalicelib.store.secrets import token_secrets
from chalicelib.web.attendee.links import announced, gone_page, opened, refusals_as_link_pages, signed_url
from chalicelib.web.event.facts import facts_of
from chalicelib.web.event.urls import link_url
from chalicelib.web.http.rendering import PRIVATE, page, see_other
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)


@blueprint.route("/manage/{link}", methods=["GET"])
@refusals_as_link_pages("manage")
def show_booking(link: str) -> Response:
    """Show somebody their booking."""
    now = utc_now()
    address, booking = opened("manage", link, now)
    if booking is None:
        return gone_page("manage", link, booking, now)
    event, session = announced(booking)
    news = news_for(booking, session)
    return page(
        "attendee/booking.html",
        headers=PRIVATE,
        booking=booking,
        reference=reference_of(booking),
        answers=answers_in_words(event.questions, booking.answers),
        changed=news.promises if news else (),
        has_begun=now >= session.starts_at,
        cancel_url=link_url("manage", link) + "/cancel",
        calendar_url=signed_url("calendar", address, session),
        ticket_url=signed_url("ticket", address, session),
        **facts_of(event, session, now),
    )


@blueprint.route(
    "/manage/{link}/cancel",
    methods=["POST"],
    content_types=["application/x-www-form-urlencoded", "application/json"],
)
@refusals_as_link_pages("manage")
def cancel(link: str) -> Response:
    """Cancel somebody's booking for them. The page that they are sent back to says what came of it."""
    now = utc_now()
    _, booking = opened("manage", link, now)
    if booking is None:
        return gone_page("manage", link, booking, now)
    _, session = announced(booking)
    try:
        cancel_booking(session, booking, now=now, by_link=True, request_id=request_id_of(blueprint))
    except NotFound:
        return gone_page("manage", link, None, now)
    return see_other(link_url("manage", link))


@blueprint.route("/manage/{link}/cancel", methods=["GET"])
@refusals_as_link_pages("manage")
def lead_to_booking(link: str) -> Response:
    """Lead to the booking, changing nothing: people press Enter in this address after a busy moment."""
    read_link(token_secrets(), "manage", link, utc_now())
    return see_other(link_url("manage", link))
