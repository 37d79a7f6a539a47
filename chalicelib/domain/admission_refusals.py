"""The refusals in and about a queue: a branch of domain/refusals.py's tree.

Refusal
├── NotAdmitted           the event has a queue, and the admission is missing, used or not valid; says why
├── NotYourTurn           it is not this ticket's turn yet
└── NoQueue               the event has no queue: book directly
"""

from typing import Literal

from chalicelib.domain.refusals import Refusal
from chalicelib.domain.wording import minutes_in_words

WhyNot = Literal["missing", "not_ours", "expired", "another_event", "another_address", "used"]

_WHY_NOT: dict[WhyNot, str] = {
    "missing": "Please join the queue first. You can book when it is your turn.",
    "not_ours": "We can't confirm your turn: your admission is damaged or is not ours. "
    "Please go back to the queue.",
    "expired": "Your time to book has run out. "
    "Go back to your place in the queue: you get more time while places are left.",
    "another_event": "Your turn was for another event. Please join the queue for this one.",
    "another_address": "You joined the queue with another email address. Please book with that one. "
    "If it is mistyped, use it all the same: you can correct it on the next page.",
    "used": "This turn was used for a booking whose email address was corrected. "
    "Please join the queue again to book with this address.",
}


class NotAdmitted(Refusal):
    """The event has a queue, and this request has no valid admission, or one whose turn is used."""

    code = "not_admitted"
    title = "There is a queue for this event"

    def __init__(self, why_not: WhyNot) -> None:
        super().__init__(_WHY_NOT[why_not], why_not=why_not)


class NotYourTurn(Refusal):
    """It is not this ticket's turn yet. There is no estimate if its turn may never come."""

    code = "not_your_turn"
    title = "It is not your turn yet"

    def __init__(
        self, number: int, serving: int, retry_after_seconds: int, estimate_seconds: int | None = None
    ) -> None:
        super().__init__(
            "All the places may go to people ahead of you. You may get a turn if some of them don't book."
            if estimate_seconds is None
            else f"Your turn should come in {minutes_in_words(estimate_seconds)}.",
            number=number,
            serving=serving,
            retry_after=retry_after_seconds,
            **({} if estimate_seconds is None else {"estimate_seconds": estimate_seconds}),
        )
        self.retry_after_seconds = retry_after_seconds


class NoQueue(Refusal):
    """The event has no queue."""

    code = "no_queue"
    title = "There is no queue for this event"

    def __init__(self) -> None:
        super().__init__("You can book directly.")
