"""Every way in which a booking is refused: how it comes about, and what is answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from tests import making
from tests.web.browsing import ann, book_by_json
from tests.web.conftest import NOW


@dataclass
class Scene:
    """An event, a session, and what somebody sends to book in it."""

    event: Event
    session: Session
    body: dict[str, Any] = field(default_factory=ann)
    idempotency_key: str = "key-1"


def scene(*, event: dict[str, Any] | None = None, **session: Any) -> Scene:
    """Return a scene in which booking succeeds, but for these changes."""
    made = making.make_event(**(event or {}))
    return Scene(made, making.make_session(made, **session))


def _nothing_right() -> Scene:
    it = scene()
    it.body = ann(name="", email="nobody", places=0)
    return it


def _no_such_session() -> Scene:
    it = scene()
    it.session = making.make_session(making.make_event())
    return it


def _other_body() -> Scene:
    it = scene()
    assert book_by_json(it.event, it.session, it.body, Idempotency_Key="key-1").status_code == 201
    it.body = ann(places=3)
    return it


def _booked_already() -> Scene:
    it = scene()
    assert book_by_json(it.event, it.session, it.body, Idempotency_Key="key-0").status_code == 201
    return it


def _large_party() -> Scene:
    it = scene()
    it.body = ann(places=7)
    return it


def _flood() -> Scene:
    it = scene()
    for _ in range(settings().bookings_per_source_minute):
        book_by_json(it.event, it.session, b"")
    return it


def _sold_out() -> Scene:
    it = scene(capacity=3)
    others = ann(email="others@example.org")
    assert book_by_json(it.event, it.session, others).status_code == 201
    return it


LINE = {"admission": "queue", "opens_at": NOW - timedelta(hours=1)}

REFUSED: list[tuple[str, int, Callable[[], Scene]]] = [
    ("too_many_requests", 429, _flood),
    ("invalid", 422, _nothing_right),
    ("not_found", 404, _no_such_session),
    ("idempotency_key_reused", 422, _other_body),
    ("already_booked", 409, _booked_already),
    ("not_published", 404, lambda: scene(event={"status": "draft"})),
    ("cancelled", 409, lambda: scene(status="cancelled")),
    ("cancelled", 409, lambda: scene(event={"status": "cancelled"})),
    ("not_open_yet", 409, lambda: scene(event={"opens_at": NOW + timedelta(hours=1)})),
    ("closed", 409, lambda: scene(closes_at=NOW - timedelta(seconds=1))),
    ("closed", 409, lambda: scene(status="closed")),
    ("too_many_places", 422, _large_party),
    ("not_admitted", 403, lambda: scene(event=LINE)),
    ("sold_out", 409, _sold_out),
    ("busy", 503, lambda: scene(paused_until=NOW + timedelta(seconds=7))),
]
"""Code, HTTP status, and how to get there."""

RETRY_AFTER = {"busy": "7", "too_many_requests": "60"}
"""The refusals that pass by themselves, and when."""

LED_AWAY = {"not_admitted"}
"""The refusals after which another form comes first, with the address that was typed (test_pages_line.py)."""

OVER = {"cancelled", "closed"}
"""The refusals after which the form can't be sent again."""

GONE = {"not_found", "not_published"}
"""The refusals after which there is no form to show again."""
