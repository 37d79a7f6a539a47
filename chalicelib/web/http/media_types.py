"""A content type that a route doesn't take, in the words of all our refusals.

Chalice answers such a request before any view is asked, so it takes a middleware to have a say.
"""

from collections.abc import Callable

import msgspec
from chalice.app import Blueprint, Request, Response

blueprint = Blueprint(__name__)

# As API Gateway says it (infra/resources/), should it be the first to notice.
_BODY = msgspec.json.encode(
    {
        "type": "urn:turnout:problem:unsupported_media_type",
        "title": "This content type isn't accepted",
        "status": 415,
        "detail": "Send application/json.",
        "code": "unsupported_media_type",
    }
).decode()


@blueprint.middleware("http")
def media_type_as_problem(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer as the route does, or with problem details if what was sent is none of its content types."""
    response = answer(request)
    if response.status_code != 415:
        return response
    headers: dict[str, str | list[str]] = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body=_BODY, status_code=415, headers=headers)
