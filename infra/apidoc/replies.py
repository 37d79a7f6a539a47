"""Every reply that a call can give, as OpenAPI has it."""

from collections.abc import Iterable
from typing import Any

from chalicelib.web.http.replies import HTTP_STATUS
from infra.apidoc import problems, samples
from infra.apidoc.calls import (
    CROSS_ORIGIN,
    HTML,
    PROBLEM,
    RETRY_AFTER,
    Call,
    Header,
    Reply,
)
from infra.apidoc.gateway import gateway_replies
from infra.apidoc.schemas import REF, schema_of

# What pages and JSON carry always, whatever they say.
_KEPT = Header(name="Cache-Control", words="Who may cache the answer, and for how long.")
_NOSNIFF = Header(name="X-Content-Type-Options", words="nosniff")
_REFERRER = Header(name="Referrer-Policy", words="no-referrer")
_ROBOTS = Header(name="X-Robots-Tag", words="Personal pages are not for search engines.", always=False)
_ONLY_HTTPS = Header(
    name="Strict-Transport-Security",
    words="A browser keeps to https here for a year (RFC 6797).",
    always=False,
)
_CSP = Header(name="Content-Security-Policy", words="What the page may load and do.")
# Where a call says no to scripts in JSON and to forms with a page, only the page has these.
_PERHAPS = tuple(Header(name=header.name, words=header.words, always=False) for header in (_REFERRER, _CSP))
_RETRY_SOMETIMES = Header(name="Retry-After", words=RETRY_AFTER.words, always=False)
USUAL = (
    _KEPT,
    _NOSNIFF,
    _REFERRER,
    _ROBOTS,
    _CSP,
    _ONLY_HTTPS,
    *_PERHAPS,
    *CROSS_ORIGIN,
    RETRY_AFTER,
    _RETRY_SOMETIMES,
)


def responses_of(call: Call) -> dict[str, Any]:
    """Return the replies of this call by status."""
    responses: dict[str, Any] = {str(reply.status): _reply(call, reply) for reply in call.replies}
    for status in sorted({HTTP_STATUS[refusal] for refusal in call.all_refusals}):
        responses[str(status)] = _refused(call, status, responses.get(str(status)))
    if "503" in responses and not call.is_admin:
        responses["503"] = _or_shut(responses["503"])
    responses["500"] = _unexpected(call)
    for at_the_gate, name in gateway_replies(call).items():
        # Where we refuse with the same status ourselves, gateway.py's schema is one more of the possible.
        responses.setdefault(at_the_gate, {"$ref": f"#/components/responses/{name}"})
    return dict(sorted(responses.items()))


def _reply(call: Call, reply: Reply) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": reply.words,
        "headers": _headers([*_usual(reply), *reply.headers, *call.headers]),
    }
    if reply.body is not None:
        media: dict[str, Any] = {"schema": schema_of(reply.body)}
        if media["schema"].get("$ref"):
            sent = call.body.example if call.body else {}
            media["example"] = samples.sample_after(reply.body, sent, reply.shows)
        described["content"] = {reply.content_type: media}
    elif reply.content_type is not None:
        described["content"] = {reply.content_type: {"schema": {"type": "string"}}}
    return described


def _usual(reply: Reply) -> tuple[Header, ...]:
    if reply.content_type == HTML:
        return (_KEPT, _NOSNIFF, _REFERRER, _ROBOTS, _CSP, _ONLY_HTTPS)
    if reply.body is not None:
        return (_KEPT, _NOSNIFF)
    return (_KEPT, _NOSNIFF, _REFERRER, _ROBOTS) if reply.content_type else (_KEPT,)


def _refused(call: Call, status: int, already: dict[str, Any] | None) -> dict[str, Any]:
    refusals = [refusal for refusal in call.all_refusals if HTTP_STATUS[refusal] == status]
    headers = [_KEPT, _NOSNIFF, *call.headers]
    content: dict[str, Any] = dict(already["content"]) if already else {}
    if not call.page:
        schemas = [{"$ref": REF + problems.name_of(refusal)} for refusal in refusals]
        if str(status) in gateway_replies(call):
            schemas.append({"$ref": REF + "GatewayProblem"})
        content[PROBLEM] = {
            "schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas},
            "examples": {
                refusal.code: {"$ref": f"#/components/examples/{refusal.code}"} for refusal in refusals
            },
        }
    if call.refuses_with_pages:
        content[HTML] = {"schema": {"type": "string"}}
        headers += [_ROBOTS, _ONLY_HTTPS, *((_REFERRER, _CSP) if call.page else _PERHAPS)]
    passing = ["retry_after" in problems.example_of(refusal) for refusal in refusals]
    if any(passing):
        headers.append(RETRY_AFTER if all(passing) else _RETRY_SOMETIMES)
    words = " ".join(f"`{refusal.code}`: {refusal.title}." for refusal in refusals)
    return {"description": words, "headers": _headers(headers), "content": content}


def _or_shut(refused: dict[str, Any]) -> dict[str, Any]:
    """Return our own refusals of this status, and what is answered while the public is shut out."""
    content = {
        HTML: {"schema": {"type": "string"}},
        PROBLEM: {"schema": {"$ref": REF + "GatewayProblem"}},
        **refused["content"],
    }
    headers = _headers([_KEPT, _NOSNIFF, RETRY_AFTER, _ROBOTS, _ONLY_HTTPS, *_PERHAPS, *CROSS_ORIGIN])
    return {**refused, "headers": headers, "content": content}


def _unexpected(call: Call) -> dict[str, Any]:
    schemas = [{"$ref": REF + "UnexpectedProblem"}, {"$ref": REF + "GatewayProblem"}]
    content: dict[str, Any] = {} if call.page else {PROBLEM: {"schema": {"anyOf": schemas}}}
    if call.refuses_with_pages:
        content[HTML] = {"schema": {"type": "string"}}
    return {"description": "Something went wrong on our side. We have logged it.", "content": content}


def _headers(headers: list[Header]) -> dict[str, Any]:
    return {header.name: {"$ref": f"#/components/headers/{_header_key(header)}"} for header in headers}


def _header_key(header: Header) -> str:
    return header.name if header.always else f"{header.name}-Sometimes"


def shared_parts(calls: Iterable[Call]) -> dict[str, Any]:
    """Return what many replies have in common, for the document's components."""
    headers: dict[str, Any] = {}
    examples: dict[str, Any] = {}
    for call in calls:
        for header in (
            *USUAL,
            *call.headers,
            *(header for reply in call.replies for header in reply.headers),
        ):
            headers[_header_key(header)] = {
                "description": header.words,
                "required": header.always,
                "schema": {"type": "string"},
            }
        for refusal in call.all_refusals:
            examples[refusal.code] = {"value": problems.example_of(refusal)}
    return {"headers": dict(sorted(headers.items())), "examples": dict(sorted(examples.items()))}
