"""Each request's own id, in every line that is logged while it is answered."""

from collections.abc import Callable

from chalice.app import Blueprint, Request, Response

from chalicelib import logs
from chalicelib.web.http.requests import request_of

blueprint = Blueprint(__name__)


def request_id_of(blueprint: Blueprint) -> str:
    """Return the id of the request that this blueprint's route is answering; "" if it has none.

    It is the beginning of the id that API Gateway gave it, which callers see as x-amzn-requestid.
    """
    return _id(request_of(blueprint))


@blueprint.middleware("http")
def logged_with_its_id(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer as the route does; what it logs says which request that was."""
    with logs.about_request(_id(request)):
        return answer(request)


def _id(request: Request) -> str:
    given = request.context.get("requestId") or ""
    return str(given)[: logs.REQUEST_ID_CHARACTERS]
