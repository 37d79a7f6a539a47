"""The description of all calls, for programs and for people: written with the package (infra/apidoc/)."""

import hashlib
from functools import cache

from chalice.app import Blueprint, Response

from chalicelib.settings import settings
from chalicelib.web.http.caching import has_tag
from chalicelib.web.http.rendering import PAGES, html_reply, refusals_as_pages
from chalicelib.web.http.replies import refusals_as_problems
from chalicelib.web.http.requests import request_of

blueprint = Blueprint(__name__)

FOLDER = PAGES / "http"
OPENAPI = "openapi.json"
DOCS = "docs.html"
SCRIPT = "http/docs.js"
"""What filters the list of calls. It asks for nothing."""

BASE_URL = "https://base-url.invalid"
"""What stands in both files for this deployment's own address. No such host can be (RFC 6761, 6.4)."""

_KEPT = {"Cache-Control": "public, max-age=300"}
"""It changes with a deployment only."""


@blueprint.route("/openapi.json", methods=["GET"])
@refusals_as_problems
def get_openapi() -> Response:
    """Answer with the description as OpenAPI 3.1."""
    written, tag = _written(OPENAPI)
    headers = {"ETag": tag, **_KEPT}
    if has_tag(request_of(blueprint), tag):
        return Response(body="", status_code=304, headers={**headers})
    return Response(
        body=written,
        headers={"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", **headers},
    )


@blueprint.route("/docs", methods=["GET"])
@refusals_as_pages
def show_docs() -> Response:
    """Show the description as a page."""
    written, tag = _written(DOCS)
    headers = {"ETag": tag, **_KEPT}
    if has_tag(request_of(blueprint), tag):
        return Response(body="", status_code=304, headers={**headers})
    return html_reply(written, headers=headers, script=SCRIPT)


@cache
def _written(file: str) -> tuple[str, str]:
    """Return this file with our own address in it, and its tag. They stay the same while a process lives."""
    written = (FOLDER / file).read_text(encoding="utf-8").replace(BASE_URL, settings().base_url)
    return written, f'"{hashlib.sha256(written.encode()).hexdigest()[:32]}"'
