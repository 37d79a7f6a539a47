"""Thousands of requests that nobody should send: each is refused, or accepted and shown harmlessly.

How many there are is asserted in each test; together they are more than 2,000.
"""

import csv
import io
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args
from urllib.parse import quote, urlencode

import hypothesis
import pytest
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from chalicelib.domain.links import BookingAddress, Purpose, sign_link
from chalicelib.store import tokens
from chalicelib.store.bookings import every_booking
from chalicelib.store.events import sessions_of
from chalicelib.store.secrets import current_token_secret
from chalicelib.web.http import authorizer
from infra.apidoc import samples
from infra.apidoc.calls import Call
from infra.apidoc.every_call import EVERY_CALL
from tests.described import described
from tests.making import invariants_hold
from tests.web import bad_input
from tests.web.bad_input import Attack, Writes, as_json, fields_with, good, paths_with
from tests.web.browsing import Page, get
from tests.web.conftest import NOW, Clock
from tests.web.example_scene import FORM, JSON, Scene

CALLS = [call for calls in EVERY_CALL.values() for call in calls]
WITH_BODY = [call for call in CALLS if call.body is not None and call.body.struct is not None]
(BOOK,) = [call for call in CALLS if call.body is not None and call.body.form]
ICON = "data:image/svg+xml,%3Csvg xmlns"
"""How the icon of every page begins. Nobody types a link like it."""


@pytest.fixture
def attack(dynamodb_local: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attack]:
    """An attack on the scene of the examples; afterwards places and bookings still agree."""
    # API Gateway asks for a token once a minute, and half of the time would go into that here.
    monkeypatch.setattr(authorizer, "find_token", cache(tokens.find_token))
    attack = Attack(Scene(clock), Writes(monkeypatch))
    yield attack
    sessions = sessions_of(samples.EVENT_ID)
    assert sessions
    for session in sessions:
        invariants_hold(session)


def test_no_field_takes_what_would_do_harm_and_what_is_taken_is_shown_harmlessly(
    attack: Attack, clock: Clock
) -> None:
    for call in WITH_BODY:
        clock.now = NOW
        path = attack.scene.path(call)
        _, headers = good(call)
        for body in fields_with(call):
            attack.send(call, path, as_json(body), headers)
    assert attack.sent > 1_500
    booked = list(every_booking(samples.SESSION_ID))
    assert any("<script>" in booking.name for booking in booked)
    assert any(booking.name.startswith("=") for booking in booked)
    shown_harmlessly(attack)


def test_no_form_field_takes_what_would_do_harm(attack: Attack) -> None:
    path = attack.scene.path(BOOK)
    kind = {"Content-Type": FORM}
    for body in bad_input.FORMS:
        attack.send(BOOK, path, body, kind)
    fields = {"name": "Ann", "email": "ann@example.org", "places": "1", "consent": "on"}
    for field in (*fields, "guests", "website", "idempotency_key", "return_url", "answer.bread"):
        for number, text in enumerate(bad_input.TEXTS):
            own = {"email": f"{field}{number}@example.org"}
            sent = urlencode({**fields, **own, field: text}, errors="surrogatepass").encode()
            attack.send(BOOK, path, sent, kind)
    assert attack.sent > 300
    shown_harmlessly(attack)


def test_no_body_that_is_not_what_it_says_is_taken(attack: Attack) -> None:
    for call in WITH_BODY:
        path = attack.scene.path(call)
        body, headers = good(call)
        for raw in bad_input.BODIES:
            answer = attack.send(call, path, raw, {**headers, "Content-Type": JSON})
            none_needed = call.body is not None and (call.body.patch or call.body.optional)
            assert answer.status_code >= 400 or none_needed
        for kind in bad_input.CONTENT_TYPES:
            named = {} if kind is None else {"Content-Type": kind}
            attack.send(call, path, as_json(body)[:-1], {**headers, **named})
    assert attack.sent > 250


def test_no_path_leads_anywhere_it_should_not(attack: Attack) -> None:
    for call in CALLS:
        body, headers = good(call)
        for path in paths_with(call, attack.scene.path(call)):
            attack.send(call, path, as_json(body) if body else b"", headers)
    assert attack.sent > 1_000


def test_no_query_and_no_header_breaks_a_call(attack: Attack) -> None:
    for call in CALLS:
        body, headers = good(call)
        path = attack.scene.path(call)
        sent = as_json(body) if body else b""
        asked = {parameter.name for parameter in call.parameters if parameter.place == "query"}
        for name in sorted(asked) or ["nobody"]:
            for text in bad_input.QUERIES[name]:
                attack.send(call, f"{path}?{name}={quote(text, safe='%')}", sent, headers)
        named = {parameter.name for parameter in call.parameters if parameter.place == "header"}
        for name in sorted(named | ({"Authorization"} if call.is_admin else set())):
            for text in bad_input.HEADER_VALUES:
                attack.send(call, path, sent, {**headers, name: text})
    assert attack.sent > 400


