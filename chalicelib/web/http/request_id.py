"""Each request's own id, in every line that is logged while it is answered."""

import re
from collections.abc import Callable

from chalice.app import Blueprint, Request, Response

from chalicelib import logs
from chalicelib.web.http.requests import request_of

blueprint = Blueprint(__name__)

_CHARACTERS = 16
"""All that API Gateway's id has. A booking can afford them."""

_FIT_TO_BE_PASSED_ON = re.compile(r"[A-Za-z0-9_-]+")
"""What SES takes in a tag. A mail must not fail for the id of its request."""


def request_id_of(blueprint: Blueprint) -> str:
    """Return the id of the request that this blueprint's route is answering; "" if it has none.

    It is API Gateway's own, which callers see as x-amz-apigw-id. They can choose the other one,
    x-amzn-requestid, and what they choose may be anything: it is in no log and in no item.
    Source: API Gateway Developer Guide, "$context Variables for data models, authorizers, mapping templates,
    and CloudWatch access logging".
    """
    return _id(request_of(blueprint))


@blueprint.middleware("http")
def logged_with_its_id(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer as the route does; what it logs says which request that was."""
    with logs.about_request(_id(request)):
        return answer(request)


def _id(request: Request) -> str:
    given = str(request.context.get("extendedRequestId") or "")
    # It ends with base64's "=".
    found = given[:_CHARACTERS].rstrip("=")
    return found if _FIT_TO_BE_PASSED_ON.fullmatch(found) else ""
