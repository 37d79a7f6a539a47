"""The stream's handler, called as Lambda calls it."""

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import msgspec
import pytest
from botocore.client import BaseClient

from chalicelib.domain.directory import Search
from chalicelib.domain.refusals import Busy
from chalicelib.store import bookings, capacity, directory, event_changes, outcomes
from chalicelib.store.partitions import BOOKING_PARTITIONS
from chalicelib.store.recounts import watched_sessions
from tests import faults
from tests.mail_chain import HANDLERS, Chain, call, mails, mails_to, metrics, record, stream_event
from tests.making import MADE_AT, booking_for, make_event, make_session
from tests.wire import answered_with, passed_on

pytestmark = pytest.mark.usefixtures("neighbours")

ALL_DONE: dict[str, list[Any]] = {"batchItemFailures": []}


def image(**changes: Any) -> dict[str, Any]:
    """Return the recorded booking's image, changed: status="cancelled", version="2"."""
    booking: dict[str, Any] = record("stream")["Records"][0]["dynamodb"]["NewImage"]
    return booking | {name: {next(iter(booking[name])): value} for name, value in changes.items()}


def failures(answer: Any) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


def test_the_handlers_we_call_are_those_that_chalice_deploys() -> None:
    from app import app

    deployed = {source.name: source.handler_string for source in app.event_sources}
    assert HANDLERS.items() <= deployed.items()


def test_a_new_booking_owes_its_confirmation(chain: Chain) -> None:
    assert call("booking_stream", record("stream")) == ALL_DONE
    recorded = json.loads(record("sqs")["Records"][0]["body"])
    assert chain.waiting() == [{**recorded, "new_reference": ""}], "which the recorded one is older than"


class _MessageBefore(msgspec.Struct, frozen=True, kw_only=True):
    """A message as mailers read it that were deployed before messages named their event and request."""

    session_id: str
    key: str
    booking_id: str
    kind: str
    version: int
    postponed: int = 0


def test_a_mailer_of_before_reads_what_a_stream_of_now_queues(chain: Chain) -> None:
    call("booking_stream", record("stream"))
    (message,) = chain.waiting()
    read = msgspec.json.decode(json.dumps(message), type=_MessageBefore)
    since = {
        "event_id": "kqzxe2lomf2gk3dp",
        "request_id": "c6af9ac6-7b61-11",
        "due_at": 0,
        "new_reference": "",
    }
    assert {**msgspec.to_builtins(read), **since} == message


def test_a_cancelled_booking_owes_its_cancellation(chain: Chain) -> None:
    change = (image(), image(status="cancelled", version="2"))
    assert call("booking_stream", stream_event(change)) == ALL_DONE
    assert [(message["kind"], message["version"]) for message in chain.waiting()] == [("cancellation", 2)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((image(), image(name="Anne Example")), id="nothing that was promised"),
        pytest.param((image(), None), id="an item that is gone"),
        pytest.param((None, {"PK": {"S": "POOL#s#all#0"}, "SK": {"S": "POOL"}}), id="another kind of item"),
    ],
)
def test_what_owes_no_mail_queues_none(chain: Chain, change: Any) -> None:
    assert call("booking_stream", stream_event(change)) == ALL_DONE
    assert chain.waiting() == []


