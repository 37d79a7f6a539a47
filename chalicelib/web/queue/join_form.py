"""The form with which people join an event's queue: on the event's page, or refused on a page of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.admission import ADMISSION_LASTS
from chalicelib.domain.event import Event
from chalicelib.domain.queue import SEED_PUBLIC_AFTER, is_early
from chalicelib.domain.wording import moment_in_words
from chalicelib.web.event.cards import Card, zone_of
from chalicelib.web.event.urls import join_url, opening_url, queue_url

ADMISSION_MINUTES = int(ADMISSION_LASTS.total_seconds()) // 60


class JoinForm(Struct, frozen=True, kw_only=True):
    """What the form and the words beside it need. ``errors`` are sentences by the id of a field."""

    in_draw: bool
    over: bool
    """There is nothing to queue up for any more."""
    sold_out: bool
    """It is over because no places are left."""
    opens: str | None
    minutes: int
    join_url: str
    queue_url: str
    """Where the queue is published, with what the draw can be checked by."""
    seed_is_public: bool
    calendar_url: str
    email: str
    meant: str | None
    """The address that was likely meant by this one, which is not joined with before its owner has looked."""
    errors: Mapping[str, str]


def join_form(
    event: Event,
    cards: Sequence[Card],
    now: datetime,
    *,
    email: str = "",
    meant: str | None = None,
    errors: Mapping[str, str] | None = None,
) -> JoinForm:
    """Return the form to show now: empty, or with what was typed and what is wrong with it."""
    in_draw = is_early(event, now)
    over = not in_draw and not any(card.view.bookable for card in cards)
    zone, says = zone_of(event, cards)
    return JoinForm(
        in_draw=in_draw,
        over=over,
        sold_out=over and any(card.view.not_bookable == "sold_out" for card in cards),
        opens=moment_in_words(event.opens_at, zone, says_zone=says) if event.opens_at else None,
        minutes=ADMISSION_MINUTES,
        join_url=join_url(event),
        queue_url=queue_url(event),
        seed_is_public=event.opens_at is not None and now >= event.opens_at + SEED_PUBLIC_AFTER,
        calendar_url=opening_url(event),
        email=email,
        meant=meant,
        errors=errors or {},
    )
