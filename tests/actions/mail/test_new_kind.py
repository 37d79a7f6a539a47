"""A kind of mail that we do not have: an entry in the table and a folder of templates are all it takes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jinja2 import FileSystemLoader

from chalicelib.actions.mail.send_notice import send_notice
from chalicelib.domain.booking import Booking
from chalicelib.domain.kinds import KINDS, Kind, deadlines
from chalicelib.domain.notices import Notice, notice_owed, notices_owed
from chalicelib.domain.session import Session
from chalicelib.mail import render as rendering
from chalicelib.store import capacity
from chalicelib.store.event_changes import save_session
from chalicelib.store.events import find_event
from chalicelib.store.mail_states import states
from tests.mail_chain import Chain, call, mails, ses_event
from tests.making import MADE_AT, booking_for, make_session

pytestmark = pytest.mark.usefixtures("neighbours", "table_of_four", "folder_of_templates")

BIG_PARTY = 5
SURVEY = Kind(
    owed=lambda booking, _: booking.status == "confirmed" and booking.places >= BIG_PARTY,
    templates="survey",
)


@pytest.fixture
def table_of_four() -> Iterator[None]:
    all_kinds = dict(KINDS)
    for later in all_kinds.keys() - {"confirmation", "cancellation", "change"}:
        del KINDS[later]
    KINDS["survey"] = SURVEY
    yield
    # In their order: a kind that is put back comes last.
    KINDS.clear()
    KINDS.update(all_kinds)


@pytest.fixture
def folder_of_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "survey"
    folder.mkdir()
    (folder / "subject.txt").write_text("What does a big party eat at {{ title }}?")
    (folder / "body.txt").write_text("Hello {{ name }}, what do the {{ places }} of you eat?\n")
    (folder / "body.html").write_text(
        '{% extends "letter.html" %}{% set heading = "Survey:" %}'
        "{% block letter %}<h1>Hello {{ name }}, what do the {{ places }} of you eat?</h1>{% endblock %}"
    )
    rendering._templates.cache_clear()
    monkeypatch.setattr(rendering._templates(), "loader", FileSystemLoader([tmp_path, rendering._TEMPLATES]))
    yield
    rendering._templates.cache_clear()


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


@pytest.fixture
def session(table: Any) -> Session:
    return make_session()


@pytest.fixture
def booking(session: Session) -> Booking:
    return capacity.take(session, booking_for(session, "ann", places=BIG_PARTY))


def survey_owed(booking: Booking, session: Session) -> Notice:
    (survey,) = [notice for notice in owed(booking, session) if notice.kind == "survey"]
    return survey


def owed(booking: Booking, session: Session) -> list[Notice]:
    return notices_owed(booking, session, None, MADE_AT)


def send(notice: Notice) -> str:
    return send_notice(notice, now=MADE_AT, chance=0.5, wait_for_turn=lambda: False)


def test_it_is_owed_beside_the_others_and_queued_with_them(
    chain: Chain, session: Session, booking: Booking
) -> None:
    small = capacity.take(session, booking_for(session, "bob"))
    assert [notice.kind for notice in owed(booking, session)] == ["confirmation", "survey"]
    assert [notice.kind for notice in owed(small, session)] == ["confirmation"]
    chain.run_stream()
    queued = sorted((message["booking_id"], message["kind"]) for message in chain.waiting())
    assert queued == sorted(
        [
            (booking.booking_id, "confirmation"),
            (booking.booking_id, "survey"),
            (small.booking_id, "confirmation"),
        ]
    )


def test_it_is_sent_once_without_a_ticket_or_an_entry_and_recorded(
    chain: Chain, session: Session, booking: Booking
) -> None:
    survey = survey_owed(booking, session)
    assert [send(survey), send(survey)] == ["sent", "settled"]
    (mail,) = mails()
    assert mail["Subject"] == "What does a big party eat at Social Care Curry: Leicester?"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert mail.get_body(("html",)).get_content().count("what do the 5 of you eat?") == 1  # type: ignore[union-attr]  # it is there
    assert states([survey])[survey].state == "sent"
    call("mail_feedback", ses_event("delivery", survey, booking.address))
    assert states([survey])[survey].state == "delivered"


def test_it_is_overtaken_as_any_other_and_not_sent_to_a_session_that_is_off(
    chain: Chain, session: Session, booking: Booking
) -> None:
    survey = survey_owed(booking, session)
    save_session(msgspec.structs.replace(session, status="cancelled", version=2), 1)
    assert send(survey) == "overtaken"
    assert states([survey])[survey].reason == "session_cancelled"
    other = make_session()
    booked = capacity.take(other, booking_for(other, "bob", places=BIG_PARTY))
    overtaken = survey_owed(booked, other)
    capacity.give_back(booked, MADE_AT)
    assert send(overtaken) == "overtaken"
    assert states([overtaken])[overtaken].reason == "overtaken"
    assert mails() == []


def test_the_others_are_what_they_were(chain: Chain, booking: Booking) -> None:
    assert send(notice_owed(booking)) == "sent"
    (mail,) = mails()
    assert {"image/png", "text/calendar"} <= {part.get_content_type() for part in mail.walk()}


def test_one_that_is_due_at_a_time_is_owed_from_then_on_and_written_down_for_the_clock(
    chain: Chain, session: Session, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = session.starts_at - timedelta(hours=3)
    nudge = msgspec.structs.replace(SURVEY, version_of="day", due_at=lambda _: due)
    monkeypatch.setitem(KINDS, "nudge", nudge)
    event = find_event(session.event_id)
    assert deadlines(session, MADE_AT) == {"nudge": due}
    before = notices_owed(booking, session, event, due - timedelta(seconds=1))
    assert [notice.kind for notice in before] == ["confirmation", "survey"]
    notice = notices_owed(booking, session, event, due)[-1]
    assert (notice.kind, send(notice)) == ("nudge", "overtaken"), "it was queued before its time"
    chain.forget_messages()
    other = capacity.take(session, booking_for(session, "bob", places=BIG_PARTY))
    of_other = notices_owed(other, session, event, due)[-1]
    assert send_notice(of_other, now=due, chance=0.5, wait_for_turn=lambda: False) == "sent"
