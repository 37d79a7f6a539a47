"""Clear away the queue of an event that is over, as the clock does."""

from datetime import datetime

from chalicelib.domain.queue_rounds import is_over
from chalicelib.store.events import find_event, sessions_of
from chalicelib.store.queues import find_queue, remove_queue


def clear_queue(event_id: str, now: datetime) -> bool:
    """Remove the queue of an event whose last session is a week past; return whether it was removed.

    Also one that was switched off. What is shown of a queue then follows from its event and from the counted
    tickets, which stay: so the draw can still be checked. A change of the event that comes between wins.
    """
    event, queue = find_event(event_id), find_queue(event_id)
    if event is None or queue is None or not is_over(event, sessions_of(event_id), now):
        return False
    return remove_queue(event_id, queue.version)
