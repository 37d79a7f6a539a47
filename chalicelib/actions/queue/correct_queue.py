"""Correct an event's queue, as the clock does each minute."""

from datetime import datetime

from chalicelib.domain.queue_rounds import corrected_queue
from chalicelib.store.events import find_event
from chalicelib.store.queues import queue_now, save_corrected_queue


def correct_queue(event_id: str, now: datetime) -> bool:
    """Publish what was counted, and begin the next round if this one is over; return whether it was written.

    It is one conditional write: whoever comes second of two clocks does nothing. So it does where the queue
    was switched off, the event cancelled, or no session can be booked: what wasn't booked then says nothing
    of those who were called.
    """
    event = find_event(event_id)
    if event is None or event.admission != "queue" or event.status == "cancelled":
        return False
    seen = queue_now(event, now)
    if seen.queue is None or seen.queue.off_at is not None or not seen.can_book:
        return False
    queue = corrected_queue(seen.queue, event, seen.counted, seen.places_free, seen.capacity)
    return save_corrected_queue(event_id, queue, seen.queue.version)
