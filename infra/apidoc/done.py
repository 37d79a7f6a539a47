"""The page after booking, and the correction of a mistyped address there (web/public/done.py)."""

from chalicelib.domain.correction import BookingNotLive, NotCorrectable
from chalicelib.domain.refusals import (
    Cancelled,
    Invalid,
    LinkExpired,
    NotPublished,
    SessionOver,
    TooManyRequests,
)
from infra.apidoc.calls import (
    CROSS_ORIGIN,
    ETAG,
    IF_NONE_MATCH,
    NOT_CHANGED,
    ORIGIN,
    Body,
    Call,
    Header,
    Parameter,
    sent_on,
    shown,
)

CALLS = (
    Call(
        method="GET",
        path="/book/{slug}/{session_id}/done",
        summary="The page after booking",
        who="anybody",
        parameters=(
            Parameter(
                name="turnout",
                place="query",
                words="`cancelled` if this form was sent before and its booking has been cancelled.",
                example="booked",
            ),
            Parameter(
                name="fresh",
                place="query",
                words="Signed, from the redirect after booking. For 15 minutes the page shows the booking, "
                "with a form to correct the email address once. That page is private and has no ETag.",
            ),
            IF_NONE_MATCH,
            ORIGIN,
        ),
        replies=(
            shown(
                "What happens next. Without `fresh`, the page holds no personal data.",
                headers=(Header(name="ETag", words=ETAG.words, always=False),),
            ),
            NOT_CHANGED,
        ),
        headers=CROSS_ORIGIN,
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="POST",
        path="/book/{slug}/{session_id}/done/correct",
        summary="Correct the email address of a new booking",
        words="The reply is the same if the new address already has a booking in this session. Then that "
        "booking is emailed again, and the new one is cancelled.",
        who="anybody",
        body=Body(struct=None, example={"fresh": "from-the-page-after-booking", "email": "ada@example.org"}),
        replies=(sent_on("The page after booking."),),
        refusals=(
            BookingNotLive,
            Cancelled,
            Invalid,
            LinkExpired,
            NotCorrectable,
            NotPublished,
            SessionOver,
            TooManyRequests,
        ),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/{session_id}/done/correct",
        summary="Go to the page after booking",
        words="A refused form has this address, and people copy it.",
        who="anybody",
        replies=(sent_on("The page after booking, without personal data."),),
        refusals=(NotPublished,),
        page=True,
    ),
)
