"""What is not sent again to those who have it already."""

import hashlib

import msgspec
from chalice.app import Request


def tag_of(shown: object) -> str:
    """Return the ETag of what is shown: another one as soon as anything in it differs."""
    return f'"{hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:32]}"'


def has_tag(request: Request, tag: str) -> bool:
    """Return whether If-None-Match names this ETag: then the caller has what we would send."""
    # A cache may have made our tag a weak one; for this comparison that doesn't matter (RFC 9110, 13.1.2).
    named = request.headers.get("if-none-match", "").split(",")
    return tag in {name.strip().removeprefix("W/") for name in named}
