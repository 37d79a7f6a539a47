"""Publish an event."""

from datetime import datetime

import msgspec

from chalicelib.domain.event import Event, require_event_changeable
from chalicelib.domain.event_request import require_face
from chalicelib.domain.organiser import Caller, require_event
from chalicelib.domain.versions import require_version
from chalicelib.store.queues import save_event_and_queue


def publish_event(
    caller: Caller, event: Event | None, *, now: datetime, expected_version: int | None = None
) -> Event:
    """Make an event public and return it. Publishing it again changes nothing.

    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``), Invalid (it
    does not say who is behind it), or Busy.
    """
    event = require_event(caller, event, "organiser")
    require_event_changeable(event)
    if event.status == "published":
        return event
    require_version(event.version, expected_version)
    require_face(event)
    published = msgspec.structs.replace(event, status="published", version=event.version + 1)
    save_event_and_queue(published, event, now)
    return published
