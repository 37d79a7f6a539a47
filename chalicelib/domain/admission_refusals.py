"""What is said in and about a queue: a branch of domain/refusals.py's tree.

Refusal
├── NotAdmitted           booking here takes an admission from the queue; says what is wrong with this one
├── NotYourTurn           the queue has not come to this ticket yet
└── NoQueue                nobody waits here: book directly
"""

from typing import Literal

from chalicelib.domain.refusals import Refusal
from chalicelib.domain.wording import minutes_in_words

WhyNot = Literal["missing", "not_ours", "expired", "another_event", "another_address"]

_WHY_NOT: dict[WhyNot, str] = {
    "missing": "Booking goes in turn here. Please join the queue first, and book when it is your turn.",
    "not_ours": "This admission was not given by us, or a part of it is missing. "
    "Please go back to the queue.",
    "expired": "This admission is past its time. Go back to your place in the queue: it is not lost, and you "
    "are given another there as long as places are left.",
    "another_event": "This admission is for another event.",
    "another_address": "This admission was given to another e-mail address. "
    "Please book with the address that you joined the queue with.",
}


class NotAdmitted(Refusal):
    """Booking in this event goes in turn, and this request has no admission that holds."""

    code = "not_admitted"
    title = "It takes your turn in the queue to book"

    def __init__(self, why_not: WhyNot) -> None:
        super().__init__(_WHY_NOT[why_not], why_not=why_not)


class NotYourTurn(Refusal):
    """The queue has not come to this ticket yet. There is no estimate if it may never do."""

    code = "not_your_turn"
    title = "It is not your turn yet"

    def __init__(
        self, number: int, serving: int, retry_after_seconds: int, estimate_seconds: int | None = None
    ) -> None:
        super().__init__(
            "It is not your turn yet. "
            + (
                "More people are ahead of you than places are left."
                if estimate_seconds is None
                else f"It should be in {minutes_in_words(estimate_seconds)}."
            ),
            number=number,
            serving=serving,
            retry_after=retry_after_seconds,
            **({} if estimate_seconds is None else {"estimate_seconds": estimate_seconds}),
        )
        self.retry_after_seconds = retry_after_seconds


class NoQueue(Refusal):
    """Nobody waits in a queue for this event."""

    code = "no_queue"
    title = "There is no queue here"

    def __init__(self) -> None:
        super().__init__("Nobody has to wait in a queue for this event: book directly.")
