"""Who calls in tests of what organisers do."""

from datetime import UTC, datetime

from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, Role
from chalicelib.domain.session import Session
from chalicelib.store import events

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)


def owner_of(event: Event | Session, *, role: Role = "organiser", scope: str = "organiser") -> Caller:
    """Return somebody with a token of the event's organiser."""
    return Caller(organiser_id=event.organiser_id, role=role, scope=scope, token_id="tttt", token_name="Desk")


def stored(session: Session) -> Session:
    """Return the session as the table has it."""
    found = events.find_session(session.event_id, session.session_id)
    assert found is not None
    return found
