"""See the figures of an event's sessions, or of the one that a token is for."""

from msgspec import Struct

from chalicelib.domain.event import Event
from chalicelib.domain.figures import Figures
from chalicelib.domain.organiser import Caller, require_event, require_session
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import Session
from chalicelib.store.events import find_event, sessions_of
from chalicelib.store.figures import figures_of, figures_of_session
from chalicelib.store.together import find_event_and_session


class SeenFigures(Struct, frozen=True):
    """An event, its sessions as far as the caller may see them, and their figures by session_id."""

    event: Event
    sessions: list[Session]
    figures: dict[str, Figures]


def see_figures(caller: Caller, event_id: str) -> SeenFigures:
    """Return the figures that this caller may see. Raises NotFound or Forbidden.

    A session that was never recounted has none.
    """
    own = caller.only_session
    if own is None:
        event = require_event(caller, find_event(event_id), "host")
        return SeenFigures(event, sessions_of(event_id, consistent=False), figures_of(event_id))
    found, there = find_event_and_session(event_id, own)
    session = require_session(caller, there, "host")
    if found is None:
        raise NotFound("There is no such event, or your token does not cover it.")
    figures = figures_of_session(event_id, own)
    return SeenFigures(found, [session], {} if figures is None else {own: figures})
