"""An attendee's one correction of their address: a move (moves.py) that tells nobody who else has booked.

Whoever typed the wrong address may have typed anybody's. If the right one has a booking already, the same is
left at the old key, but the places go back, and the booking that is there is owed its mail once more. That
is as many requests, no more is sent to the old address, and what leads nowhere then leads nowhere now.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.correction import require_correctable
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.refusals import Busy, NotFound
from chalicelib.store.bookings import find_booking
from chalicelib.store.moves import at_its_new_key, is_written, left_behind, live_at
from chalicelib.store.outcomes import Budget
from chalicelib.store.owed_mail import PAUSE
from chalicelib.store.sent_mail import SentMail, is_line_on_its_way, states


def correct(
    booking: Booking, address: str, keys: Sequence[str], now: datetime, *, source: str, request_id: str = ""
) -> None:
    """Move the booking to this (normalised) address, whose keys these are by ordinal, once.

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
        live = live_at(booking.session_id, keys)
        # Asked about one's own as well, so that it is one request whether or not there is another.
        mailed = states([notice_owed(there) for there in (booking, *live.values())])
        moved = at_its_new_key(booking, address, keys, live, now)
        owing: list[tuple[Booking, Booking]] = []
        if moved is None:
            owing = [
                (there, _owing_again(there, mailed.get(notice_owed(there)), now, source, request_id))
                for there in live.values()
            ]
        else:
            moved = replace(moved, asked_from=source, corrected=moved.version, request_id=request_id)
        left = left_behind(booking, moved.key if moved else keys[0], now)
        left = replace(left, corrected=left.version)
        if is_written(budget, booking, left, moved, owing):
            return
        there_now = find_booking(booking.session_id, booking.key)
        if there_now is None or there_now.booking_id != booking.booking_id:
            raise NotFound("This booking was cancelled, and its address has booked again since.")
        booking = there_now
    raise Busy


def _owing_again(
    booking: Booking, mailed: SentMail | None, now: datetime, source: str, request_id: str
) -> Booking:
    """Return the booking as owing its mail once more; as it is if one is on its way, or was owed lately."""
    # As for whoever tries to book again (actions/booking/book.py).
    on_its_way = is_line_on_its_way(mailed, held_back_too=booking.emails_caused_by == source)
    if on_its_way or max(booking.mailed_at, booking.changed_at) > now - PAUSE:
        return booking
    return replace(
        booking, mailed_at=now, asked_from=source, version=booking.version + 1, request_id=request_id
    )
