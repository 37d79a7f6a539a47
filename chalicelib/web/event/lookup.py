"""The event and the session that a public path names, if the public may see them."""

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import NotFound, NotPublished
from chalicelib.domain.session import Session
from chalicelib.store.lately import cached_event_by_slug, cached_session


def published_event(slug: str) -> Event:
    """Return the event with this slug. Raises NotFound, or NotPublished while it is a draft."""
    return require_published(cached_event_by_slug(slug))


def require_published(event: Event | None) -> Event:
    """Return the event that was looked for. Raises NotFound, or NotPublished while it is a draft."""
    if event is None:
        raise NotFound("There is no event at this address.")
    if event.status == "draft":
        raise NotPublished
    return event


def session_of(event: Event, session_id: str) -> Session:
    """Return this session of the event, or raise NotFound."""
    session = cached_session(event.event_id, session_id)
    if session is None:
        raise NotFound("There is no session at this address.")
    return session
