"""The calls of the door (web/door/check_ins.py)."""

from chalicelib.domain.check_in import CheckInRequest
from chalicelib.domain.door_refusals import (
    AlreadyArrived,
    BookingCancelled,
    CheckInNotOpenYet,
    CheckInUndone,
    TicketReplaced,
    TooManyArriving,
    WrongSession,
)
from chalicelib.domain.refusals import Cancelled
from chalicelib.web.door.check_ins import CheckInView, UndoneView
from chalicelib.web.event.urls import BOOKING, SESSION
from infra.apidoc import samples
from infra.apidoc.calls import Body, Call, ok

CALLS = (
    Call(
        method="POST",
        path=SESSION + "/check-ins",
        summary="Check in a party or part of it",
        words="Send the ticket, the reference or the booking: exactly one of them. If you send the same "
        "nonce again, you get the first answer. A second scan is refused with when and where the first was. "
        "A new booking is found by its reference after a few seconds, and by the others at once.",
        who="door",
        body=Body(
            struct=CheckInRequest,
            example={"reference": samples.REFERENCE, "places": 1, "nonce": samples.NONCE},
        ),
        replies=(
            ok(CheckInView, "They are in.", status=201),
            ok(CheckInView, "This scan was answered before."),
        ),
        refusals=(
            Cancelled,
            WrongSession,
            TicketReplaced,
            CheckInUndone,
            BookingCancelled,
            CheckInNotOpenYet,
            AlreadyArrived,
            TooManyArriving,
        ),
    ),
    Call(
        method="DELETE",
        path=BOOKING + "/check-ins/{nonce}",
        summary="Undo a check-in",
        words="Undoing it again changes nothing.",
        who="door",
        replies=(ok(UndoneView, "The party after the change."),),
        refusals=(BookingCancelled,),
    ),
)
