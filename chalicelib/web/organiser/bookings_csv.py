"""A session's bookings as a file for a spreadsheet."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from chalice.app import Blueprint, Response

from chalicelib.actions.booking.see_bookings import see_bookings
from chalicelib.domain.booking import Booking, reference_of
from chalicelib.domain.event import Event
from chalicelib.domain.questions import Answer, Question, type_of_answers
from chalicelib.domain.refusals import FieldError, Invalid, NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.titles import alphabetical
from chalicelib.store.booking_lists import BriefBooking, bookings_in_brief
from chalicelib.store.bookings import bookings_at
from chalicelib.store.together import find_event_and_session
from chalicelib.web.event.urls import SESSION, session_admin_url
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.rendering import PRIVATE
from chalicelib.web.http.replies import refusals_as_problems
from chalicelib.web.http.requests import query_of
from chalicelib.web.organiser.booking_views import MailView, mail_views

blueprint = Blueprint(__name__)

ROWS_MAX = 2000

BYTES_MAX = 4_500_000
"""Lambda answers with 6 MB at most, in JSON: there a quotation mark is two bytes and an emoji twelve."""

_READ_AT_ONCE = 100

_COLUMNS = (
    "reference",
    "status",
    "name",
    "email",
    "address",
    "places",
    "guests",
    "arrived",
    "booked at (UTC)",
    "booked at (local)",
    "mails",
)

_Columns = dict[tuple[str, type], str]
"""What stands above the answers to a question that are of a type."""


@blueprint.route(SESSION + "/bookings.csv", methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_bookings_csv(event_id: str, session_id: str) -> Response:
    """Export who has booked a session, cancelled bookings too: a row each, in order of their names.

    A session with more than one file holds has the next one in ``Link: rel="next"``; each is whole, with
    its header row. ``address`` repeats ``email``, for programs that know it by this name.
    """
    from chalicelib.documents.spreadsheet import BYTE_ORDER_MARK, csv_line  # noqa: PLC0415  # not for booking

    event, found = find_event_and_session(event_id, session_id)
    session = see_bookings(caller_of(blueprint), found)
    if event is None:
        raise NotFound("This event was deleted.")
    in_brief = bookings_in_brief(session.session_id)
    in_brief.sort(key=lambda booking: (alphabetical(booking.name), booking.booking_id))
    columns = _columns(event.questions, in_brief)
    lines = [BYTE_ORDER_MARK + csv_line([*_COLUMNS, *columns.values()])]
    size, cursor = len(json.dumps(lines[0])), None
    last: Booking | None = None
    for booking, mails in _with_mails(session, _after(query_of(blueprint).get("cursor"), in_brief)):
        line = csv_line(_cells(columns, session, booking, mails))
        size += len(json.dumps(line))
        if last is not None and (len(lines) > ROWS_MAX or size > BYTES_MAX):
            cursor = last.booking_id
            break
        lines.append(line)
        last = booking
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Disposition": f'attachment; filename="{_filename(event, session)}"',
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **PRIVATE,
    }
    if cursor is not None:
        query = urlencode({"cursor": cursor})
        headers["Link"] = f'<{session_admin_url(event_id, session_id)}/bookings.csv?{query}>; rel="next"'
    return Response(body="".join(lines), headers=headers)


def _after(cursor: str | None, bookings: Sequence[BriefBooking]) -> Sequence[BriefBooking]:
    for index, booking in enumerate(bookings, start=1):
        if booking.booking_id == cursor:
            return bookings[index:]
    if cursor is None:
        return bookings
    raise Invalid([FieldError("/cursor", "cursor", "Start again with the first file, without a cursor.")])


def _columns(questions: Sequence[Question], bookings: Iterable[BriefBooking]) -> _Columns:
    """Return a column for each question, then for answers to what was asked before, or otherwise."""
    asked: _Columns = {(one.question_id, type_of_answers(one)): one.label for one in questions}
    given = {(name, type(answer)) for booking in bookings for name, answer in booking.answers.items()}
    return asked | {column: column[0] for column in sorted(given - asked.keys(), key=str)}


def _with_mails(session: Session, wanted: Sequence[BriefBooking]) -> Iterator[tuple[Booking, list[MailView]]]:
    for start in range(0, len(wanted), _READ_AT_ONCE):
        keys = [booking.key for booking in wanted[start : start + _READ_AT_ONCE]]
        there = bookings_at(session.session_id, keys)
        # One whose address is corrected this very moment is at another key: the next export has it.
        read = [booking for key in keys if (booking := there.get(key)) and booking.status != "moved"]
        yield from zip(read, mail_views(session, read), strict=True)


def _cells(columns: _Columns, session: Session, booking: Booking, mails: list[MailView]) -> list[str]:
    local = booking.created_at.astimezone(ZoneInfo(session.zone))
    return [
        reference_of(booking),
        booking.status,
        booking.name,
        booking.address,
        booking.address,
        str(booking.places),
        ", ".join(booking.guests),
        str(booking.arrived),
        f"{booking.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%d %H:%M:%S}",
        ", ".join(_mail(mail) for mail in mails),
        *(_answer(booking.answers.get(name), kind) for name, kind in columns),
    ]


def _mail(mail: MailView) -> str:
    return f"{mail.kind} {mail.state}" + (f" ({mail.reason})" if mail.reason else "")


def _answer(answer: Answer | None, kind: type) -> str:
    if not isinstance(answer, kind):
        return ""
    return answer if isinstance(answer, str) else "yes" if answer else "no"


def _filename(event: Event, session: Session) -> str:
    """Return a name that every file system takes, and no header can be broken with."""
    title = re.sub(r"[^a-z0-9]+", "-", session.title.lower()).strip("-")[:60]
    return f"{event.slug}-{title or session.session_id}.csv"
