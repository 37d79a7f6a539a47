"""Cards of an event as the list has them, without a table."""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.domain.wording import when
from chalicelib.store.places_left import PlacesLeft
from chalicelib.web.event.cards import Card
from chalicelib.web.event.views import session_view
from tests.web.conftest import NOW

EVENT = Event(event_id="e" * 16, organiser_id="o" * 16, slug="curry", title="Curry", status="published")
BEGINS = datetime(2027, 9, 5, 19)


def card(title: str, *, free: int | None = 12, is_fresh: bool = True, day: int = 0, **where: Any) -> Card:
    """Return the card of a session in this town, so many days after the first one."""
    begins = BEGINS + timedelta(days=day)
    session = Session(
        **{
            "session_id": title.lower(), "event_id": EVENT.event_id, "organiser_id": EVENT.organiser_id,
            "title": title, "venue": f"{title} Hall", "address": f"1 Hall Road, {title}",
            "latitude": None, "longitude": None, "zone": "Europe/London", "starts_local": begins,
            "ends_local": begins + timedelta(hours=3), "capacity": 20, "counters": 1, **where,
        }
    )  # fmt: skip
    view = session_view(EVENT, session, PlacesLeft(free, is_fresh=is_fresh), NOW)
    return Card(session=session, view=view, when=when(session, says_zone=True))
