"""Write down when something is due for a session, so that the clock finds it then."""

from datetime import datetime

from chalicelib.domain.kinds import deadlines
from chalicelib.domain.session import Session
from chalicelib.store.due import remember_written, write_due


def write_deadlines(session: Session, *, now: datetime) -> None:
    """Store the session's deadlines as they follow from its time now. Doing it again is safe.

    Those of an earlier time stay, and find nothing to do. Dying before the last write leaves the recount to
    do all of it again.
    """
    for kind, at in deadlines(session, now).items():
        write_due(session, kind, at, now)
    remember_written(session)