def test_a_link_that_is_cut_changed_or_for_something_else_opens_nothing(attack: Attack) -> None:
    scene = attack.scene
    booked = BookingAddress(scene.session.session_id, samples.BOOKING_KEY, samples.BOOKING_ID)
    other = BookingAddress(scene.session.session_id, samples.BOOKING_KEY, "a" * 24)
    secret, ends_at = current_token_secret(), scene.session.ends_at
    links = {purpose: sign_link(secret, purpose, booked, ends_at) for purpose in get_args(Purpose)}
    for call in [call for call in CALLS if call.who == "link"]:
        (purpose,) = [purpose for purpose in links if f"/{purpose}/" in call.path]
        link = links[purpose]
        gone = sign_link(secret, purpose, other, ends_at)
        for text in (*forged(link, purpose, links), gone):
            answer = attack.send(call, call.path.replace("{link}", text), b"", {})
            # Ours, and for a booking that is no more: this call leads on, and the next one says so.
            leads_on = text == gone and call.path.endswith("/cancel") and call.method == "GET"
            # The same with more copied than itself: it leads to the link alone.
            leads_on |= text.endswith("%00") and answer.status_code == 308
            assert answer.status_code in {403, 404, 410} or leads_on, text
    (booking,) = every_booking(scene.session.session_id)
    assert booking.status == "confirmed"
    assert attack.sent > 250


def test_what_is_generated_from_the_description_is_answered_as_described(
    attack: Attack, clock: Clock
) -> None:
    schema = schemathesis.openapi.from_dict(described())
    by_name = {f"{call.method} {call.path}": call for call in CALLS}
    for operation in (found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)):
        call = by_name[operation.label]
        clock.now = NOW
        path = attack.scene.path(call)
        modes = [GenerationMode.POSITIVE] + ([GenerationMode.NEGATIVE] if call in WITH_BODY else [])
        for mode in modes:
            for case in generated(operation, mode):
                send_case(attack, call, path, case)
    assert attack.sent > 300
    shown_harmlessly(attack)


def forged(link: str, purpose: Purpose, links: dict[Purpose, str]) -> Iterator[str]:
    """Yield what somebody may make of a link, and the same booking's links for other purposes."""
    parts = link.split(".")
    yield from (link[:end] for end in range(0, len(link), 7))
    for place in range(0, len(link), 3):
        yield link[:place] + ("b" if link[place] == "a" else "a") + link[place + 1 :]
    for name, text in links.items():
        # A calendar entry is kept by whoever booked, so its link opens the booking too.
        if name != purpose and (purpose, name) != ("manage", "calendar"):
            yield text
    for expiry in ("0", "9" * 30, "-1", "x", ""):
        yield ".".join([*parts[:3], expiry, *parts[4:]])
    yield from (link + "a", link.upper(), "." * 5, link.replace(".", "%2E") + "%00")


def generated(operation: Any, mode: GenerationMode) -> list[Case[Any]]:
    """Return cases for this operation, always the same ones."""
    cases: list[Case[Any]] = []

    @hypothesis.settings(
        max_examples=7,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def collect(case: Case[Any]) -> None:
        cases.append(case)

    collect()
    return cases


def send_case(attack: Attack, call: Call, path: str, case: Case[Any]) -> None:
    """Send a generated case, to a path that exists: what paths do is tried by hand."""
    query = {name: str(value) for name, value in (case.query or {}).items()}
    headers = {
        name: str(value) for name, value in (case.headers or {}).items() if name.lower() != "authorization"
    }
    body = b""
    if not isinstance(case.body, schemathesis.core.NotSet):
        if case.media_type == FORM and isinstance(case.body, dict):
            body = urlencode(case.body, doseq=True, errors="replace").encode()
        else:
            body = case.body if isinstance(case.body, bytes) else as_json(case.body)
        headers["Content-Type"] = case.media_type or JSON
    attack.send(call, path + ("?" + urlencode(query) if query else ""), body, headers)


def shown_harmlessly(attack: Attack) -> None:
    """Look at everything that shows what was accepted."""
    event = f"/admin/events/{samples.EVENT_ID}"
    for session in sessions_of(samples.EVENT_ID):
        harmless_page(get(f"/book/{attack.scene.event.slug}/{session.session_id}"))
        assert (
            attack.scene.admin.get(f"{event}/sessions/{session.session_id}/bookings?limit=100").status_code
            == 200
        )
        sheet = attack.scene.admin.get(f"{event}/sessions/{session.session_id}/bookings.csv")
        harmless_sheet(sheet.body.decode("utf-8-sig"))
    harmless_page(get(f"/book/{attack.scene.event.slug}"))
    assert attack.scene.admin.get(event).status_code == 200
    for booking in every_booking(samples.SESSION_ID):
        address = BookingAddress(booking.session_id, booking.key, booking.booking_id)
        for purpose in get_args(Purpose):
            link = sign_link(current_token_secret(), purpose, address, attack.scene.session.ends_at)
            answer = get(f"/{purpose}/{link}")
            if purpose == "calendar":
                harmless_calendar(answer)
            else:
                harmless_page(answer)


def harmless_page(answer: Any) -> None:
    """See that nothing on a page came alive."""
    assert answer.status_code in {200, 410}, answer.body
    page = Page(answer)
    kinds = {tag for tag, _ in page.tags}
    assert not kinds & {"script", "img", "iframe", "object", "textarea", "base"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    links = [
        attributes[name] for _, attributes in page.tags for name in ("href", "action") if name in attributes
    ]
    assert not [link for link in links if not link.startswith(("https://", "#", ICON, "mailto:", "tel:"))]


def harmless_sheet(text: str) -> None:
    """See that no cell is a formula, as spreadsheets take one."""
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def harmless_calendar(answer: Any) -> None:
    """See that one entry is one entry, whatever is in it."""
    assert answer.status_code in {200, 410}
    if answer.status_code == 200:
        lines = answer.body.decode().replace("\r\n ", "").split("\r\n")
        assert lines.count("BEGIN:VEVENT") == lines.count("END:VCALENDAR") == 1
        assert all(ord(character) >= 32 or character == "\t" for line in lines for character in line)
