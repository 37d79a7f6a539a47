"""What the description's examples are about, and how an example is sent."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from chalice.test import HTTPResponse
from msgspec import structs

from chalicelib.domain.admission import new_queue_ticket, sign_queue_ticket
from chalicelib.domain.event import Event
from chalicelib.domain.links import BookingAddress, Purpose, sign_link
from chalicelib.domain.organiser import ROLES
from chalicelib.domain.session import Session
from chalicelib.store import capacity
from chalicelib.store.queues import save_event_and_queue
from chalicelib.store.secrets import current_token_secret
from chalicelib.web.event.urls import EVENT, SESSION
from infra.apidoc import samples
from infra.apidoc.calls import Call
from infra.apidoc.document import PATH_PARAMETERS
from tests import making
from tests.described import described
from tests.web.admin import Admin, another_token, new_admin
from tests.web.conftest import Clock

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def described_call(call: Call) -> dict[str, Any]:
    """Return the OpenAPI operation of a call."""
    operation: dict[str, Any] = described()["paths"][call.path][call.method.lower()]
    return operation


class Scene:
    """What the examples are about: an event, a session, and Ada's booking, with the examples' ids."""

    ticket = ""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.admin = new_admin()
        self.event: Event = making.make_event(
            event_id=samples.EVENT_ID,
            organiser_id=self.admin.organiser_id,
            slug=samples.SLUG,
            opens_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.session: Session = making.make_session(
            self.event,
            session_id=samples.SESSION_ID,
            capacity=500,
            starts_local=datetime(2027, 9, 5, 19),
            ends_local=datetime(2027, 9, 5, 22),
        )
        ada = making.booking_for(self.session, "ada.archer", places=len(ROLES))
        # Its mail was long ago, by any of the clocks that the routes go by.
        times = dict.fromkeys(("created_at", "changed_at", "mailed_at"), datetime(2026, 1, 1, tzinfo=UTC))
        ids = {"key": samples.BOOKING_KEY, "booking_id": samples.BOOKING_ID}
        self._address = BookingAddress(self.session.session_id, samples.BOOKING_KEY, samples.BOOKING_ID)
        capacity.take(self.session, structs.replace(ada, **ids, **times))

    def path(self, call: Call) -> str:
        """The path with the examples in it; a link is signed by this deployment."""
        if "check-ins" in call.path:
            self._clock.now = self.session.starts_at
        if "{nonce}" in call.path:
            scan = {"reference": samples.REFERENCE, "nonce": samples.NONCE}
            path = f"/admin/events/{samples.EVENT_ID}/sessions/{samples.SESSION_ID}/check-ins"
            assert self.admin.post(path, scan).status_code in {200, 201, 409}
        if "{token_id}" in call.path:
            another_token(self.admin, role="door", token_id=samples.TOKEN_ID)
        event, session = self.event, self.session
        if call.method == "DELETE" and call.path in (EVENT, SESSION):
            event = making.make_event(organiser_id=self.admin.organiser_id, status="draft")
            session = making.make_session(event)
        if "/{slug}/queue" in call.path:
            self._let_wait()
        (purpose,) = [purpose for purpose in get_args(Purpose) if f"/{purpose}/" in call.path] or ["manage"]
        link = sign_link(current_token_secret(), purpose, self._address, self.session.ends_at)
        known = {name: example for name, (_, example) in PATH_PARAMETERS.items()}
        known |= {"event_id": event.event_id, "session_id": session.session_id}
        return call.path.format(**{**known, "link": link, "ticket": self.ticket})

    @property
    def fresh(self) -> str:
        """The link of the browser that has just booked."""
        return sign_link(current_token_secret(), "fresh", self._address, self.session.ends_at)

    def _let_wait(self) -> None:
        """Let people wait in a queue for the event, and have its turn come to who is in it."""
        minute = timedelta(minutes=1)
        lined = structs.replace(
            self.event, admission="queue", opens_at=self._clock.now - minute, version=self.event.version + 1
        )
        save_event_and_queue(lined, self.event, self._clock.now - 2 * minute)
        ticket = new_queue_ticket(self.event.event_id, "ada", self._clock.now - 2 * minute)
        self.ticket = sign_queue_ticket(current_token_secret(), ticket)


def send_example(call: Call, scene: Scene, admin: Admin, content_type: str = JSON) -> HTTPResponse:
    """Send what the description shows for this call."""
    path = scene.path(call)
    operation = described_call(call)
    given = {
        place: {
            parameter["name"]: str(parameter["example"])
            for parameter in operation["parameters"]
            if parameter["in"] == place and "example" in parameter
        }
        for place in ("query", "header")
    }
    if given["query"]:
        path += "?" + urlencode(given["query"])
    content = operation.get("requestBody", {}).get("content", {})
    body = b""
    if content:
        content_type = content_type if content_type in content else next(iter(content))
        example = content[content_type].get("example", {})
        if "fresh" in example:
            example = {**example, "fresh": scene.fresh}
        if "ticket" in example and scene.ticket:
            # As with a link: the example's own is signed by nobody.
            example = {**example, "ticket": scene.ticket}
        body = (urlencode(example, doseq=True) if content_type == FORM else json.dumps(example)).encode()
        given["header"]["Content-Type"] = content_type
    return (admin if call.is_admin else Admin(None)).send(call.method, path, body, **given["header"])
