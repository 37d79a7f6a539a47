"""The rules on who may book when, for the public and for organisers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import (
    Busy,
    Cancelled,
    Closed,
    NotOpenYet,
    NotPublished,
    Refusal,
    SessionOver,
    TooManyPlaces,
)
from chalicelib.domain.session import Session
from chalicelib.domain.who_may_book import require_organiser_may_book, require_public_may_book

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ended(hour: int) -> dict[str, Any]:
    return {"starts_local": datetime(2027, 6, 1, 9), "ends_local": datetime(2027, 6, 1, hour)}


def said(
    rule: Callable[..., object], places: int, event: dict[str, Any], session: dict[str, Any], *permit: Any
) -> type[Refusal] | None:
    made = Event(**{"event_id": "e", "organiser_id": "o", "slug": "curry", "title": "Curry",
                    "status": "published", **event})  # fmt: skip
    sitting = Session(**{"session_id": "s", "event_id": "e", "organiser_id": "o", "title": "Leeds",
                         "venue": "V", "address": "A", "zone": "UTC",
                         "starts_local": datetime(2027, 9, 5, 19), "ends_local": datetime(2027, 9, 5, 22),
                         "capacity": 40, "counters": 2, **session})  # fmt: skip
    try:
        rule(made, sitting, places, NOW, *permit)
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(
    ("places", "event", "session", "public", "organiser"),
    [
        (2, {}, {}, None, None),
        (2, {"status": "draft"}, {}, NotPublished, NotPublished),
        (2, {"status": "cancelled"}, {}, Cancelled, Cancelled),
        (2, {}, {"status": "cancelled"}, Cancelled, Cancelled),
        (2, {"opens_at": NOW + HOUR}, {}, NotOpenYet, None),
        (2, {}, {"status": "closed"}, Closed, Closed),
        (2, {"closes_at": NOW - HOUR}, {}, Closed, None),
        (2, {}, {"closes_at": NOW - HOUR}, Closed, None),
        (2, {}, {"starts_local": datetime(2027, 6, 1, 11)}, Closed, None),
        (2, {}, ended(12), Closed, None),
        (2, {}, ended(11), Closed, SessionOver),
        (2, {}, {"paused_until": NOW + timedelta(seconds=5)}, Busy, Busy),
        (7, {}, {}, TooManyPlaces, None),
        (20, {}, {}, TooManyPlaces, None),
        (21, {}, {}, TooManyPlaces, TooManyPlaces),
        (21, {"status": "draft"}, {"status": "cancelled"}, NotPublished, NotPublished),
    ],
)  # fmt: skip
def test_each_rule_holds_for_whom_it_should(
    places: int, event: dict[str, Any], session: dict[str, Any], public: Any, organiser: Any
) -> None:
    assert said(require_public_may_book, places, event, session, None) is public
    assert said(require_organiser_may_book, places, event, session) is organiser
