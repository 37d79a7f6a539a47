"""Pages: from a template in pages/ to a reply that a browser may trust.

Pages of events, of places in a queue and of all calls run a script. All of them work without it.
Every template escapes what the public or an organiser typed, and the Content-Security-Policy would stop what
slipped through. Style sheet and script travel inside each page, allowed by their hashes, to save a request.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec
from urllib.parse import urlsplit

from chalice.app import Request, Response
from msgspec import Struct

from chalicelib.domain.refusals import Refusal
from chalicelib.domain.titles import contact_url, plural
from chalicelib.linked import linked
from chalicelib.settings import settings
from chalicelib.web.http.caching import has_tag
from chalicelib.web.http.cross_origin import ANY_SITE
from chalicelib.web.http.replies import HTTP_STATUS, count_refusal, retry_after, unexpected

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

PAGES = Path(__file__).parent.parent / "pages"

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow"}
"""Headers of a page that is one person's: not kept anywhere, not found by a search engine."""

FRESH = {"Cache-Control": "no-store"}
"""Headers of a page that must not be shown twice, since it carries an idempotency key."""

SHARED = {"Cache-Control": "public, max-age=5"}
"""Headers of what is the same for everybody and hardly changes."""

# An origin as the Content-Security-Policy may name it. Anything else could end the directive it is in.
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?")

_BLANK_LINES = re.compile(r"\n\s*\n")

P = ParamSpec("P")


def page(
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    form_targets: Sequence[str] = (),
    framed_by: Sequence[str] = (),
    script: str | None = None,
    script_asks: bool = True,
    sheet: str = "turnout.css",
    **context: Any,
) -> Response:
    """Return a reply with this template rendered.

    ``form_targets`` are the addresses a form here may end up at, its redirects included;
    ``framed_by`` are the origins that may show the page in a frame (none, by default);
    ``script`` is the file of the one script that the page holds; ``script_asks``: it may ask us for more;
    ``sheet`` is that of its style sheet.
    """
    style = text(sheet)
    if colour := getattr(context.get("event"), "accent_colour", None):
        from chalicelib.web.http.accent import accent_rules  # noqa: PLC0415  # few events have one

        style += accent_rules(colour)
    body = fill(template, style=style, script=text(script) if script else None, **context)
    return html_reply(
        body,
        style=style,
        status=status,
        headers=headers,
        form_targets=form_targets,
        framed_by=framed_by,
        script=script,
        script_asks=script_asks,
    )


def html_reply(
    body: str,
    *,
    style: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    form_targets: Sequence[str] = (),
    framed_by: Sequence[str] = (),
    script: str | None = None,
    script_asks: bool = False,
) -> Response:
    """Return a reply with this whole page, which may do no more than ``page`` says of the same arguments.

    ``style`` is its style sheet if that isn't our own; ``script_asks``: the script may ask us for more.
    """
    secure: dict[str, str | list[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _content_security_policy(
            style or text("turnout.css"), form_targets, framed_by, script, asks=script_asks
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **_only_https(),
        **(headers or FRESH),
    }
    return Response(body=body, status_code=status, headers=secure)


def shared_page(request: Request, template: str, **context: Any) -> Response:
    """Return a page that is the same for everybody; a browser or cache that has it gets 304."""
    made = page(template, headers=SHARED, script_asks=False, **context)
    # Who may frame it is part of what is kept.
    policy = made.headers["Content-Security-Policy"]
    tag = f'"{hashlib.sha256(f"{policy}{made.body}".encode()).hexdigest()[:32]}"'
    if has_tag(request, tag):
        return Response(body="", status_code=304, headers={"ETag": tag, **SHARED})
    made.headers["ETag"] = tag
    return made


def fill(template: str, **context: Any) -> str:
    """Return this template filled in; all that is put into it is escaped."""
    return environment().get_template(template).render(**context)


class WayOn(Struct, frozen=True):
    """Where to go from a page that says no."""

    url: str
    words: str


def refusal_page(refusal: Refusal, way_on: WayOn | None = None, *, event: object | None = None) -> Response:
    """Return a plain page that says no, and why. It says who is behind ``event``, for those who ask on."""
    count_refusal(refusal)
    return page(
        "http/refusal.html",
        status=HTTP_STATUS[type(refusal)],
        headers={**FRESH, **retry_after(refusal)},
        title=refusal.title,
        detail=refusal.detail,
        way_on=way_on,
        event=event,
    )


def refusals_as_pages(
    view: Callable[P, Response], event_of: Callable[P, object | None] | None = None
) -> Callable[P, Response]:
    """Make a route answer with a page whatever happens in it.

    ``event_of`` takes what the route takes, and returns the event that it is about, if that is known.
    """

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except Refusal as refusal:
            return refusal_page(refusal, event=event_of(*args, **kwargs) if event_of else None)
        except Exception as error:  # noqa: BLE001  # the last stop: it is logged, and the person reads that
            problem = unexpected(error, view.__name__)
            return page(
                "http/refusal.html",
                status=problem.status_code,
                title="Something went wrong",
                detail="Sorry, that was our fault. We have logged it. Please try again in a moment.",
            )

    return answered


def see_other(url: str) -> Response:
    """Return a redirect that a browser follows with a GET, so that reloading sends no form again."""
    headers: dict[str, str | list[str]] = {"Location": url, **FRESH, "Content-Type": "text/plain"}
    return Response(body="", status_code=303, headers=headers)


def origin_of(url: str) -> str:
    """Return the scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def paragraphs(text: str) -> "Markup":
    """Return a text escaped, a paragraph between blank lines, with links to its https and email addresses."""
    from markupsafe import Markup  # noqa: PLC0415  # as below

    return Markup("".join(f"<p>{part}</p>" for part in _BLANK_LINES.split(linked(text))))  # noqa: S704  # escaped


@cache
def environment() -> "Environment":
    """Return what fills templates in."""
    # The booking endpoint renders nothing for JSON, so importing the app must not load this.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    made = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"contact_url": contact_url, "linked": linked, "paragraphs": paragraphs, "plural": plural}
    return made


@cache
def text(file: str) -> str:
    """Return a file of pages/, unchanged."""
    return (PAGES / file).read_text(encoding="utf-8")


def _only_https() -> dict[str, str]:
    """Return what keeps a browser to https for a year (RFC 6797), but not on somebody's own machine."""
    is_https = settings().base_url.startswith("https:")
    return {"Strict-Transport-Security": "max-age=31536000"} if is_https else {}


@lru_cache(maxsize=64)
def _hash(of_page: str) -> str:
    digest = hashlib.sha256(of_page.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _content_security_policy(
    style: str, form_targets: Sequence[str], framed_by: Sequence[str], script: str | None, *, asks: bool
) -> str:
    # Browsers hold a form's redirects to form-action too, so the pages it may return to are named.
    targets = [origin_of(url) for url in (settings().base_url, *form_targets)]
    framers = "*" if framed_by is ANY_SITE else _sources(framed_by) if framed_by else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            *((f"script-src {_hash(text(script))}",) if script else ()),
            *((f"connect-src {_sources(targets[:1])}",) if script and asks else ()),
            "img-src data:",
            f"form-action {_sources(targets)}",
            f"frame-ancestors {framers}",
            "base-uri 'none'",
        )
    )


def _sources(origins: Sequence[str]) -> str:
    named = sorted({origin for origin in origins if _ORIGIN.fullmatch(origin)})
    return " ".join(["'self'", *named])
