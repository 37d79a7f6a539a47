"""The calls of web sites and their visitors while people wait in a queue (web/queue/api.py)."""

from chalicelib.domain.admission import HeldTicket, QueueRequest
from chalicelib.domain.admission_refusals import NoQueue, NotYourTurn
from chalicelib.domain.refusals import (
    Cancelled,
    Closed,
    NotOpenYet,
    NotPublished,
    SoldOut,
    TooManyRequests,
)
from chalicelib.web.queue.api import QUEUE, AdmissionReply, JoinReply
from chalicelib.web.queue.views import PositionView, QueueView
from infra.apidoc import samples
from infra.apidoc.calls import (
    CROSS_ORIGIN,
    ETAG,
    IF_NONE_MATCH,
    ORIGIN,
    Body,
    Call,
    Reply,
    ok,
)

_HELD = {"ticket": samples.QUEUE_TICKET}


CALLS = (
    Call(
        method="GET",
        path=QUEUE,
        summary="See the queue",
        words="The number being served is `min(up_to, number + rate * seconds since at)`. Lower numbers may "
        "book. Before the opening, `early` is how many people are in the draw so far. We publish the `seed` "
        "of the draw a minute after the opening. Its SHA-256, `seed_hash`, is public before. An early "
        "ticket's number is its rank * `early` / 2^64, rounded down. Its rank is the first 8 bytes of "
        "`HMAC-SHA256(seed, second part of the ticket)`. You can cache the answer for two seconds.",
        who="anybody",
        parameters=(IF_NONE_MATCH, ORIGIN),
        replies=(
            ok(QueueView, "The queue.", headers=(ETAG,)),
            Reply(status=304, words="Your copy is up to date.", headers=(ETAG,)),
        ),
        headers=CROSS_ORIGIN,
        refusals=(NotPublished, Cancelled, NoQueue),
    ),
    Call(
        method="POST",
        path=QUEUE,
        summary="Join the queue",
        words="Gives a ticket for an address. Everyone who joins before the opening is in a draw. An "
        "address has one number, however often it joins. People who join later come after them, in the "
        "order of their tickets. If you already have a ticket, send it to get it back. "
        "If its turn was `used`, leave it out to get a new one.",
        who="anybody",
        parameters=(ORIGIN,),
        body=Body(struct=QueueRequest, example={"email": "ada@example.org"}),
        replies=(ok(JoinReply, "The ticket.", status=201),),
        headers=CROSS_ORIGIN,
        refusals=(TooManyRequests, NotPublished, Cancelled, NoQueue),
    ),
    Call(
        method="POST",
        path=QUEUE + "/position",
        summary="See your place in the queue",
        words="`draw`: before the opening there are no numbers. `served`: exchange the ticket for an "
        "admission. `open`: the queue was switched off, and anyone may book. `sold_out`: no places are "
        "left. `waiting`: it is not your turn yet. Without an estimate, more people are ahead than there "
        "are places left.",
        who="anybody",
        parameters=(ORIGIN,),
        body=Body(struct=HeldTicket, example=_HELD),
        replies=(ok(PositionView, "The place in the queue."),),
        headers=CROSS_ORIGIN,
        refusals=(TooManyRequests, NotPublished, Cancelled, Closed),
    ),
    Call(
        method="POST",
        path=QUEUE + "/admission",
        summary="Exchange a ticket for an admission",
        words="Send the admission with a booking by the same address. It is valid for five minutes. If it "
        "expires, exchange the ticket again.",
        who="anybody",
        parameters=(ORIGIN,),
        body=Body(struct=HeldTicket, example=_HELD),
        replies=(ok(AdmissionReply, "The admission: you may book.", status=201),),
        headers=CROSS_ORIGIN,
        refusals=(
            TooManyRequests,
            NotPublished,
            Cancelled,
            NoQueue,
            NotOpenYet,
            Closed,
            SoldOut,
            NotYourTurn,
        ),
    ),
)
