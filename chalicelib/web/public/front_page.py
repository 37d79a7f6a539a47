"""The address of the whole system, for a person who shortens a link, and for search engines."""

from chalice.app import Blueprint, Response

from chalicelib.settings import settings
from chalicelib.web.http.rendering import SHARED, page, refusals_as_pages

blueprint = Blueprint(__name__)

_ROBOTS = "User-agent: *\nDisallow:\n"
"""Pages that are one person's say for themselves that they aren't to be found (rendering.PRIVATE)."""


@blueprint.route("/", methods=["GET"])
@refusals_as_pages
def show_front_page() -> Response:
    """Say where to book. We list no events: their organisers hand out the links."""
    return _front_page()


@blueprint.route("/book", methods=["GET"])
@refusals_as_pages
def show_book() -> Response:
    """Say the same: this is what is left of an event's link without its end."""
    return _front_page()


@blueprint.route("/robots.txt", methods=["GET"])
@refusals_as_pages
def get_robots() -> Response:
    """Let search engines look at all pages that are open to everybody (RFC 9309)."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/plain; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **SHARED,
    }
    return Response(body=_ROBOTS, headers=headers)


def _front_page() -> Response:
    return page("public/front_page.html", headers=SHARED, docs_url=f"{settings().base_url}/docs")
