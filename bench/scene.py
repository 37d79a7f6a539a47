"""One event from its announcement to the last mail, on DynamoDB Local: what each step sends and consumes.

Imported after the environment is set (bench/__main__.py), because the store reads it as it is imported.
"""

import contextlib
import importlib
import io
import json
import os
import re
import types
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from bench import events
from bench.functions import FUNCTIONS, WARM_CALLS
from bench.launch.engine import item_bytes
from bench.wire import Counted, Recorder, on_the_wire
from chalicelib.domain.event import Event
from chalicelib.domain.figures import Figures, mark_of
from chalicelib.domain.links import LINKS_LAST, BookingAddress, sign_link
from chalicelib.domain.questions import Question
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store import event_changes
from chalicelib.store.directory import remember_listed
from chalicelib.store.due import remember_written
from chalicelib.store.figures import keep_figures
from chalicelib.store.pools import counters_for, open_pool
from chalicelib.store.recounts import (
    events_seen,
    remember_recount,
    sessions_watched,
    versions_of,
    watched_sessions,
)
from chalicelib.store.secrets import current_token_secret
from infra.local.dynamodb import DynamoDBLocal, create_table

SESSIONS = 10
SESSIONS_MANY = 500
PLACES = 2 * (WARM_CALLS + 1)
BOOKINGS = "/events/{slug}/sessions/{session_id}/bookings"
PAGE = "/book/{slug}"
ADMIN_EVENT = "/admin/events/{event_id}"
ADMIN_SESSION = ADMIN_EVENT + "/sessions/{session_id}"
ADMIN_BOOKING = ADMIN_SESSION + "/bookings/{booking}"
CANCELLED_BY_ATTENDEES = 10
CHANGES = 10
GUESTS = ("Sam Okafor", "Priya Venkataraman", "Tom Whitfield", "Siobhan O'Donnell", "Lech Wiśniewski")
QUESTIONS = (
    Question(question_id="food", kind="text", label="What don't you eat?"),
    Question(question_id="source", kind="text", label="How did you hear of us?"),
)
ANSWERS = {
    "food": "Two of us are vegetarian, and Tom can't have nuts or sesame.",
    "source": "A friend from the choir, and then the poster in the library.",
}
_NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)

_FIGURES = Figures(
    booked=14,
    places=28,
    came=21,
    cancelled=2,
    answers={"bread": {"Rye": (9, 16), "Wheat": (5, 12)}},
    emails_in_trouble=1,
    places_free=12,
    capacity=40,
    counted_at=datetime(2027, 6, 1, 9, tzinfo=UTC),
    asks=0,
)


class Step(Struct, frozen=True, kw_only=True):
    """What one call sends and consumes, in the mean over a series of them."""

    requests: dict[str, float]
    written: float
    read: float
    answer_bytes: float
    log_bytes: float
    mail_bytes: float

    def trips(self, service: str) -> float:
        """Return how many requests go to this service."""
        return sum(count for name, count in self.requests.items() if name.startswith(f"{service}."))


class Played(Struct, frozen=True, kw_only=True):
    """All that was counted, and what the counting of instructions plays back."""

    steps: dict[str, Step]
    stored_bytes: float
    large_booking_bytes: int
    """What the item of a large booking has: six people, each with a name, and two answers."""
    series: dict[str, list[dict[str, Any]]]
    answers: dict[str, dict[str, list[str]]]
    """For each series: what the table said, by what was asked."""


def play() -> Played:
    """Play it, on a table of its own."""
    server = DynamoDBLocal()
    try:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = server.url
        plain = server.client()
        create_table(plain, settings().table)
        recorder = Recorder()
        with on_the_wire(recorder):
            return _Scene(recorder, plain).play()
    finally:
        del os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
        server.stop()


