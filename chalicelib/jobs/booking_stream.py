"""The table's stream: every change of a booking, session or event, and who wants an email again."""

from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import logs
from chalicelib.actions.booking.keep_directory import keep_directory
from chalicelib.actions.due.write_deadlines import write_deadlines
from chalicelib.actions.event.ask_for_recounts import ask_for_recounts
from chalicelib.actions.mail.answer_ask import answer_ask
from chalicelib.actions.mail.queue_notices import queue_notices
from chalicelib.domain.booking import AskedAgain, Booking
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store.asked_again import ask_from_image
from chalicelib.store.bookings import booking_from_image
from chalicelib.store.event_items import event_from_image, session_from_image

blueprint = Blueprint(__name__)


@blueprint.on_dynamodb_record(stream_arn="BOOKING_STREAM", name="booking_stream")
def booking_stream(records: DynamoDBEvent) -> dict[str, Any]:
    """Queue the notices these records owe, let the clock recount their sessions, and keep the directory.

    Names the first record from which to try again.

    A record that can't be decoded doesn't stop those behind it: when the stream gives up on it after
    its bounded retries, it may take them along to the on-failure destination. Their notices are queued
    by then, once for each try, and the ledger sends each once.
    """
    batch = records.to_dict()["Records"]
    changes: list[tuple[Booking | None, Booking | None]] = []
    sessions: list[tuple[Session | None, Session]] = []
    events: list[tuple[Event | None, Event]] = []
    asks: dict[str, AskedAgain] = {}
    failed: list[str] = []
    for record in batch:
        sequence_number: str = record["dynamodb"]["SequenceNumber"]
        try:
            _sort(record["dynamodb"], changes, sessions, events, asks)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, it is a failure of this record
            logs.error("stream_record_unreadable", sequence_number=sequence_number, exception=error)
            failed.append(sequence_number)
    bookings = [(before, after) for before, after in changes if after is not None]
    notices = work = 0
    try:
        notices, work = queue_notices(bookings, sessions, events)
        for session in {after.session_id: after for _, after in sessions}.values():
            write_deadlines(session, now=datetime.now(UTC))
    except Exception as error:  # noqa: BLE001  # whatever it is, the whole batch is tried again
        logs.error("stream_notices_not_queued", exception=error)
        failed.append(batch[0]["dynamodb"]["SequenceNumber"])
    else:
        _count(bookings)
    try:
        # Also where the queue fails: should the stream give up on it, the clock looks here at once.
        ask_for_recounts(bookings, sessions)
    except Exception as error:  # noqa: BLE001  # as above
        logs.error("stream_recounts_not_asked_for", exception=error)
        failed.append(batch[0]["dynamodb"]["SequenceNumber"])
    failed += _answer(asks)
    try:
        keep_directory(changes)
    except Exception as error:  # noqa: BLE001  # as above, when all emails are queued
        logs.error("stream_directory_not_kept", exception=error)
        failed.append(batch[0]["dynamodb"]["SequenceNumber"])
    requests = {after.request_id for _, after in bookings} | {after.request_id for _, after in sessions}
    requests |= {after.request_id for _, after in events} | {asked.request_id for asked in asks.values()}
    logs.info(
        "booking_stream",
        records=len(batch),
        notices=notices,
        work=work,
        failed=len(failed),
        request_ids=sorted(requests - {""}),
    )
    in_order = [record["dynamodb"]["SequenceNumber"] for record in batch]
    first = min(failed, key=in_order.index, default=None)
    return {"batchItemFailures": [{"itemIdentifier": first}] if first else []}


def _answer(asks: dict[str, AskedAgain]) -> list[str]:
    """Answer who wants an email again; return where that failed. That comes again, and all behind it."""
    for sequence_number, asked in asks.items():
        try:
            answer_ask(asked)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is tried again
            logs.error("stream_ask_not_answered", sequence_number=sequence_number, exception=error)
            return [sequence_number]
    return []


def _count(bookings: list[tuple[Booking | None, Booking]]) -> None:
    """Count for the dashboard: a record that comes again is counted again, so these are no accounts."""
    made = [
        after
        for before, after in bookings
        if (after.status, after.version) == ("confirmed", 1)
        and (before is None or before.booking_id != after.booking_id)
    ]
    cancelled = [
        after
        for before, after in bookings
        if before is not None and (before.status, after.status) == ("confirmed", "cancelled")
    ]
    if made:
        logs.metric("Bookings", len(made))
        logs.metric("Places", sum(booking.places for booking in made))
    if cancelled:
        logs.metric("Cancellations", len(cancelled))


def _sort(
    change: dict[str, Any],
    changes: list[tuple[Booking | None, Booking | None]],
    sessions: list[tuple[Session | None, Session]],
    events: list[tuple[Event | None, Event]],
    asks: dict[str, AskedAgain],
) -> None:
    """Decode this change into the list it belongs to. One that is gone, or of another kind, owes nothing."""
    after, before = change.get("NewImage"), change.get("OldImage")
    kind, _, which = change["Keys"]["SK"]["S"].partition("#")
    if kind == "BOOKING":
        was, now = (booking_from_image(image) if image else None for image in (before, after))
        changes.append((was, now))
    elif after is None:
        return
    elif kind == "SESSION":
        sessions.append((session_from_image(before) if before else None, session_from_image(after)))
    elif kind == "EVENT" and not which:
        events.append((event_from_image(before) if before else None, event_from_image(after)))
    elif kind == "ASKED":
        asks[change["SequenceNumber"]] = ask_from_image(after)
