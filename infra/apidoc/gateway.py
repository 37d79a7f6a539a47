"""What API Gateway and Chalice reply before any route of ours (infra/resources/api.yaml, infra/shut/)."""

from typing import Any

from infra.apidoc.calls import HTML, PROBLEM, Call
from infra.apidoc.schemas import REF, Schema

GATEWAY_SCHEMAS: dict[str, Schema] = {
    "GatewayProblem": {
        "type": "object",
        "description": "A request that was turned away before the API looked at it.",
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
    "Unreadable": _reply("The request is not one that can be read."),
    "Unauthorized": _reply("There is no token in the request."),
    "TokenRefused": _reply("The token is wrong, has expired or was revoked."),
    "TooLarge": _reply("The request is larger than 10 MB."),
    "UnsupportedMediaType": _reply("The Content-Type is not one that is taken here."),
    "TooManyRequests": _reply("More requests than the API takes at once. Try again in a moment."),
    "Shut": {
        "description": "The public is shut out for a while. What was booked is safe.",
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
    return {
        "400": "Unreadable",
        **admin,
        **public,
        "413": "TooLarge",
        "415": "UnsupportedMediaType",
        "429": "TooManyRequests",
    }
