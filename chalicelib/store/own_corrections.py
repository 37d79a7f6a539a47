"""An attendee's one correction of their address: a move (moves.py) that tells nobody who else has booked.

Whoever typed the wrong address may have typed anybody's. If the right one has a booking already, the same is
left at the old key, but the places go back, and the mail of the booking that is there is asked for again. It
is as many requests, no more is sent to the old address, and what leads nowhere then leads nowhere now.
That email says what was not kept, for only the reader of that address may know.

What remains: in a session that is sold out, places that come back show that the right address had booked.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.booking import AskedAgain, Booking
from chalicelib.domain.correction import require_correctable
from chalicelib.domain.refusals import Busy, NotFound
from chalicelib.store.bookings import bookings_at, find_booking
from chalicelib.store.moves import at_its_new_key, is_written, left_behind, live_among
from chalicelib.store.outcomes import Budget


def correct(
    booking: Booking,
    address: str,
    keys: Sequence[str],
    now: datetime,
    *,
    new_reference: str,
    source: str,
    request_id: str = "",
) -> None:
    """Move the booking to this (normalised) address, whose keys these are by ordinal, once.

    It prints ``new_reference`` then. The turn that booked it is used at the key that it leaves.

    ``booking`` is what is at the key where it was booked. It is followed nowhere: what others did with it
    since is not told either. ``source`` is whoever asks: the mail counts against them.

    Raises NotFound, BookingNotLive, NotCorrectable, Cancelled, SessionOver, or Busy.
    """
    budget = Budget()
    while not budget.is_spent():
        if booking.corrected and booking.moved_to in keys:
            # A second click, or our own answer was lost.
            return
        require_correctable(booking)
        there = bookings_at(booking.session_id, keys)
        moved = at_its_new_key(booking, address, keys, there, now)
        left = left_behind(booking, moved.key if moved else keys[0], now)
        left = replace(left, corrected=left.version, turns_used=booking.turns_used_up)
        if moved is None:
            asked = AskedAgain(
                session_id=booking.session_id,
                keys=tuple(keys),
                asked_at=now,
                source=source,
                request_id=request_id,
                not_kept=booking.places,
            )
            done = is_written(budget, booking, left, None, [live.key for live in live_among(there)], asked)
        else:
            moved = replace(
                moved,
                asked_from=source,
                corrected=moved.version,
                new_reference=new_reference,
                request_id=request_id,
                # No request's (they hold no space). Under the first one's, a request for the right address
                # would hear which booking is there.
                idempotency_key=f"corrected {booking.booking_id}",
            )
            done = is_written(budget, booking, left, moved)
        if done:
            return
        there_now = find_booking(booking.session_id, booking.key)
        if there_now is None or there_now.booking_id != booking.booking_id:
            raise NotFound("This booking was cancelled, and its address has booked again since.")
        booking = there_now
    raise Busy
