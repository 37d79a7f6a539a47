"""What the door calls (web/door/check_ins.py)."""

from chalicelib.domain.check_in import CheckInRequest
from chalicelib.domain.door_refusals import (
    AlreadyArrived,
    BookingCancelled,
    CheckInNotOpenYet,
    CheckInUndone,
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
        summary="Check in a party, or some of it",
        words="By its ticket, its reference or its booking: one of them. The same nonce again gets the first "
        "answer; a second scan hears when and where the first was.",
        who="door",
        body=Body(
            struct=CheckInRequest,
            example={"reference": samples.REFERENCE, "places": 1, "nonce": samples.NONCE},
        ),
        replies=(
            ok(CheckInView, "They are in.", status=201),
            ok(CheckInView, "This very scan was answered before."),
        ),
        refusals=(
            Cancelled,
            WrongSession,
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
        replies=(ok(UndoneView, "How the party stands now."),),
        refusals=(BookingCancelled,),
    ),
)
