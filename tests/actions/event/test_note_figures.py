"""What a recount counts of a session's bookings, and when that is written."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.check_in import Scan, checked_in
from chalicelib.domain.figures import Figures
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.session import Session
from chalicelib.store import capacity, sent_mail
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.figures import figures_of, keep_figures
from chalicelib.store.recounts import Watched, watched_sessions
from tests.making import MADE_AT, booking_for, make_session
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("neighbours")

FIGURES = Figures(
    booked=1, places=2, emails_in_trouble=0, places_free=18, capacity=20, counted_at=MADE_AT, asks=3
)


def watched(session: Session) -> Watched:
    [found] = [found for found in watched_sessions() if found.session_id == session.session_id]
    return found


def counted(session: Session) -> Figures:
    assert recount_session(watched(session), now=session.starts_at) is not None
    return figures_of(session.event_id)[session.session_id]


def test_a_recount_keeps_the_figures_of_its_session(table: Any) -> None:
    session = make_session(capacity=60)
    ada = capacity.take(session, booking_for(session, "ada", places=3))
    bob = capacity.take(session, booking_for(session, "bob"))
    scan = Scan(nonce="a", places=2, at=session.starts_at, token_id="t", where="Door")
    change_arrivals(ada, lambda standing: checked_in(session, standing, scan))
    sent_mail.advance(notice_owed(ada).identity, "bounced", MADE_AT, reason="permanent_general")
    capacity.give_back(bob, MADE_AT)
    assert counted(session) == Figures(
        booked=1,
        places=3,
        came=2,
        cancelled=1,
        emails_in_trouble=1,
        places_free=57,
        capacity=60,
        counted_at=session.starts_at,
        asks=0,
    )


@pytest.mark.parametrize(
    ("state", "reason", "is_in_trouble"),
    [
        ("bounced", "permanent_general", True),
        ("complained", "abuse", True),
        ("suppressed", "bounced", True),
        ("failed", "rejected", True),
        ("failed", "transient_mailboxfull", False),
        ("sent", None, False),
        ("delivered", None, False),
    ],
)
def test_an_email_that_will_never_arrive_counts_as_in_trouble(
    table: Any, state: sent_mail.SettledState, reason: str | None, is_in_trouble: bool
) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada"))
    sent_mail.advance(notice_owed(booking).identity, state, MADE_AT, reason=reason)
    assert counted(session).emails_in_trouble == is_in_trouble


def test_figures_that_did_not_change_are_not_written_and_keep_their_time(table: Any) -> None:
    session = make_session()
    sent_mail.advance(
        notice_owed(capacity.take(session, booking_for(session, "ada"))).identity, "sent", MADE_AT
    )
    first = counted(session)
    with requests_counted() as sent:
        recount_session(watched(session), now=session.ends_at)
    assert figures_of(session.event_id)[session.session_id] == first
    assert sent["UpdateItem"] == 3, "the turn, the figures and what was found"


def test_a_recount_that_began_earlier_does_not_replace_the_figures_of_a_later_one(table: Any) -> None:
    keep_figures("e", "s", FIGURES)
    keep_figures("e", "s", replace(FIGURES, booked=9, asks=2))
    assert figures_of("e") == {"s": FIGURES}
    newer = replace(FIGURES, booked=2, asks=3)
    keep_figures("e", "s", newer)
    assert figures_of("e") == {"s": newer}
