"""Links as people type and paste them: in capitals, or with the full stop that ended the sentence.

Signed texts keep their capitals: whatever differs inside one is not what we signed.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote, urlencode

from chalice.app import Blueprint, Request, Response

from chalicelib.settings import settings

blueprint = Blueprint(__name__)

_NAME = re.compile(r"[a-z0-9-]+")
_SIGNED = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_FORMS = {"slug": _NAME, "session_id": _NAME, "link": _SIGNED, "ticket": _SIGNED}
"""What may stand in a path, by the name of its place there."""

_AROUND = re.compile(r"^[^A-Za-z0-9]+|[^A-Za-z0-9]+$")


@blueprint.middleware("http")
def lead_to_what_was_meant(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer as the route does. Where it found nothing, lead to the address that was meant, if it differs.

    308 keeps the method and the body (RFC 9110, section 15.4.9), so a booking sent there is made.
    """
    response = answer(request)
    named = request.uri_params or {}
    if response.status_code != 404 or not named.keys() & {"slug", "link"}:
        return response
    meant = {name: _meant(form, named[name]) for name, form in _FORMS.items() if name in named}
    if meant.items() <= named.items() or not all(_FORMS[name].fullmatch(meant[name]) for name in meant):
        return response
    address = named | meant
    path = request.path.format(**{name: quote(text, safe="") for name, text in address.items()})
    query = f"?{urlencode(request.query_params)}" if request.query_params else ""
    headers: dict[str, str | list[str]] = {
        "Location": settings().base_url + path + query,
        "Cache-Control": "no-store",
        "Content-Type": "text/plain",
        # It says no more than was asked with, so the scripts of all sites may follow it.
        "Access-Control-Allow-Origin": "*",
    }
    return Response(body="", status_code=308, headers=headers)


def _meant(form: re.Pattern[str], typed: str) -> str:
    """Return what was typed without the marks around it, which may still be percent-encoded."""
    return _AROUND.sub("", unquote(typed.lower() if form is _NAME else typed))
