"""Links as people type and paste them: in capitals, or with the full stop that ended the sentence."""

import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

from chalice.app import Blueprint, Request, Response

from chalicelib.settings import settings

blueprint = Blueprint(__name__)

_NAMES = ("slug", "session_id")
_AROUND = re.compile(r"^[^a-z0-9]+|[^a-z0-9]+$")
_NAME = re.compile(r"[a-z0-9-]+")


@blueprint.middleware("http")
def lead_to_what_was_meant(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer as the route does. Where it found nothing, lead to the address that was meant, if it differs.

    308 keeps the method and the body (RFC 9110, section 15.4.9), so a booking sent there is made.
    """
    response = answer(request)
    named = request.uri_params or {}
    if response.status_code != 404 or "slug" not in named:
        return response
    meant = {name: _AROUND.sub("", named[name].lower()) for name in _NAMES if name in named}
    if meant.items() <= named.items() or not all(map(_NAME.fullmatch, meant.values())):
        return response
    address = named | meant
    path = request.path.format(**{name: quote(text, safe="") for name, text in address.items()})
    query = f"?{urlencode(request.query_params)}" if request.query_params else ""
    headers: dict[str, str | list[str]] = {
        "Location": settings().base_url + path + query,
        "Cache-Control": "no-store",
        "Content-Type": "text/plain",
        # It says nothing of anybody, so the scripts of all sites may follow it.
        "Access-Control-Allow-Origin": "*",
    }
    return Response(body="", status_code=308, headers=headers)
