"""A session's bookings as a file for a spreadsheet."""

import json
import re
from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from chalice.app import Blueprint, Response

from chalicelib.actions.booking.see_bookings import see_bookings
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.ids import reference
from chalicelib.domain.session import Session
from chalicelib.store.booking_lists import bookings_from, cursor_after
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
    "address",
    "places",
    "guests",
    "arrived",
    "booked at (UTC)",
    "booked at (local)",
    "mails",
)


@blueprint.route(SESSION + "/bookings.csv", methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_bookings_csv(event_id: str, session_id: str) -> Response:
    """Export who has booked a session, cancelled bookings too: a row each, in the order of the list.

    A session with more than one file holds has the next one in ``Link: rel="next"``; each is whole, with
    its header row.
    """
    from chalicelib.documents.spreadsheet import csv_line  # noqa: PLC0415  # booking must not load it

    event, found = find_event_and_session(event_id, session_id)
    session = see_bookings(caller_of(blueprint), found)
    if event is None:
        raise LookupError("a session whose event is gone")
    lines = [csv_line([*_COLUMNS, *(question.label for question in event.questions)])]
    size, cursor = len(json.dumps(lines[0])), None
    last: Booking | None = None
    for booking, mails in _with_mails(session, query_of(blueprint).get("cursor")):
        line = csv_line(_cells(event, session, booking, mails))
        size += len(json.dumps(line))
        if last is not None and (len(lines) > ROWS_MAX or size > BYTES_MAX):
            cursor = cursor_after(last)
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


def _with_mails(session: Session, cursor: str | None) -> Iterator[tuple[Booking, list[MailView]]]:
    bookings = bookings_from(session.session_id, cursor)
    while read := list(islice(bookings, _READ_AT_ONCE)):
        yield from zip(read, mail_views(session, read), strict=True)


def _cells(event: Event, session: Session, booking: Booking, mails: list[MailView]) -> list[str]:
    local = booking.created_at.astimezone(ZoneInfo(session.zone))
    return [
        reference(booking.booking_id),
        booking.status,
        booking.name,
        booking.address,
        str(booking.places),
        ", ".join(booking.guests),
        str(booking.arrived),
        f"{booking.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%d %H:%M:%S}",
        ", ".join(_mail(mail) for mail in mails),
        *(_answer(booking, question.question_id) for question in event.questions),
    ]


def _mail(mail: MailView) -> str:
    return f"{mail.kind} {mail.state}" + (f" ({mail.reason})" if mail.reason else "")


def _answer(booking: Booking, question_id: str) -> str:
    answer = booking.answers.get(question_id, "")
    return answer if isinstance(answer, str) else "yes" if answer else "no"


def _filename(event: Event, session: Session) -> str:
    """Return a name that every file system takes, and no header can be broken with."""
    title = re.sub(r"[^a-z0-9]+", "-", session.title.lower()).strip("-")[:60]
    return f"{event.slug}-{title or session.session_id}.csv"
