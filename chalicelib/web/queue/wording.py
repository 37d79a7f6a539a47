"""How a place in the line is put into words, and how long its page may wait before it looks again."""

import zlib
from datetime import datetime

from chalicelib.web.queue.views import PositionView

OPENING_SPREAD_SECONDS = 20
"""Over how long after the opening the pages of the draw look again. Nobody loses by it: what they are drawn
is the same whenever they see it, and all of them at once would be a crowd of our own making."""

_DRAW_LOOKS_EVERY_SECONDS = 600
_HOUR_SECONDS = 3600


def looks_again_in_seconds(place: PositionView, ticket: str, now: datetime) -> int | None:
    """Return how long somebody's page waits before it looks again, None if there is nothing to wait for."""
    if place.state == "waiting":
        return place.ask_again_seconds
    if place.state != "draw" or place.opens_at is None:
        return None
    until_opening = max(int((place.opens_at - now).total_seconds()), 0)
    share = zlib.crc32(ticket.encode()) % OPENING_SPREAD_SECONDS + 1
    # It looks in between too, for the opening may be moved.
    return min(until_opening + share, _DRAW_LOOKS_EVERY_SECONDS)


def ahead_in_words(ahead: int) -> str:
    """Return how many are ahead of somebody. pages/queue/line.js says the same."""
    return f"About {ahead:,} ahead of you" if ahead else "You are next"


def estimate_in_words(seconds: float | None) -> str:
    """Return how long it takes until a turn, as roughly as it is known. pages/queue/line.js says the same."""
    if seconds is None:
        return "Nobody can say whether your turn comes."
    if seconds < 60:
        return "Your turn comes in less than a minute."
    if seconds < _HOUR_SECONDS * 1.5:
        minutes = -(-int(seconds) // 60)
        return f"Your turn comes in about {_counted(minutes, 'minute')}."
    return f"Your turn comes in about {_counted(round(seconds / _HOUR_SECONDS), 'hour')}."


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