def test_a_record_that_cannot_be_read_is_named_and_those_behind_it_are_queued_all_the_same(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    poison = image(booking_id="poison") | {"version": {"S": "ann@example.org"}}
    event = stream_event(
        (None, image(booking_id="first")), (None, poison), (None, image(booking_id="third")), (None, poison)
    )
    assert failures(call("booking_stream", event)) == ["200"]
    assert [message["booking_id"] for message in chain.waiting()] == ["first", "third"]
    printed = capsys.readouterr().out
    assert "stream_record_unreadable" in printed
    assert "ann" not in printed.lower()


def asked(key: str) -> dict[str, Any]:
    """Return the image of an item by which somebody asks for the email of the booking at this key."""
    booking = image()
    return {
        "PK": {"S": f"ASKED#{key}"},
        "SK": {"S": "ASKED"},
        "session_id": booking["session_id"],
        "keys": {"L": [{"S": key}]},
        "asked_at": {"S": "2027-06-02T09:30:00.000000+0000"},
        "request_id": {"S": "asked-1"},
    }


def test_who_asks_for_an_email_again_comes_to_owe_it_and_forgetting_that_they_asked_does_nothing(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada"))
    chain.settle()
    assert mails_to(booking.address) == 1
    wanted = asked(booking.key) | {"session_id": {"S": session.session_id}}
    assert call("booking_stream", stream_event((None, wanted), (wanted, None))) == ALL_DONE
    assert "asked-1" in capsys.readouterr().out
    chain.settle()
    assert mails_to(booking.address) == 2


def test_an_ask_that_fails_comes_again_with_all_behind_it_and_holds_up_no_notice(chain: Chain) -> None:
    poison = asked("p") | {"asked_at": {"N": "0"}}
    event = stream_event(
        (None, image(booking_id="first")),
        (None, asked("k")),
        (None, asked("l")),
        (None, poison),
        (None, image(booking_id="last")),
    )
    failing = mock.patch("chalicelib.jobs.booking_stream.answer_ask", side_effect=Busy)
    with failing as tried:
        assert failures(call("booking_stream", event)) == ["200"]
    assert tried.call_count == 1
    assert [message["booking_id"] for message in chain.waiting()] == ["first", "last"]
    assert failures(call("booking_stream", event)) == ["400"]


def test_a_batch_of_which_the_queue_takes_only_a_part_is_tried_again_from_its_beginning(chain: Chain) -> None:
    event = stream_event(*((None, image(booking_id=f"b{number}")) for number in range(3)))
    api_call: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]  # there, but not public

    def part(client: BaseClient, operation: str, parameters: Any) -> Any:
        failed = parameters["Entries"].pop()
        answer = api_call(client, operation, parameters)
        return answer | {"Failed": [{"Id": failed["Id"], "Code": "InternalError", "SenderFault": False}]}

    with mock.patch.object(BaseClient, "_make_api_call", part):
        assert failures(call("booking_stream", event)) == ["100"]
    assert call("booking_stream", event) == ALL_DONE
    assert {message["booking_id"] for message in chain.waiting()} == {"b0", "b1", "b2"}


def test_a_batch_calls_for_the_recount_of_its_sessions(chain: Chain) -> None:
    sessions = [make_session(), make_session()]
    for session in sessions:
        capacity.take(session, booking_for(session, "ada"))
        capacity.take(session, booking_for(session, "bert"))
    assert [session.asks for session in watched_sessions()] == [0, 0]
    chain.run_stream()
    assert [session.asks for session in watched_sessions()] == [1, 1]


def test_a_batch_whose_recounts_cannot_be_asked_for_is_tried_again_and_its_notices_go_out(
    chain: Chain,
) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    event = chain.changes()
    first = event["Records"][0]["dynamodb"]["SequenceNumber"]
    with answered_with(faults.throttle):
        assert failures(call("booking_stream", event)) == [first]
    assert [message["booking_id"] for message in chain.waiting()] == [booked.booking_id]
    assert call("booking_stream", event) == ALL_DONE
    assert [session.asks for session in watched_sessions()] == [1]


def test_a_batch_that_cannot_be_queued_calls_for_recounts_all_the_same(chain: Chain) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    event = chain.changes()
    with mock.patch("chalicelib.jobs.booking_stream.queue_notices", side_effect=Busy):
        assert failures(call("booking_stream", event)) == ["100"]
    assert [session.asks for session in watched_sessions()] == [1]


def test_more_notices_than_one_request_takes_are_all_queued(chain: Chain) -> None:
    event = stream_event(*((None, image(booking_id=f"b{number}")) for number in range(23)))
    assert call("booking_stream", event) == ALL_DONE
    assert len(chain.waiting()) == 23


def test_a_cancelled_session_makes_one_page_of_work_for_each_booking_partition_and_only_once(
    chain: Chain,
) -> None:
    session = make_session()
    chain.run_stream()
    cancelled = msgspec.structs.replace(session, status="cancelled", sequence=1, version=2)
    event_changes.save_session(cancelled, 1)
    chain.run_stream()
    event_changes.save_session(msgspec.structs.replace(cancelled, title="Called off", version=3), 2)
    chain.run_stream()
    pages = chain.waiting("fan-out")
    assert [page["partition"] for page in pages] == list(BOOKING_PARTITIONS)
    assert {page["session_id"] for page in pages} == {session.session_id}


def test_a_session_that_changed_in_time_or_place_makes_pages_of_work_and_nothing_else_of_it_does(
    chain: Chain,
) -> None:
    session = make_session()
    chain.run_stream()
    changed = msgspec.structs.replace(
        session, venue="Elsewhere", sequence=1, sequence_at=MADE_AT, last_change=("place",), version=2
    )
    renamed = msgspec.structs.replace(changed, title="The same, elsewhere", capacity=30, version=3)
    for version, stored in enumerate((changed, renamed), start=1):
        event_changes.save_session(stored, version)
        chain.run_stream()
    pages = chain.waiting("fan-out")
    assert [page["partition"] for page in pages] == list(BOOKING_PARTITIONS)
    assert {(page["what"], page["sequence"]) for page in pages} == {("notify_change", 1)}


def test_another_picture_or_colour_of_an_event_emails_nobody(chain: Chain) -> None:
    event = make_event()
    session = make_session(event)
    capacity.take(session, booking_for(session, "ann"))
    chain.settle()
    sent = len(mails())
    look = {"picture_url": "https://example.org/curry.jpg", "accent_colour": "#1d4f91"}
    event_changes.save_event(msgspec.structs.replace(event, version=2, **look), 1)
    chain.settle()
    assert len(mails()) == sent == 1


def test_a_directory_that_can_not_be_kept_holds_up_no_email_and_is_kept_at_the_next_try(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    directory.remember_listed(session.session_id, 0)
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.05)
    event = chain.changes()

    def answer(request: Any) -> Any:
        is_batch = faults.operation_of(request) == "BatchWriteItem"
        return faults.throttle(request) if is_batch else passed_on(request)

    with answered_with(answer):
        assert failures(call("booking_stream", event)) == ["100"]
    assert [message["kind"] for message in chain.waiting()] == ["confirmation"]
    # Should the stream give up, the recount lists it, and until then nobody takes it for missing.
    assert not directory.is_all_listed(session.session_id)
    assert directory.places_with_name(session.event_id, Search("ada")) == ([], False)
    assert call("booking_stream", event) == ALL_DONE
    assert len(directory.places_with_name(session.event_id, Search("ada"))[0]) == 1


def test_what_is_erased_is_not_found_any_more(chain: Chain) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada"))
    chain.run_stream()
    assert len(directory.places_with_name(session.event_id, Search("ada"))[0]) == 1
    bookings.item_from(booking).delete()
    chain.run_stream()
    assert directory.places_with_name(session.event_id, Search("ada")) == ([], False)


def test_every_run_says_what_it_did_in_a_last_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    call("booking_stream", record("stream"))
    *_, line = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["records"], said["notices"], said["failed"]) == (1, 1, 0)
    assert not {"ann", "Ann Example"} & set(line.split('"'))


def test_the_recorded_image_is_one_that_our_items_read() -> None:
    assert bookings.booking_from_image(image()).address == "ann@example.org"


def test_what_was_booked_and_cancelled_is_counted_for_the_dashboard(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    event = stream_event(
        (None, image(booking_id="first", places="2")),
        (image(), image(status="cancelled", version="2")),
        (image(), image(name="Anne Example")),
        (image(status="cancelled", version="2"), image(booking_id="again", places="3")),
    )
    assert call("booking_stream", event) == ALL_DONE
    assert metrics(capsys.readouterr().out) == {"Bookings": 2, "Places": 5, "Cancellations": 1}
