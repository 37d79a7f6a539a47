"""Which other sites' scripts may call the public API: those that the event lists.

Only what every site may show of an event (its sessions on a map, its counter) is for the scripts of all.

Chalice's own CORS is one fixed origin a route, so these routes answer for themselves.
Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from chalice.app import Request, Response

from chalicelib.domain.event import Event

_PREFLIGHT_SECONDS = 600

FOR_ALL = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After"}
"""Headers that let the scripts of every site read an answer."""

ANY_SITE = ("*",)
"""Who may frame a page that says the same, and has nothing on it to press by mistake."""


def origin_headers(request: Request, event: Event | None) -> dict[str, str]:
    """Return the headers that let the origin that asked read our answer, if the event lists it.

    Ask for them first and add them to refusals too: a booking made must not be lost in a failing read.
    """
    origin = request.headers.get("origin")
    if origin is None or not _is_listed(origin, event):
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "ETag, Idempotent-Replayed, Retry-After",
    }


def preflight(request: Request, event: Event | None, method: str) -> Response:
    """Return the answer to a browser that asks whether it may send this request."""
    allowed = origin_headers(request, event)
    if "Access-Control-Allow-Origin" in allowed:
        allowed["Access-Control-Allow-Methods"] = method
        allowed["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key, If-None-Match"
        allowed["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return Response(body="", status_code=204, headers={"Cache-Control": "no-store", **allowed})


def preflight_for_all() -> Response:
    """Return the answer to a browser that asks whether a script may read what all may."""
    allowed = {
        **FOR_ALL,
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
    }
    return Response(body="", status_code=204, headers={"Cache-Control": "no-store", **allowed})


def is_listed_script(request: Request, event: Event) -> bool:
    """Return whether a script of a listed origin asks, and not a form there: forms ask for a page."""
    asks_for_page = "text/html" in request.headers.get("accept", "text/html")
    return not asks_for_page and _is_listed(request.headers.get("origin", ""), event)


def _is_listed(origin: str, event: Event | None) -> bool:
    return event is not None and event.status != "draft" and origin in event.allowed_origins
