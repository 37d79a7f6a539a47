"""Versions: which one a change applies to, so that no change overwrites another unseen."""

from chalicelib.domain.refusals import ChangedMeanwhile, Refusal


class PreconditionRequired(Refusal):
    """A change without If-Match could overwrite someone else's change unseen (RFC 6585, section 3)."""

    code = "precondition_required"
    title = "Say which version you change"

    def __init__(self) -> None:
        super().__init__("Send the ETag that you read as If-Match. Send * to change any version.")


def require_version(version: int, expected: int | None) -> None:
    """Refuse with ChangedMeanwhile what is not at the version that its caller read. None: any will do."""
    if expected not in (None, version):
        raise ChangedMeanwhile
