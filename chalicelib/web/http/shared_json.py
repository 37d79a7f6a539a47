"""JSON that is the same for everybody who may read it, and is not sent again to those who have it."""

from collections.abc import Mapping

from chalice.app import Request, Response

from chalicelib.web.http.caching import has_tag, tag_of
from chalicelib.web.http.rendering import SHARED
from chalicelib.web.http.replies import json_reply


def shared_json(request: Request, body: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return this as JSON that may be kept for five seconds; those who have it get 304."""
    tag = tag_of(body)
    kept = {"ETag": tag, **SHARED}
    if has_tag(request, tag):
        return Response(body="", status_code=304, headers={**kept})
    return json_reply(body, headers={**kept, **(headers or {})})
