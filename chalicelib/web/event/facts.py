"""What every page about one session says of it."""

from typing import Any

from chalicelib.domain.cancellation import why_cancelled
from chalicelib.domain.event import Event, says_zone
from chalicelib.domain.session import Session
from chalicelib.domain.titles import map_url
from chalicelib.domain.wording import when
from chalicelib.web.event.urls import again_page_url, event_page_url, session_page_url


def facts_of(event: Event, session: Session) -> dict[str, Any]:
    """Return what the templates call these things."""
    return {
        "event": event,
        "session": session,
        "when": when(session, says_zone=says_zone(event)),
        "map_url": map_url(session),
        "event_url": event_page_url(event),
        "page_url": session_page_url(event, session),
        "again_url": again_page_url(event, session),
        "reason": why_cancelled(event, session),
    }
