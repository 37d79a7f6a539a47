"""Cancel a booking and give its places back."""

from datetime import datetime

from chalicelib.domain.booking import Booking
from chalicelib.domain.links import BookingAddress
from chalicelib.store.bookings import require_booking
from chalicelib.store.capacity import give_back


def cancel_booking(address: BookingAddress, *, now: datetime, even_if_arrived: bool = False) -> Booking:
    """Cancel this booking, whoever asks: its attendee, or the session's cancellation. Return it cancelled.

    One that is cancelled already is returned as it is. Raises NotFound when the same mail address has
    booked again since (that is another booking), PartyArrived when somebody was checked in (unless
    ``even_if_arrived``), and Busy when nothing could be changed just now.
    """
    return give_back(require_booking(address), now, even_if_arrived=even_if_arrived)
