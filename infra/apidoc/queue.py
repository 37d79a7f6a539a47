"""What web sites and their visitors call while people wait in a queue (web/queue/api.py)."""

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
    PREFLIGHT,
    Body,
    Call,
    Reply,
    ok,
)

_HELD = {"ticket": samples.QUEUE_TICKET}


def _may(path: str, summary: str) -> Call:
    """Return a browser's question whether another site's script may call this."""
    return Call(
        method="OPTIONS",
        path=path,
        summary=summary,
        who="anybody",
        parameters=(ORIGIN,),
        replies=(Reply(status=204, words="The headers say whether.", headers=PREFLIGHT),),
        headers=CROSS_ORIGIN,
    )


CALLS = (
    Call(
        method="GET",
        path=QUEUE,
        summary="See the queue",
        words="How far it is: `min(up_to, number + rate * seconds since at)` is the number being served, and "
        "numbers below that may book. Before the opening, `early` is how many are in the draw so far. "
        "`seed_hash` is the SHA-256 of the `seed`, shown from a minute after the opening on, also when "
        "booking is over (then `sold_out`: no place is left to be booked). An early ticket's "
        "number is its rank * `early` / 2^64, rounded down, and its rank the first 8 bytes of "
        "HMAC-SHA256(seed, the ticket's second part). May be kept for two seconds.",
        who="anybody",
        parameters=(IF_NONE_MATCH, ORIGIN),
        replies=(
            ok(QueueView, "The queue.", headers=(ETAG,)),
            Reply(status=304, words="It is as you have it.", headers=(ETAG,)),
        ),
        headers=CROSS_ORIGIN,
        refusals=(NotPublished, Cancelled, NoQueue),
    ),
    Call(
        method="POST",
        path=QUEUE,
        summary="Join the queue",
        words="Gives a ticket for an address. All who join before the opening are in a draw, in which an "
        "address has one chance however often it joins; whoever comes later is behind them, by the time in "
        "the ticket. Send a ticket that you hold to be given the same again.",
        who="anybody",
        parameters=(ORIGIN,),
        body=Body(struct=QueueRequest, example={"email": "ada@example.org"}),
        replies=(ok(JoinReply, "What you hold.", status=201),),
        headers=CROSS_ORIGIN,
        refusals=(TooManyRequests, NotPublished, Cancelled, NoQueue),
    ),
    _may(QUEUE, "May a site's script read and join the queue?"),
    Call(
        method="POST",
        path=QUEUE + "/position",
        summary="Ask for one's place in the queue",
        words="Before the opening there are no numbers (`draw`). `served`: the ticket can be exchanged; "
        "`open`: the queue was switched off and anybody may book. Without an estimate, more people are "
        "ahead than places are left: then it depends on those who don't use theirs.",
        who="anybody",
        parameters=(ORIGIN,),
        body=Body(struct=HeldTicket, example=_HELD),
        replies=(ok(PositionView, "Where you stand."),),
        headers=CROSS_ORIGIN,
        refusals=(TooManyRequests, NotPublished, Cancelled, Closed),
    ),
    _may(QUEUE + "/position", "May a site's script ask for a place in the queue?"),
    Call(
        method="POST",
        path=QUEUE + "/admission",
        summary="Be admitted",
        words="Exchanges a ticket that is served for an admission: a booking with the same address needs it. "
        "It holds for five minutes; after that, exchange the ticket again.",
        who="anybody",
        parameters=(ORIGIN,),
        body=Body(struct=HeldTicket, example=_HELD),
        replies=(ok(AdmissionReply, "You may book.", status=201),),
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
    _may(QUEUE + "/admission", "May a site's script be admitted for its visitor?"),
)