class _Scene:
    def __init__(self, recorder: Recorder, plain: Any) -> None:
        self._recorder = recorder
        self._plain = plain
        self._steps: dict[str, Step] = {}
        self._series: dict[str, list[dict[str, Any]]] = {}
        self._answers: dict[str, dict[str, list[str]]] = {}

    def play(self) -> Played:
        ticks = [events.tick()] * (WARM_CALLS + 1)
        self._first_and_warm("tick_idle", "Clock", ticks)
        event = _event("curry", opens_at=None)
        sessions = [_session(event, f"s{number:015}") for number in range(SESSIONS - 1)]
        early = _event("early", opens_at=_NEXT_YEAR)
        unopened = _session(early, "e" * 16)
        # The first tick recounts what is new; from then on nothing moves.
        self._call("tick_new", "Clock", [events.tick()])
        self._first_and_warm("tick_waiting", "Clock", ticks)
        path = {"slug": event.slug, "session_id": sessions[0].session_id}
        people = [_request(path, number) for number in range(WARM_CALLS + 1)]
        self._first_and_warm("book", "APIHandler", people, expect=201)
        late = [_request(path, number) for number in range(100, 101 + WARM_CALLS)]
        self._first_and_warm("sold_out", "APIHandler", late, expect=409)
        not_open = {"slug": early.slug, "session_id": unopened.session_id}
        eager = [_request(not_open, number) for number in range(WARM_CALLS + 1)]
        self._first_and_warm("not_open", "APIHandler", eager, expect=409)
        page = events.http("GET", PAGE, {"slug": event.slug}, source="192.0.2.1")
        self._first_and_warm("page", "APIHandler", [page] * (WARM_CALLS + 1), expect=200)
        self._mail(sessions[0])
        self._call("tick_moved", "Clock", [events.tick()])
        self._cancel(sessions[0])
        self._change(event, sessions[0])
        stored_bytes = self._stored_bytes()
        large_booking_bytes = self._book_for_six()
        self._many_sessions(early)
        return Played(
            steps=self._steps,
            stored_bytes=stored_bytes,
            large_booking_bytes=large_booking_bytes,
            series=self._series,
            answers=self._answers,
        )

    def _many_sessions(self, event: Event) -> None:
        """Let the clock tick while many sessions rest, those from before among them."""
        for number in range(SESSIONS_MANY - SESSIONS - 1):
            _session(event, f"m{number:015}")
        watched = watched_sessions()
        assert len(watched) == SESSIONS_MANY
        sessions = sessions_watched(watched)
        for session in sessions:
            remember_written(session)
        versions = versions_of(sessions)
        marks = {event_id: mark_of(event.questions) for event_id, event in events_seen(sessions).items()}
        for one in watched:
            remember_recount(
                one.session_id,
                asks=one.asks,
                versions=versions[one.session_id],
                counted_for=marks[one.event_id],
            )
            remember_listed(one.session_id, one.directory)
        self._call("tick_many", "Clock", [events.tick()] * (WARM_CALLS + 1))
        for session in sessions:
            keep_figures(session.event_id, session.session_id, _FIGURES)
        page = events.http("GET", PAGE, {"slug": event.slug}, source="192.0.2.1")
        self._call("page_of_many", "APIHandler", [page], expect=200)
        of_event = next(session for session in sessions if session.event_id == event.event_id)
        figures = self._admin("GET", ADMIN_EVENT + "/figures", of_event)
        self._call("figures_of_many", "APIHandler", [figures], expect=200)

    def _book_for_six(self) -> int:
        """Book for six with two answers; return how large the largest of these bookings' items is."""
        event = _event("questions", opens_at=None, questions=QUESTIONS)
        session = _session(event, "q" * 16)
        path = {"slug": event.slug, "session_id": session.session_id}
        party = {"places": 6, "guests": list(GUESTS), "answers": ANSWERS}
        people = [_request(path, number, **party) for number in range(200, 200 + PLACES // 6)]
        self._call("book_for_six_first", "APIHandler", people[:1], expect=201)
        self._call("book_for_six", "APIHandler", people[1:], expect=201)
        of_session = f"BOOKINGS#{session.session_id}#"
        return max(item_bytes(item) for item in self._items() if item["PK"]["S"].startswith(of_session))

    def _mail(self, session: Session) -> None:
        images = [image for image in self._items() if image["SK"]["S"].startswith("BOOKING#")]
        assert len(images) == WARM_CALLS + 1
        records = [events.stream(image, number) for number, image in enumerate(images, start=1)]
        bodies = self._first_and_warm("stream", "BookingStream", records)
        messages = [events.message(body, number) for number, body in enumerate(bodies)]
        self._first_and_warm("mail", "Mailer", messages)
        notices = [json.loads(body) for body in bodies]
        said = [
            events.mail_event(kind, notice, "ann@example.org")
            for notice in notices
            for kind in ("Send", "Delivery")
        ]
        # One by one, as they come while few people book.
        single = [events.message(body, number) for number, body in enumerate(said)]
        self._first_and_warm("feedback", "MailFeedback", single)
        assert {notice["session_id"] for notice in notices} == {session.session_id}

    def _cancel(self, session: Session) -> None:
        """Cancel some bookings as their attendees do, by the link in the mail, and the others for them."""
        booked = [image for image in self._items() if image["SK"]["S"].startswith("BOOKING#")]
        addresses = [
            BookingAddress(session.session_id, image["key"]["S"], image["booking_id"]["S"])
            for image in booked
        ]
        links = [
            sign_link(current_token_secret(), "manage", address, session.ends_at + LINKS_LAST)
            for address in addresses[:CANCELLED_BY_ATTENDEES]
        ]
        by_link = [
            events.http("POST", "/manage/{link}/cancel", {"link": link}, {}, source="192.0.2.1")
            for link in links
        ]
        self._call("cancel", "APIHandler", by_link, expect=303)
        for_them = [
            self._admin(
                "POST", ADMIN_BOOKING + "/cancel", session, booking=f"{address.key}.{address.booking_id}"
            )
            for address in addresses[CANCELLED_BY_ATTENDEES:]
        ]
        self._call("cancel_on_behalf", "APIHandler", for_them, expect=200)

    def _change(self, event: Event, session: Session) -> None:
        """Change a session's words, and its event's, and close it and open it again, as an organiser does."""
        titles = [{"title": f"Leicester {number}"} for number in range(CHANGES)]
        changes = [self._admin("PATCH", ADMIN_SESSION, session, title) for title in titles]
        self._call("change_session", "APIHandler", changes, expect=200)
        changes = [self._admin("PATCH", ADMIN_EVENT, session, title) for title in titles]
        self._call("change_event", "APIHandler", changes, expect=200)
        shut = [
            self._admin("POST", f"{ADMIN_SESSION}/{verb}", session)
            for verb in ("close", "reopen") * (CHANGES // 2)
        ]
        self._call("close_and_reopen", "APIHandler", shut, expect=200)
        assert event.event_id == session.event_id

    @staticmethod
    def _admin(
        method: str, resource: str, session: Session, body: object = None, **path: str
    ) -> dict[str, Any]:
        caller = {
            "organiser_id": session.organiser_id, "role": "organiser", "scope": "organiser",
            "token_id": "t" * 16, "token_name": "Bench",
        }  # fmt: skip
        ids = {"event_id": session.event_id, "session_id": session.session_id, **path}
        named = {name: ids[name] for name in re.findall(r"{(\w+)}", resource)}
        source = "192.0.2.1"
        return events.http(
            method, resource, named, body, source=source, headers={"If-Match": "*"}, caller=caller
        )

    def _first_and_warm(
        self, name: str, function: str, series: list[dict[str, Any]], *, expect: int | None = None
    ) -> list[str]:
        """Call with each of these; keep the first and the others apart. Return what was put on a queue."""
        self._series[name] = series
        self._recorder.answers = self._answers[name] = {}
        first = self._call(f"{name}_first", function, series[:1], expect=expect)
        return first + self._call(name, function, series[1:], expect=expect)

    def _call(
        self, name: str, function: str, series: list[dict[str, Any]], *, expect: int | None = None
    ) -> list[str]:
        found = FUNCTIONS[function]
        handler = getattr(importlib.import_module(found.module), found.handler)
        counted = self._recorder.counted = Counted()
        answered = 0
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            for event in series:
                answer = handler(event, types.SimpleNamespace())
                if expect is not None:
                    assert answer["statusCode"] == expect, answer
                    answered += len(json.dumps(answer["headers"])) + len(answer["body"])
                else:
                    assert not (answer or {}).get("batchItemFailures"), printed.getvalue()
        calls = len(series)
        self._steps[name] = Step(
            requests={request: count / calls for request, count in sorted(counted.requests.items())},
            written=counted.written / calls,
            read=counted.read / calls,
            answer_bytes=answered / calls,
            log_bytes=len(printed.getvalue()) / calls,
            mail_bytes=counted.mail_bytes / calls,
        )
        return counted.messages

    def _items(self) -> list[dict[str, Any]]:
        # Behind the recorder's back: a plain client's scan is nothing that we do.
        counted = self._recorder.counted
        self._recorder.counted, self._recorder.answers = Counted(), {}
        found: list[dict[str, Any]] = self._plain.scan(TableName=settings().table)["Items"]
        self._recorder.counted = counted
        return found

    def _stored_bytes(self) -> float:
        """Return what a booking leaves in the table: its item, those of its mail, and its entries."""
        kinds = ("BOOKINGS#", "NOTICE#", "RECIPIENT#", "SOURCE#", "GUESTS#", "REF#")
        items = [item for item in self._items() if item["PK"]["S"].startswith(kinds)]
        # 100 bytes more for DynamoDB's index of each item.
        return sum(100 + item_bytes(item) for item in items) / (WARM_CALLS + 1)


def _event(slug: str, *, opens_at: datetime | None, questions: tuple[Question, ...] = ()) -> Event:
    event = Event(
        event_id=f"{slug:x<16}",
        organiser_id="o" * 16,
        slug=slug,
        title="Social Care Curry",
        description="One evening, curry houses all over the country. Come as you are.",
        status="published",
        opens_at=opens_at,
        questions=questions,
    )
    event_changes.create_event(event)
    return event


def _session(event: Event, session_id: str) -> Session:
    starts = _NEXT_YEAR.replace(tzinfo=None, microsecond=0)
    session = Session(
        session_id=session_id,
        event_id=event.event_id,
        organiser_id=event.organiser_id,
        title="Leicester",
        venue="The Copper Pot",
        address="12 Example Street, Leicester",
        latitude=52.6369,
        longitude=-1.1398,
        zone="Europe/London",
        starts_local=starts,
        ends_local=starts + timedelta(hours=3),
        capacity=PLACES,
        counters=counters_for(PLACES),
    )
    open_pool(session.session_id, PLACES)
    event_changes.create_session(session)
    return session


def _request(path: dict[str, str], number: int, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "Ada Okafor",
        "email": f"ada.okafor.{number}@example.org",
        "places": 2,
        "guests": ["Sam Okafor"],
        "consent": True,
        **changes,
    }
    # Each from a network of its own: one that sends many is held back.
    return events.http("POST", BOOKINGS, path, body, source=f"198.51.{number}.7")
