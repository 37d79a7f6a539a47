"""What we put on the two queues: notices to send, and the work that a changed event or session makes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal
from zlib import crc32

import msgspec
from botocore.config import Config
from msgspec import Struct

from chalicelib import aws
from chalicelib.domain.notices import Notice
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store.partitions import BOOKING_PARTITIONS

Work = Literal["cancel_bookings", "notify_change"]
"""What is to be done with each of a session's bookings."""

DELAY_SECONDS_MAX = 900
"""The longest that SQS keeps a message back (SQS quotas, "Message timer")."""

_MESSAGES_PER_REQUEST_MAX = 10


class NoticeMessage(Notice, frozen=True, kw_only=True):
    """A message of the mail queue: a notice, and how often SES has had no room for it.

    ``due_at`` (epoch seconds) is when to look at it, if that is later than a message can be kept back.
    """

    postponed: int = 0
    due_at: int = 0

    @property
    def notice(self) -> Notice:
        """The notice alone."""
        return Notice(**{name: getattr(self, name) for name in Notice.__struct_fields__})


class BookingsSlice(Struct, frozen=True, kw_only=True):
    """A message of the fan-out queue: what to do with one slice of one of a session's booking partitions.

    ``cursor`` is where the slice begins (None: at the start); ``sequence`` is the session's told_sequence.
    ``request_id`` says which request set it off, for who reads the log ("" in an older message).
    """

    what: Work
    event_id: str
    session_id: str
    sequence: int
    partition: str
    cursor: str | None = None
    request_id: str = ""


class DueWork(Struct, frozen=True, kw_only=True):
    """A message of the fan-out queue: a session's emails of this kind are due, with so many ``together``.

    ``partition`` and ``cursor`` are where the slice of its bookings begins (None: it has to be sliced yet).
    """

    what: Literal["due"] = "due"
    kind: str
    event_id: str
    session_id: str
    together: int = 1
    partition: str | None = None
    cursor: str | None = None
    request_id: str = ""


class CancelledEvent(Struct, frozen=True, kw_only=True):
    """A message of the fan-out queue: cancel this session of a cancelled event, or (None) list them all.

    ``request_id`` says which request cancelled the event, for who reads the log ("" in an older message).
    """

    what: Literal["cancel_sessions"] = "cancel_sessions"
    event_id: str
    session_id: str | None = None
    request_id: str = ""


AnyWork = BookingsSlice | CancelledEvent | DueWork


class _Work(Struct, frozen=True):
    """What all messages of the fan-out queue have."""

    what: str


class NotQueued(Exception):
    """The queue did not take everything. Sending all of it again is safe."""


def send_notices(notices: Iterable[Notice], *, spread_seconds: int = 0) -> None:
    """Put these notices on the mail queue, spread over so many seconds. Raises NotQueued if any wasn't taken.

    When each one's turn is, hangs on its booking: trying again doesn't move it.
    """
    messages = [NoticeMessage(**msgspec.structs.asdict(notice)) for notice in notices]
    delays = [crc32(each.booking_id.encode()) % (spread_seconds + 1) for each in messages]
    _send_all(settings().mail_queue_url, messages, delays)


def send_notice_later(notice: Notice, now: datetime, *, postponed: int, delay_seconds: int) -> None:
    """Put a notice on the mail queue once more, to be looked at after this delay.

    A longer one than DELAY_SECONDS_MAX takes several messages, one after the other: the mailer sends each on
    until it is due, without a request to the table.
    """
    due_at = int(now.timestamp()) + delay_seconds if delay_seconds > DELAY_SECONDS_MAX else 0
    message = NoticeMessage(**msgspec.structs.asdict(notice), postponed=postponed, due_at=due_at)
    _send_all(settings().mail_queue_url, [message], [min(DELAY_SECONDS_MAX, delay_seconds)])


def slices_of_cancelled(session: Session) -> list[BookingsSlice]:
    """Return the first slice of each booking partition of a session that was cancelled."""
    return _first_slices("cancel_bookings", session)


def slices_of_changed(session: Session) -> list[BookingsSlice]:
    """Return the first slice of each booking partition of a session that changed in time or place."""
    return _first_slices("notify_change", session)


def send_work(work: Sequence[AnyWork]) -> None:
    """Put this work on the fan-out queue. Raises NotQueued if any was not taken."""
    _send_all(settings().fan_out_queue_url, work, [0] * len(work))


def are_mails_waiting() -> bool:
    """Return whether the mail queue holds anything: visible, delayed or being worked on (approximately)."""
    names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
    ]
    answer = _client().get_queue_attributes(QueueUrl=settings().mail_queue_url, AttributeNames=names)
    return any(int(answer["Attributes"][name]) for name in names)


def read_notice(body: str) -> NoticeMessage:
    """Return a message of the mail queue. Raises msgspec.DecodeError for anything else."""
    return msgspec.json.decode(body, type=NoticeMessage)


def read_work(body: str) -> AnyWork:
    """Return a message of the fan-out queue. Raises msgspec.DecodeError for anything else."""
    match msgspec.json.decode(body, type=_Work).what:
        case "cancel_sessions":
            return msgspec.json.decode(body, type=CancelledEvent)
        case "due":
            return msgspec.json.decode(body, type=DueWork)
    return msgspec.json.decode(body, type=BookingsSlice)


def _first_slices(what: Work, session: Session) -> list[BookingsSlice]:
    return [
        BookingsSlice(
            what=what,
            event_id=session.event_id,
            session_id=session.session_id,
            sequence=session.told_sequence,
            partition=partition,
            request_id=session.request_id,
        )
        for partition in BOOKING_PARTITIONS
    ]


def _send_all(queue_url: str, messages: Sequence[Struct], delays_seconds: Sequence[int]) -> None:
    every = [
        {"Id": str(index), "MessageBody": _json(message), "DelaySeconds": delay_seconds}
        for index, (message, delay_seconds) in enumerate(zip(messages, delays_seconds, strict=True))
    ]
    for start in range(0, len(every), _MESSAGES_PER_REQUEST_MAX):
        entries = every[start : start + _MESSAGES_PER_REQUEST_MAX]
        answer = _client().send_message_batch(QueueUrl=queue_url, Entries=entries)
        # A batch is answered 200 even when the queue took none of it.
        if failed := answer.get("Failed"):
            codes = sorted({entry["Code"] for entry in failed})
            raise NotQueued(f"{len(failed)} of {len(entries)} messages were not taken: {', '.join(codes)}")


def _json(message: Struct) -> str:
    return msgspec.json.encode(message).decode()


@cache
def _client() -> Any:
    # A message sent twice does no harm, so the SDK may repeat what timed out.
    config = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
    return aws.client("sqs", config)
