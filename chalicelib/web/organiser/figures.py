"""How an event's sessions are doing: booked, came, cancelled, and what people answered."""

from datetime import datetime

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib.actions.event.see_figures import see_figures
from chalicelib.domain.figures import sums_of, total
from chalicelib.domain.questions import QuestionKind
from chalicelib.web.event.urls import EVENT
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.replies import json_reply, refusals_as_problems
from chalicelib.web.http.shown import shown

blueprint = Blueprint(__name__)


class AnswerSum(Struct, frozen=True):
    """How often an answer was given. ``answer`` is null for all that is no choice, such as a text."""

    answer: str | None
    bookings: int
    places: int


class QuestionSums(Struct, frozen=True, kw_only=True):
    """What people answered to a question, in sums."""

    question_id: str
    label: str
    kind: QuestionKind
    sums: list[AnswerSum]


class Totals(Struct, frozen=True, kw_only=True):
    """The figures of all these sessions together."""

    booked: int
    places: int
    came: int
    cancelled: int
    emails_in_trouble: int
    places_free: int
    capacity: int
    questions: list[QuestionSums]


class SessionFigures(Struct, frozen=True, kw_only=True):
    """The figures of one session. All are null until we have counted them."""

    session_id: str
    title: str
    starts_at: datetime
    booked: int | None = None
    places: int | None = None
    came: int | None = None
    cancelled: int | None = None
    emails_in_trouble: int | None = None
    places_free: int | None = None
    capacity: int | None = None
    counted_at: datetime | None = None


class EventFigures(Struct, frozen=True):
    """An event's figures, and those of each session, the earliest first."""

    totals: Totals
    sessions: list[SessionFigures]


@blueprint.route(EVENT + "/figures", methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_figures(event_id: str) -> Response:
    """Answer with the figures of the event's sessions, or of the one that the token is for."""
    seen = see_figures(caller_of(blueprint), event_id)
    counted = [seen.figures[one.session_id] for one in seen.sessions if one.session_id in seen.figures]
    tally = total(counted)
    questions = [
        shown(QuestionSums, question, sums=[AnswerSum(*sums) for sums in sums_of(question, tally.answers)])
        for question in seen.event.questions
    ]
    totals = shown(
        Totals,
        tally,
        questions=questions,
        **{
            name: sum(getattr(figures, name) for figures in counted)
            for name in ("emails_in_trouble", "places_free", "capacity")
        },
    )
    rows = []
    for session in seen.sessions:
        named = {name: getattr(session, name) for name in ("session_id", "title", "starts_at")}
        figures = seen.figures.get(session.session_id)
        rows.append(SessionFigures(**named) if figures is None else shown(SessionFigures, figures, **named))
    return json_reply(EventFigures(totals, rows))
