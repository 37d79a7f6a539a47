"""What is said at the door, and what somebody's being in forbids: a branch of domain/refusals.py's tree.

Refusal
├── WrongSession          the ticket is for another session
├── CheckInUndone         this very scan was undone; a new one is needed
├── BookingCancelled      the booking is no more
├── CheckInNotOpenYet     nobody is counted yet; says when
├── AlreadyArrived        everybody is in; says when and where the first was
├── TooManyArriving       more than the booking has places left
└── PartyArrived          somebody is in, so the booking can't be cancelled
"""

from datetime import datetime

from chalicelib.domain.refusals import Refusal
from chalicelib.domain.wording import clock_and_day


class WrongSession(Refusal):
    """The ticket is for another session. Its title is told to who may see that session."""

    code = "wrong_session"
    title = "This ticket is for another session"

    def __init__(self, session_title: str | None = None) -> None:
        if session_title is None:
            super().__init__("This ticket is for another session.")
        else:
            super().__init__(
                f"This ticket is for another session: {session_title}.", session_title=session_title
            )


class BookingCancelled(Refusal):
    """The booking is no more. There may be a newer one by the same address."""

    code = "booking_cancelled"
    title = "That booking was cancelled"

    def __init__(self) -> None:
        super().__init__("That booking was cancelled. If they have booked again, scan the newer ticket.")


class CheckInUndone(Refusal):
    """The very scan that was undone comes once more, late: it must not count again."""

    code = "check_in_undone"
    title = "This check-in was undone"

    def __init__(self) -> None:
        super().__init__("This check-in was undone. To check them in after all, scan the ticket again.")


class CheckInNotOpenYet(Refusal):
    """It is too early: whoever is scanning is trying things out, and nobody has come."""

    code = "check_in_not_open_yet"
    title = "Check-in is not open yet"

    def __init__(self, opens_at: datetime, zone: str) -> None:
        super().__init__(
            "The ticket is good, but nobody is counted yet: "
            f"check-in opens at {clock_and_day(opens_at, zone)}.",
            opens_at=opens_at,
        )


class AlreadyArrived(Refusal):
    """Everybody of this party is in. It says when and where the first of them came."""

    code = "already_arrived"
    title = "They are in already"

    def __init__(self, places: int, first_at: datetime, first_where: str, zone: str) -> None:
        who = "This ticket was used" if places == 1 else f"All {places} of this party are in"
        super().__init__(
            f"{who} already. The first check-in was at {clock_and_day(first_at, zone)}: {first_where}.",
            places=places,
            first_at=first_at,
            first_where=first_where,
        )


class TooManyArriving(Refusal):
    """More want to come in than the booking has places left."""

    code = "too_many_arriving"
    title = "The booking has fewer places left"

    def __init__(self, places: int, places_left: int) -> None:
        super().__init__(
            f"This booking is for {places}, and {places_left} of them can still come in.",
            places=places,
            places_left=places_left,
        )


class PartyArrived(Refusal):
    """A booking can't be cancelled once somebody of the party is in: their place is not free."""

    code = "party_arrived"
    title = "They have arrived"

    def __init__(self, arrived: int) -> None:
        super().__init__(
            "Somebody of this party has been checked in, so the booking can't be cancelled any more.",
            arrived=arrived,
        )
