"""What a request sets off, in the stream, the queues and the mails, is logged with that request's id."""

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from chalice.local import LambdaEventConverter
from chalice.test import Client, HTTPResponse
from msgspec.structs import asdict, replace

from app import app
from chalicelib.domain.booking import MAIL_AGAIN_AFTER_SECONDS, Booking
from chalicelib.domain.correction import SEND_AGAIN_PAUSE
from chalicelib.domain.links import sign_link
from chalicelib.domain.notices import notice_owed
from chalicelib.store.bookings import every_booking
from chalicelib.store.messages import CancelledEvent, read_notice, read_work, slices_of_cancelled
from chalicelib.store.secrets import current_token_secret
from tests.mail_chain import Chain, call, said_by_ses, ses_events
from tests.mail_faults import ses_that
from tests.web.admin import Admin, new_admin
from tests.web.conftest import NOW, Clock
from tests.web.organiser.test_bookings import stored

pytestmark = pytest.mark.usefixtures("neighbours", "numbered")

ADA = {"name": "Ada", "email": "ada@example.org", "places": 1}


@pytest.fixture
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Number the requests, as API Gateway gives each an id; Chalice's own test client gives none."""
    numbers = count(1)
    convert = LambdaEventConverter.create_lambda_event

    def with_its_id(*args: Any, **kwargs: Any) -> Any:
        event = convert(*args, **kwargs)
        event["requestContext"]["extendedRequestId"] = f"request-{next(numbers)}"
        return event

    monkeypatch.setattr(LambdaEventConverter, "create_lambda_event", with_its_id)


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


@pytest.fixture
def admin(table: Any) -> Admin:
    return new_admin()


class Scene:
    """An event that is open, its session, and who has booked it."""

    def __init__(self, admin: Admin) -> None:
        self.admin = admin
        self.event = admin.new_event()
        self.session = admin.new_session(self.event)
        assert admin.post(f"{self.event}/publish").status_code == 200
        self.public = f"/events/social-care-curry/sessions/{self.session.rpartition('/')[2]}/bookings"

    def book(self) -> HTTPResponse:
        return self.admin.post(self.public, {**ADA, "consent": True})

    @property
    def booking(self) -> Booking:
        (booking,) = (
            each for each in every_booking(stored(self.session).session_id) if each.status != "moved"
        )
        return booking

    @property
    def at(self) -> str:
        return f"{self.session}/bookings/{self.booking.path}"


@pytest.fixture
def scene(admin: Admin) -> Scene:
    return Scene(admin)


def ask_for_the_mail_again(scene: Scene, clock: Clock) -> HTTPResponse:
    clock.now += timedelta(seconds=MAIL_AGAIN_AFTER_SECONDS)
    return scene.admin.post(scene.public.replace("/bookings", "/again"), {"email": ADA["email"]})


def cancel_by_the_link(scene: Scene, _: Clock) -> HTTPResponse:
    manage = sign_link(current_token_secret(), "manage", scene.booking.lives_at, NOW + timedelta(days=1))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Client(app).http.post(f"/manage/{manage}/cancel", headers=headers, body=b"")


def send_the_mail_again(scene: Scene, clock: Clock) -> HTTPResponse:
    clock.now += SEND_AGAIN_PAUSE
    return scene.admin.post(f"{scene.at}/send-again")


REQUESTS: dict[str, tuple[Callable[[Scene, Clock], HTTPResponse], set[str]]] = {
    "asking for the mail again": (ask_for_the_mail_again, {"notice"}),
    "cancelling": (cancel_by_the_link, {"notice"}),
    "cancelling on behalf": (lambda scene, _: scene.admin.post(f"{scene.at}/cancel"), {"notice"}),
    "correcting the address": (
        lambda scene, _: scene.admin.post(f"{scene.at}/address", {"email": "adda@example.org"}),
        {"notice"},
    ),
    "sending the mail again": (send_the_mail_again, {"notice"}),
    "moving the session": (
        lambda scene, _: scene.admin.patch(scene.session, {"venue": "The Other Pot"}),
        {"work_done", "notice"},
    ),
    "cancelling the session": (
        lambda scene, _: scene.admin.post(f"{scene.session}/cancel"),
        {"work_done", "notice"},
    ),
    "cancelling the event": (
        lambda scene, _: scene.admin.post(f"{scene.event}/cancel"),
        {"work_done", "notice"},
    ),
}


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def followed(lines: list[dict[str, Any]]) -> tuple[set[str], set[str]]:
    """Return which requests these lines name, and what they say in the name of one."""
    named = {line["request_id"] for line in lines if "request_id" in line}
    named |= {one for line in lines for one in line.get("request_ids", ())}
    return named, {line["message"] for line in lines if "request_id" in line}


@pytest.mark.parametrize("on_behalf", [False, True])
def test_a_booking_is_followed_from_the_request_to_its_mail(
    scene: Scene, chain: Chain, capsys: pytest.CaptureFixture[str], on_behalf: bool
) -> None:
    chain.settle()
    capsys.readouterr()
    answer = scene.admin.post(f"{scene.session}/bookings", ADA) if on_behalf else scene.book()
    assert answer.status_code == 201, answer.body
    chain.settle()
    request_id = scene.booking.request_id
    assert request_id.startswith("request-")
    assert followed(logged(capsys)) == ({request_id}, {"notice"})


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_done_about_a_booking_is_followed_to_its_mail(
    scene: Scene, chain: Chain, clock: Clock, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert scene.book().status_code == 201
    booked_by = scene.booking.request_id
    chain.settle()
    capsys.readouterr()
    request, messages = REQUESTS[name]
    request(scene, clock)
    chain.settle()
    named, said = followed(logged(capsys))
    assert said == messages
    (request_id,) = named
    assert request_id.startswith("request-")
    assert request_id != booked_by


def test_ses_s_events_are_followed_too(
    scene: Scene, chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.book()
    chain.settle()
    notice = notice_owed(scene.booking)
    capsys.readouterr()
    event = json.loads(said_by_ses("bounce", notice, "ada@example.org"))
    ours = copy.deepcopy(event)
    ours["mail"]["tags"]["request_id"] = [notice.request_id]
    call("mail_feedback", ses_events(json.dumps(event), json.dumps(ours)))
    without, with_it = logged(capsys)
    assert "request_id" not in without
    assert with_it["request_id"] == notice.request_id


def test_a_mail_that_ses_had_no_room_for_is_followed_to_when_it_goes(
    scene: Scene, chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.book()
    chain.run_stream()
    capsys.readouterr()
    with ses_that("throttles") as asked:
        chain.deliver()
    request_id = scene.booking.request_id
    (sent,) = asked
    assert {"Name": "request_id", "Value": request_id} in sent["EmailTags"]
    chain.settle()
    assert followed(logged(capsys)) == ({request_id}, {"MailsPostponed", "notice"})


def test_messages_from_before_they_said_so_are_read(scene: Scene) -> None:
    scene.book()
    notice = notice_owed(scene.booking)
    older = {name: value for name, value in asdict(notice).items() if name != "request_id"}
    assert read_notice(json.dumps(older)).notice == replace(notice, request_id="")
    cancelled = '{"what": "cancel_sessions", "event_id": "e", "session_id": null}'
    assert read_work(cancelled) == CancelledEvent(event_id="e")
    slice_ = slices_of_cancelled(stored(scene.session))[0]
    older = {name: value for name, value in asdict(slice_).items() if name != "request_id"}
    assert read_work(json.dumps(older)) == replace(slice_, request_id="")
