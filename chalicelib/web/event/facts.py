"""What every page about one session says of it."""

from datetime import datetime
from typing import Any

from chalicelib.domain.cancellation import why_cancelled
from chalicelib.domain.event import Event, says_zone
from chalicelib.domain.session import Session, is_called_off
from chalicelib.domain.titles import map_url
from chalicelib.domain.wording import when
from chalicelib.web.event.urls import again_page_url, event_page_url, session_page_url


def facts_of(event: Event, session: Session, now: datetime) -> dict[str, Any]:
    """Return what the templates call these things."""
    off = is_called_off(event, session, now)
    return {
        "event": event,
        "session": session,
        "when": when(session, says_zone=says_zone(event)),
        "off": off,
        # Nobody is to be led to where nothing takes place.
        "map_url": None if off else map_url(session),
        "event_url": event_page_url(event),
        "page_url": session_page_url(event, session),
        "again_url": again_page_url(event, session),
        "reason": why_cancelled(event, session, now),
    }
