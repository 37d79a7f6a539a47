"""The call of organisers and hosts about how an event is doing (web/organiser/figures.py)."""

from chalicelib.web.event.urls import EVENT
from chalicelib.web.organiser.figures import EventFigures
from infra.apidoc.calls import Call, ok

CALLS = (
    Call(
        method="GET",
        path=EVENT + "/figures",
        summary="See how an event is doing",
        words="How many people booked, came and cancelled, and what they answered, in sums. We count a "
        "session again about a minute after it changes, and later when we are busy. A token for one session "
        "gets the figures of its session alone.",
        who="host",
        replies=(ok(EventFigures, "The totals, and a row for each session."),),
    ),
)
