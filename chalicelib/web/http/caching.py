"""What is not sent again to whoever has it already."""

from chalice.app import Request


def has_tag(request: Request, tag: str) -> bool:
    """Return whether If-None-Match names this ETag: then the caller has what we would send."""
    # A cache may have made our tag a weak one; for this comparison that doesn't matter (RFC 9110, 13.1.2).
    named = request.headers.get("if-none-match", "").split(",")
    return tag in {name.strip().removeprefix("W/") for name in named}
