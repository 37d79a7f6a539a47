"""The refusals of deleting: a branch of domain/refusals.py's tree.

Refusal
├── SessionBooked         someone has booked the session, so it stays
├── NotDraft              only a draft of an event can be deleted
└── StillDraft            a draft is deleted, not cancelled
"""

from chalicelib.domain.refusals import Refusal


class SessionBooked(Refusal):
    """A session that someone has booked can't be deleted."""

    code = "session_booked"
    title = "Someone has booked this session"

    def __init__(self) -> None:
        super().__init__("It stays, even if all of its bookings are cancelled. You can cancel the session.")


class NotDraft(Refusal):
    """Only a draft of an event can be deleted, because links to a published event are out in the world."""

    code = "not_draft"
    title = "This event is not a draft"

    def __init__(self) -> None:
        super().__init__("Only a draft can be deleted. You can cancel a published event.")


class StillDraft(Refusal):
    """A cancelled event is public for good. A draft never was, so it is deleted instead."""

    code = "still_draft"
    title = "This event is a draft"

    def __init__(self) -> None:
        super().__init__("It is not public, so there is nothing to cancel. You can delete it.")
