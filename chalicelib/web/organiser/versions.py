"""ETag and If-Match: which version of something is shown, and which one a change is of."""

import re

from chalice.app import Request

from chalicelib.domain import versions
from chalicelib.domain.refusals import ChangedMeanwhile

_VERSION_TAG = re.compile(r'"([0-9]{1,15})"')


def version_tag(version: int) -> dict[str, str]:
    """Return the ETag header of something at this version."""
    return {"ETag": f'"{version}"'}


def required_version(request: Request) -> int | None:
    """Return the version that If-Match names, which has to be there; None for ``*``: any will do.

    Raises PreconditionRequired, or ChangedMeanwhile for a tag that we never gave out: it matches nothing.
    """
    if "if-match" not in request.headers:
        raise versions.PreconditionRequired
    return expected_version(request)


def expected_version(request: Request) -> int | None:
    """Return the version that If-Match names, or None where any will do. Raises ChangedMeanwhile."""
    tag = request.headers.get("if-match", "*").strip()
    if tag == "*":
        return None
    match = _VERSION_TAG.fullmatch(tag)
    if match is None:
        raise ChangedMeanwhile
    return int(match[1])
