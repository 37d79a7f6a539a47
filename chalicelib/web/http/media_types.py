"""A content type or method that a route doesn't take, in the words of all our refusals.

Chalice answers such a request before any view is asked, so it takes a middleware to have a say.
"""

from collections.abc import Callable

from chalice.app import Blueprint, Request, Response

from chalicelib.web.http.replies import json_reply

blueprint = Blueprint(__name__)


@blueprint.middleware("http")
def media_type_as_problem(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer as the route does, or with problem details if it doesn't take this content type or method."""
    response = answer(request)
    methods = blueprint.current_app.routes.get(request.context["resourcePath"], {})
    match response.status_code:
        case 415:
            code, what = "unsupported_media_type", "content type"
            taken = methods[request.method].content_types
        case 405:
            code, what, taken = "method_not_allowed", "method", list(methods)
        case _:
            return response
    # As API Gateway says it (infra/resources/api.yaml): to the scripts of all sites, for it holds nothing
    # of anybody.
    body = {
        "type": f"urn:turnout:problem:{code}",
        "title": f"This {what} is not supported",
        "status": response.status_code,
        "detail": f"Send {' or '.join(taken)}.",
        "code": code,
    }
    allow = {"Allow": ", ".join(methods)} if what == "method" else {}
    headers = {"Content-Type": "application/problem+json", "Access-Control-Allow-Origin": "*", **allow}
    return json_reply(body, response.status_code, headers)
