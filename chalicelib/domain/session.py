"""A session: one sitting of an event, at a venue, in the venue's own time zone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from chalicelib.domain.event import Event, require_bookable_event
from chalicelib.domain.refusals import Busy, Cancelled, Closed, SessionOver

CAPACITY_MAX = 100_000
PAUSE_BELIEVED_MAX = timedelta(seconds=20)
"""How far ahead a pause may end that is taken for one: twice as long as any lasts."""

CHANGES_TOLD_TOGETHER = timedelta(days=1)
"""Mails of a change may still wait when the next one comes and overtakes them: so its mail says both."""

EARLIER_KEPT_MAX = 10
"""Who booked from a page older than that hears what changed last, and not what it was."""

SessionStatus = Literal["open", "closed", "cancelled"]
Band = Literal["none", "few", "some", "many"]
Promise = Literal["time", "place"]


class PromisedWords(Struct, frozen=True, kw_only=True):
    """When and where a session is, but for its pin."""

    zone: str
    starts_local: datetime
    ends_local: datetime
    venue: str
    address: str


class WhenAndWhere(PromisedWords, frozen=True, kw_only=True):
    """When and where a session is, as of one sequence of it."""

    sequence: int
    latitude: float | None = None
    longitude: float | None = None


class Earlier(WhenAndWhere, frozen=True, kw_only=True):
    """How a session was until it was changed."""

    until: datetime


class OrganisersSession(Struct, frozen=True, kw_only=True):
    """What an organiser is shown of a session. Local times are naive wall-clock times in ``zone``."""

    session_id: str
    event_id: str
    status: SessionStatus = "open"
    title: str
    venue: str
    address: str
    latitude: float | None = None
    longitude: float | None = None
    town: str | None = None
    """None means that its title is the town's name; domain/located.py says where a session is."""
    country: str | None = None
    """ISO 3166 alpha-2; None means the country that keeps its time zone."""
    zone: str
    starts_local: datetime
    ends_local: datetime


class Session(OrganisersSession, frozen=True, kw_only=True):
    """A session as stored. Of these, an organiser is shown what web/organiser/views.py names."""

    organiser_id: str
    capacity: int
    counters: int
    """Over how many its places are spread: store/pools.py says."""
    closes_at: datetime | None = None
    sequence: int = 0
    """Rises when its time or place changes and when it is cancelled: what a calendar must hear (RFC 5545)."""
    quiet_changes: int = 0
    """How many of these came after the last one that people are told of, and are not told themselves."""
    sequence_at: datetime | None = None
    """When its time or place last changed so that people are told."""
    last_change: tuple[Promise, ...] = ()
    """What changed then, quietly since, and within CHANGES_TOLD_TOGETHER before."""
    change_note: str | None = None
    """What its organiser says of the last change."""
    pin_told: tuple[float, ...] = ()
    """Where the pin was when people were last told, if anything changed since that they were not told of."""
    words_told: PromisedWords | None = None
    """The same of its time, venue and address."""
    earlier: tuple[Earlier, ...] = ()
    """How it was before each of its last EARLIER_KEPT_MAX changes of time or place, the newest last."""
    paused_until: datetime | None = None
    request_id: str = ""
    """Of the request that cancelled it, or changed its time or place: the logs of what follows say so too."""
    fingerprint: str = ""
    """Of the request that created it, if that had an Idempotency-Key (domain/once.py)."""
    cancellation_reason: str | None = None
    version: int = 1

    @property
    def told_sequence(self) -> int:
        """The sequence of the last change that people are told of."""
        return self.sequence - self.quiet_changes

    @property
    def starts_at(self) -> datetime:
        """The start, aware, in UTC."""
        return to_utc(self.starts_local, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The end, aware, in UTC."""
        return to_utc(self.ends_local, self.zone)


def to_utc(local: datetime, zone: str) -> datetime:
    """Return the instant at which clocks in this IANA zone show ``local`` (the first one, if twice)."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def exists_locally(local: datetime, zone: str) -> bool:
    """Return whether clocks in this zone ever show ``local``: the hour skipped in spring doesn't exist."""
    return to_utc(local, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


def closing_time(event: Event, session: Session) -> datetime:
    """Return when booking ends: the session's own time, else the event's, and the start at the latest."""
    limits = [session.closes_at or event.closes_at, session.starts_at]
    return min(limit for limit in limits if limit is not None)


def require_bookable_session(event: Event, session: Session, now: datetime) -> None:
    """Refuse the public with the first of NotPublished, Cancelled, NotOpenYet, Closed and Busy."""
    if event.status == "cancelled" and not is_called_off(event, session, now):
        raise Closed
    require_bookable_event(event, now)
    _require_open_session(event, session, now)


def _require_open_session(event: Event, session: Session, now: datetime) -> None:
    if session.status == "cancelled":
        raise Cancelled
    if session.status == "closed" or now >= closing_time(event, session):
        raise Closed
    require_no_pause(session, now)


def require_session_changeable(session: Session) -> None:
    """Refuse a change of a cancelled session with Cancelled, in words for its organiser."""
    if session.status == "cancelled":
        raise Cancelled("This session is cancelled, and a cancelled session can't be changed or reopened.")


def sessions_open(event: Event, sessions: Iterable[Session], now: datetime) -> list[Session]:
    """Return the sessions that time and status let people book: a change of capacity takes only seconds."""
    return [
        session for session in sessions if session.status == "open" and now < closing_time(event, session)
    ]


def require_not_over(session: Session, now: datetime, detail: str) -> None:
    """Refuse with SessionOver once the session has taken place; ``detail`` says what that means."""
    if now > session.ends_at:
        raise SessionOver(detail)


def is_called_off(event: Event, session: Session, now: datetime) -> bool:
    """Return whether this session does not take place. One that did is not undone with its event."""
    return session.status == "cancelled" or (event.status == "cancelled" and is_left_to_cancel(session, now))


def is_left_to_cancel(session: Session, now: datetime) -> bool:
    """Return whether the cancellation of its event is to cancel this session: not if it has taken place."""
    return session.status != "cancelled" and now <= session.ends_at


def require_no_pause(session: Session, now: datetime) -> None:
    """Refuse with Busy while the session's capacity is being changed."""
    until = paused_until(session, now)
    if until is not None:
        raise Busy(retry_after_seconds=max(1, round((until - now).total_seconds())))


def paused_until(session: Session, now: datetime) -> datetime | None:
    """Return until when bookings wait for a change of the session's capacity, or None if they don't.

    A pause further ahead than one lasts was set by a clock that runs fast; it only saves conflicts.
    """
    until = session.paused_until
    return until if until is not None and now < until <= now + PAUSE_BELIEVED_MAX else None


def band(places_free: int, capacity: int) -> Band:
    """Return how much is left, roughly: the exact number changes too fast to be true when read."""
    if places_free <= 0:
        return "none"
    if places_free * 10 <= capacity or (places_free < 6 and places_free * 2 <= capacity):
        return "few"
    if places_free * 2 <= capacity:
        return "some"
    return "many"


def free_at_least(told: Band, capacity: int) -> int:
    """Return how many places are free at least where ``band`` says this."""
    match told:
        case "none":
            return 0
        case "few":
            return 1
        case "some":
            return max(6, capacity // 10 + 1)
        case "many":
            return capacity // 2 + 1
