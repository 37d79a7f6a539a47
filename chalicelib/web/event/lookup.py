"""The event and the session that a public path names, if the public may see them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chalice.app import Response

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy, NotFound, NotPublished
from chalicelib.domain.session import Session
from chalicelib.store.lately import cached_event_by_slug, cached_session
from chalicelib.web.http.rendering import refusals_as_pages


def published_event(slug: str) -> Event:
    """Return the event with this slug. Raises NotFound, or NotPublished while it is a draft."""
    return require_published(cached_event_by_slug(slug))


def require_published(event: Event | None) -> Event:
    """Return the event that was looked for. Raises NotFound, or NotPublished while it is a draft."""
    if event is None:
        raise NotFound("There is no event at this address. Please check the link.")
    if event.status == "draft":
        raise NotPublished
    return event


def session_of(event: Event, session_id: str) -> Session:
    """Return this session of the event, or raise NotFound."""
    session = cached_session(event.event_id, session_id)
    if session is None:
        raise NotFound(f"There is no such {event.session_noun} in this event. Please check the link.")
    return session


def refusals_as_event_pages(view: Callable[..., Response]) -> Callable[..., Response]:
    """Make a route below an event answer with pages that say who is behind it, also where they say no."""
    return refusals_as_pages(view, _public_event)


def _public_event(*_: Any, slug: str, **__: Any) -> Event | None:
    with suppress(Busy):
        event = cached_event_by_slug(slug)
        return None if event is None or event.status == "draft" else event
    return None
