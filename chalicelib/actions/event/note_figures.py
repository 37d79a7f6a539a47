"""Note a session's figures, as a recount that read all of its bookings has counted them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import asdict

from chalicelib.domain.figures import Figures, Tally
from chalicelib.domain.recount import Counter, Progress
from chalicelib.domain.session import Session
from chalicelib.store.figures import keep_figures


def note_figures(
    session: Session, progress: Progress, tally: Tally, counters: Sequence[Counter], now: datetime
) -> None:
    """Keep this tally with what the recount found of emails and counters. It is one write, and no read."""
    figures = Figures(
        **asdict(tally),
        emails_in_trouble=progress.in_trouble,
        places_free=sum(counter.free for counter in counters),
        capacity=sum(counter.capacity for counter in counters),
        counted_at=now,
        asks=progress.asks,
    )
    keep_figures(session.event_id, session.session_id, figures)
