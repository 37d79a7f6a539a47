"""What is answered around our routes: by API Gateway and Chalice before them, and to a link as it was typed.

infra/resources/api.yaml, infra/shut/, chalicelib/web/event/links_as_typed.py.
"""

from typing import Any

from infra.apidoc.calls import HTML, PROBLEM, Call
from infra.apidoc.schemas import REF, Schema

GATEWAY_SCHEMAS: dict[str, Schema] = {
    "GatewayProblem": {
        "type": "object",
        "description": "This request was refused before the API saw it.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {
                "enum": [
                    "refused",
                    "bad_request",
                    "unauthorized",
                    "token_refused",
                    "filtered",
                    "too_large",
                    "unsupported_media_type",
                    "too_many_requests",
                    "internal",
                    "shut",
                ]
            },
            "retry_after": {"type": "integer"},
        },
        "required": ["type", "title", "status", "detail", "code"],
        "additionalProperties": False,
    }
}


def _reply(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM: {"schema": {"$ref": REF + "GatewayProblem"}}}}


GATEWAY_REPLIES: dict[str, Any] = {
    "Unreadable": _reply("We can't read the request."),
    "Unauthorized": _reply("The request has no token."),
    "TokenRefused": _reply("The token is wrong, has expired or was revoked."),
    "TooLarge": _reply("The request is too large."),
    "UnsupportedMediaType": _reply("This call does not take this Content-Type."),
    "TooManyRequests": _reply("There are too many requests. Try again in a moment."),
    "AsTyped": {
        "description": "The link was in capitals, or ended with a full stop or the like. This one was meant.",
        "headers": {
            "Location": {"schema": {"type": "string"}, "required": True},
            "Cache-Control": {"schema": {"type": "string"}, "required": True},
            "Access-Control-Allow-Origin": {"schema": {"type": "string"}, "required": True},
        },
    },
    "Shut": {
        "description": "The public pages and calls are closed for a while. Bookings are safe.",
        "content": {
            PROBLEM: {"schema": {"$ref": REF + "GatewayProblem"}},
            HTML: {"schema": {"type": "string"}},
        },
    },
}


def gateway_replies(call: Call) -> dict[str, str]:
    """Return by status which of these replies this call can meet."""
    admin = {"401": "Unauthorized", "403": "TokenRefused"} if call.is_admin else {}
    public = {} if call.is_admin else {"503": "Shut"}
    as_typed = {"308": "AsTyped"} if "{slug}" in call.path or "{link}" in call.path else {}
    return {
        **as_typed,
        "400": "Unreadable",
        **admin,
        **public,
        "413": "TooLarge",
        "415": "UnsupportedMediaType",
        "429": "TooManyRequests",
    }
