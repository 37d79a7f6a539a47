"""Who has come: kept on the booking itself, so that no more can come in than have booked.

A check-in reads the booking and writes its new list of arrivals if ``arrivals_version`` is what was read
and the booking still stands: of two doors that scan at once, one has to look again. No counter is part
of it, and neither is the booking's ``version``: places are taken whether people come or not.
"""

from collections.abc import Callable

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition

from chalicelib.domain.booking import Booking
from chalicelib.domain.door_refusals import BookingCancelled
from chalicelib.domain.refusals import Busy
from chalicelib.store.bookings import find_booking_at
from chalicelib.store.keys import booking_item_key
from chalicelib.store.mapping import changes
from chalicelib.store.outcomes import Budget, Kind, kind_of
from chalicelib.store.table import BookingItem


def change_arrivals(booking: Booking, change: Callable[[Booking], Booking]) -> Booking:
    """Store what ``change`` makes of the booking's arrivals, and return the booking as it is then.

    ``change`` is asked again with the booking as it stands whenever somebody else was faster, or nobody
    knows whether we were: it must find its own deed in what was done already, and may refuse.

    Raises what ``change`` raises, BookingCancelled if the booking is gone, or Busy after 2.5 seconds.
    """
    budget = Budget()
    while True:
        changed = change(booking)
        if changed == booking:
            return booking
        if budget.is_spent():
            raise Busy
        try:
            _write(booking, changed)
        except UpdateError as error:
            match kind_of(error):
                case Kind.THROTTLED:
                    budget.pause(50, 200)
                case Kind.CONFLICT | Kind.LOST:
                    budget.pause(5, 30)
                case Kind.REFUSED:
                    pass
        else:
            return changed
        there = find_booking_at(booking.lives_at)
        if there is None:
            raise BookingCancelled
        booking = there


def arrivals_as_read(booking: Booking) -> Condition:
    """Return the condition that nobody was checked in, and no check-in undone, since this was read."""
    version = BookingItem.arrivals_version
    read: Condition = (
        version == booking.arrivals_version if booking.arrivals_version else version.does_not_exist()
    )
    return read


def _write(before: Booking, after: Booking) -> None:
    BookingItem(*booking_item_key(before.session_id, before.key)).update(
        changes(BookingItem, after, ("arrivals", "undone_nonces", "arrivals_version")),
        condition=(BookingItem.booking_id == before.booking_id)
        & (BookingItem.status == "confirmed")
        & arrivals_as_read(before),
    )
