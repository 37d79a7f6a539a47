"""Cancel a booking and give its places back."""

from datetime import datetime

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session, require_not_over
from chalicelib.store.capacity import give_back


def cancel_booking(
    session: Session,
    booking: Booking,
    *,
    now: datetime,
    by_link: bool = False,
    with_its_session: bool = False,
    request_id: str = "",
) -> Booking:
    """Cancel this booking for its attendee, or with its session. Return it cancelled.

    ``by_link``: by a link in an email. If the address is corrected meanwhile, that link no longer cancels.
    A booking that is already cancelled is returned unchanged. Raises NotFound when the same email address
    has booked again since (that is another booking) or the link no longer works, SessionOver and, when
    somebody was checked in, PartyArrived (neither ``with_its_session``), and Busy when nothing could be
    changed just now.
    """
    if booking.status == "confirmed" and not with_its_session:
        require_not_over(session, now, "Bookings can't be cancelled any more.")
    return give_back(booking, now, by_link=by_link, even_if_arrived=with_its_session, request_id=request_id)
