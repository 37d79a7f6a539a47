"""Correct an event's line, as the clock does each minute."""

from datetime import datetime

from chalicelib.domain.queue_rounds import corrected_line
from chalicelib.store.events import find_event
from chalicelib.store.queues import line_now, save_corrected_line


def correct_line(event_id: str, now: datetime) -> bool:
    """Publish what was counted, and begin the next round if this one is over; return whether it was written.

    It is one conditional write: whoever comes second of two clocks does nothing. So it does where the line
    was switched off, the event cancelled, or no session can be booked: what wasn't booked then says nothing
    of those who were called.
    """
    event = find_event(event_id)
    if event is None or event.admission != "queue" or event.status == "cancelled":
        return False
    seen = line_now(event, now)
    if seen.line is None or seen.line.off_at is not None or not seen.can_book:
        return False
    line = corrected_line(seen.line, event, seen.counted, seen.places_free, seen.capacity)
    return save_corrected_line(event_id, line, seen.line.version)
