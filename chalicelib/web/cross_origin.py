"""Which other sites' scripts may call the public API: those that the event lists, and no others.

Chalice's own CORS is one fixed origin a route, so these routes answer for themselves.
Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from chalice.app import Request, Response

from chalicelib.store.events import cached_event_by_slug

_PREFLIGHT_SECONDS = 600


def allow_origin(request: Request, slug: str, response: Response) -> Response:
    """Return the response, readable by the origin that asked if the event lists it. Refusals are too."""
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("origin")
    if origin is not None and _listed(origin, slug):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "ETag, Idempotent-Replayed, Retry-After"
    return response


def preflight(request: Request, slug: str, method: str) -> Response:
    """Return the answer to a browser that asks whether it may send this request."""
    response = Response(body="", status_code=204, headers={"Cache-Control": "no-store"})
    allow_origin(request, slug, response)
    if "Access-Control-Allow-Origin" in response.headers:
        response.headers["Access-Control-Allow-Methods"] = method
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key, If-None-Match"
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response


def _listed(origin: str, slug: str) -> bool:
    event = cached_event_by_slug(slug)
    return event is not None and event.status != "draft" and origin in event.allowed_origins
