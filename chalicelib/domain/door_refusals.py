"""The refusals at the door, and of cancelling after check-in: a branch of domain/refusals.py's tree.

Refusal
├── WrongSession          the ticket is for another session
├── TicketReplaced        the booking has left the address that the ticket was sent to
├── CheckInUndone         this scan was undone; a new scan is needed
├── BookingCancelled      the booking was cancelled
├── CheckInNotOpenYet     check-in opens later; says when
├── AlreadyArrived        everyone in this party is in; says when and where the first came in
├── TooManyArriving       more people than the booking has places left
└── PartyArrived          someone is in, so the booking can't be cancelled
"""

from datetime import datetime

from chalicelib.domain.refusals import Refusal
from chalicelib.domain.wording import clock_and_day


class WrongSession(Refusal):
    """The ticket is for another session. ``session_title`` is there if the caller may see that session."""

    code = "wrong_session"
    title = "This ticket is for another session"

    def __init__(self, session_title: str | None = None) -> None:
        if session_title is None:
            super().__init__("Ask them to check the session on their ticket.")
        else:
            super().__init__(f"The ticket is for {session_title}.", session_title=session_title)


class TicketReplaced(Refusal):
    """The ticket was emailed to an address that the booking has left. The booking itself stands."""

    code = "ticket_replaced"
    title = "This ticket was replaced"

    def __init__(self) -> None:
        super().__init__(
            "The booking's email address was corrected. "
            "Ask for the newer ticket or its reference, or ask a host to find the booking by name."
        )


class BookingCancelled(Refusal):
    """The booking was cancelled. The same address may have a newer one."""

    code = "booking_cancelled"
    title = "This booking was cancelled"

    def __init__(self) -> None:
        super().__init__("If they booked again, scan the newer ticket.")


class CheckInUndone(Refusal):
    """A scan that was undone is sent again, late. It must not count again."""

    code = "check_in_undone"
    title = "This check-in was undone"

    def __init__(self) -> None:
        super().__init__("To check them in, scan the ticket again.")


class CheckInNotOpenYet(Refusal):
    """It is too early to check anyone in. The ticket itself is valid."""

    code = "check_in_not_open_yet"
    title = "Check-in is not open yet"

    def __init__(self, opens_at: datetime, zone: str) -> None:
        super().__init__(
            f"The ticket is valid. Check-in opens at {clock_and_day(opens_at, zone)}.",
            opens_at=opens_at,
        )


class AlreadyArrived(Refusal):
    """Everyone in this party is in. It says when and where the first of them came in."""

    code = "already_arrived"
    title = "Already checked in"

    def __init__(self, places: int, first_at: datetime, first_where: str, zone: str) -> None:
        first = f"{clock_and_day(first_at, zone)} ({first_where})"
        super().__init__(
            f"This ticket was used at {first}."
            if places == 1
            else f"All {places} people in this party are in. The first came in at {first}.",
            places=places,
            first_at=first_at,
            first_where=first_where,
        )


class TooManyArriving(Refusal):
    """More people want to come in than the booking has places left."""

    code = "too_many_arriving"
    title = "Too many people for this booking"

    def __init__(self, places: int, places_left: int) -> None:
        super().__init__(
            f"This booking is for {places}. You can check in {places_left} more.",
            places=places,
            places_left=places_left,
        )


class PartyArrived(Refusal):
    """A booking can't be cancelled once someone in the party is in: their place is not free."""

    code = "party_arrived"
    title = "This booking can't be cancelled"

    def __init__(self, arrived: int) -> None:
        super().__init__(
            "Someone in this party has already checked in.",
            arrived=arrived,
        )
