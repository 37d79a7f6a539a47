"""Long lists come in slices: how long one is."""

from chalicelib.domain.refusals import FieldError, Invalid

SLICE_LENGTH = 50
SLICE_LENGTH_MAX = 100


def slice_length(text: str | None) -> int:
    """Return the length of a slice that ``?limit=`` asks for, or raise Invalid."""
    if text is None:
        return SLICE_LENGTH
    length = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= length <= SLICE_LENGTH_MAX:
        detail = f"Choose a limit from 1 to {SLICE_LENGTH_MAX}."
        raise Invalid([FieldError("/limit", "limit", detail)])
    return length
