"""The description of all calls, for programs and for people. What it is made of is loaded when asked for."""

import hashlib
from functools import cache

import msgspec
from chalice.app import Blueprint, Response

from chalicelib.settings import settings
from chalicelib.web.http.caching import has_tag
from chalicelib.web.http.rendering import page, refusals_as_pages
from chalicelib.web.http.replies import refusals_as_problems
from chalicelib.web.http.requests import request_of

blueprint = Blueprint(__name__)

_KEPT = {"Cache-Control": "public, max-age=300"}
"""It changes with a deployment only."""


@blueprint.route("/openapi.json", methods=["GET"])
@refusals_as_problems
def get_openapi() -> Response:
    """Answer with the description as OpenAPI 3.1."""
    text, tag = _document()
    headers = {"ETag": tag, **_KEPT}
    if has_tag(request_of(blueprint), tag):
        return Response(body="", status_code=304, headers={**headers})
    # It is encoded once a process.
    return Response(
        body=text,
        headers={"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", **headers},
    )


@blueprint.route("/docs", methods=["GET"])
@refusals_as_pages
def show_docs() -> Response:
    """Show the description as a page."""
    shown, tag = _shown()
    if has_tag(request_of(blueprint), tag):
        return Response(body="", status_code=304, headers={"ETag": tag, **_KEPT})
    # A reply is its request's own to change; the page is rendered once a process.
    return Response(body=shown.body, headers={**shown.headers, "ETag": tag})


@cache
def _shown() -> tuple[Response, str]:
    from chalicelib.web.description.readable import sections  # noqa: PLC0415  # as below

    base_url = settings().base_url
    shown = page("docs.html", headers=_KEPT, base_url=base_url, sections=sections(base_url))
    return shown, _tag(shown.body.encode())


@cache
def _document() -> tuple[str, str]:
    # As in description/__init__.py: who books must not wait for this.
    from chalicelib.web.description.document import document  # noqa: PLC0415

    encoded = msgspec.json.encode(document(settings().base_url))
    return encoded.decode(), _tag(encoded)


def _tag(encoded: bytes) -> str:
    return f'"{hashlib.sha256(encoded).hexdigest()[:32]}"'
