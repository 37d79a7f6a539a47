"""Cancel many bookings of a session, as a preview showed them."""

from datetime import datetime

from chalicelib.domain.booking import require_there
from chalicelib.domain.correction import BookingNotLive, BulkCancellation, BulkCancelled, LeftBooking
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import Busy, Refusal
from chalicelib.domain.session import Session, require_not_over
from chalicelib.store.bookings import bookings_at, follow
from chalicelib.store.capacity import give_back
from chalicelib.store.outcomes import Budget

WORKED_SECONDS = 6
"""What is begun by then is finished within the API's time-out (15 s). One after the other, as each writes
the session's mark: side by side they would lose to each other."""


def cancel_bookings(
    caller: Caller, session: Session | None, asked: BulkCancellation, *, now: datetime, request_id: str = ""
) -> BulkCancelled:
    """Cancel each of these bookings that is still as it was shown, and say of all others why they are left.

    Each is a transaction of its own, so dying anywhere and doing it again is safe. What there was no time
    for is left as ``busy``. Raises NotFound, Forbidden, SessionOver, or Busy.
    """
    session = require_session(caller, session, "host")
    require_not_over(session, now, "Bookings can't be cancelled any more.")
    budget = Budget(WORKED_SECONDS)
    named = [(shown, shown.lives_at(session.session_id)) for shown in asked.bookings]
    there = bookings_at(session.session_id, list({address.key for _, address in named}))
    places: dict[str, int] = {}
    left: list[LeftBooking] = []
    for shown, address in named:
        try:
            if budget.is_spent():
                raise Busy
            found = require_there(follow(there.get(address.key), address))
            if found.status == "cancelled" or found.booking_id in places:
                # The second: it may be named twice, also by an address that it had before.
                raise BookingNotLive
            after = give_back(
                found, now, at_version=shown.version, quiet=not asked.tell, request_id=request_id
            )
            if (after.changed_at, after.request_id) != (now, request_id):
                # Somebody else was faster. It is our own where an answer was lost.
                raise BookingNotLive
            places[found.booking_id] = found.places
        except Refusal as refusal:
            left.append(LeftBooking(booking=shown.booking, version=shown.version, why=refusal.code))
    return BulkCancelled(cancelled=len(places), places=sum(places.values()), left=left)
