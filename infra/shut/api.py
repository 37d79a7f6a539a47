"""What API Gateway asks in the API's place while we are shut: it reads nothing, and answers everybody alike.

infra/template.py writes the page and the problem in, and the template holds all of it: so it works whatever
became of the code in the zip.
"""

from typing import Any

PAGE = "__PAGE__"
PROBLEM = "__PROBLEM__"


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  # Lambda gives both
    """Say that we are shut: a page to browsers, a problem to programs."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    always = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    if event.get("httpMethod") == "OPTIONS":
        # Or a browser would not let the script of another site read what follows.
        allowed = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key, If-None-Match",
        }
        return {"statusCode": 204, "headers": {**always, **allowed}, "body": ""}
    is_page = "text/html" in headers.get("accept", "")
    said = {
        "Content-Type": "text/html; charset=utf-8" if is_page else "application/problem+json",
        "Retry-After": "120",
        "Access-Control-Expose-Headers": "Retry-After",
        "X-Content-Type-Options": "nosniff",
    }
    return {"statusCode": 503, "headers": {**always, **said}, "body": PAGE if is_page else PROBLEM}
