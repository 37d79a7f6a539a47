"""What an organiser sends to create or change a session."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.domain import field_checks
from chalicelib.domain.event import Title
from chalicelib.domain.event_request import Instant
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.session import (
    CAPACITY_MAX,
    CHANGES_TOLD_TOGETHER,
    EARLIER_KEPT_MAX,
    Earlier,
    PromisedWords,
    Session,
    WhenAndWhere,
    exists_locally,
    to_utc,
)
from chalicelib.domain.told import pin_of, promises_changed
from chalicelib.domain.validation import Check, decode

LENGTH_MAX = timedelta(hours=24)

_DEGREE_DIGITS = 6
"""A tenth of a metre; more digits than that say nothing, and some numbers the table can't hold."""

Capacity = Annotated[int, Meta(ge=1, le=CAPACITY_MAX)]
_MINUTES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")

LocalTime = Annotated[
    datetime,
    Meta(
        tz=False, description="Enter the venue's local time without an offset, for example 2027-09-05T19:00."
    ),
]
Line = Annotated[str, Meta(min_length=1, max_length=field_checks.PLACE_CHARACTERS_MAX)]


class SessionDetails(Struct, frozen=True, kw_only=True):
    """A session as its organiser describes it, without its capacity."""

    title: Title
    venue: Line
    address: Line
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    town: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    country: Annotated[str, Meta(max_length=2)] | None = None
    zone: Annotated[str, Meta(max_length=64)]
    starts_local: LocalTime
    ends_local: LocalTime
    closes_at: Instant | None = None


class SessionRequest(SessionDetails, frozen=True, kw_only=True):
    """The body of POST /admin/events/{event_id}/sessions."""

    capacity: Capacity


class SessionChange(SessionDetails, frozen=True, kw_only=True):
    """The body of PATCH /admin/events/{event_id}/sessions/{session_id}, where every field is optional."""

    tell: bool = True
    change_note: Line | None = None


class CapacityRequest(Struct, frozen=True, kw_only=True):
    """The body of POST /admin/events/{event_id}/sessions/{session_id}/capacity."""

    capacity: Capacity


def _degrees(value: float, _where: str) -> float:
    return round(value, _DEGREE_DIGITS)


def _country(value: str, where: str) -> str:
    # Imported here, as nobody but an organiser needs it.
    from chalicelib.domain.countries import is_country  # noqa: PLC0415

    code = value.upper()
    if not is_country(code):
        detail = "Enter a country's code of two letters, for example GB."
        raise Invalid([FieldError(where, "country", detail)])
    return code


_CHECKS: dict[str, Check] = {
    "title": field_checks.line,
    "venue": field_checks.place,
    "address": field_checks.place,
    "latitude": _degrees,
    "longitude": _degrees,
    "town": field_checks.line,
    "country": _country,
    "zone": field_checks.zone,
    "starts_local": field_checks.year,
    "ends_local": field_checks.year,
    "closes_at": field_checks.instant,
    "change_note": field_checks.note,
}

_OTHER_CALLS = {
    "capacity": "To change the capacity, send a POST to .../capacity.",
    "status": "To change the status, send a POST to .../close, .../reopen or .../cancel.",
}

_TIMES = ("zone", "starts_local", "ends_local")

_PROMISED = (*_TIMES, "venue", "address", "latitude", "longitude")
"""What people who booked rely on, and hear of when it becomes something else (domain/told.py)."""


def read_session_request(raw: object, now: datetime) -> SessionRequest:
    """Return the parsed JSON as a checked request, or raise Invalid naming every field that is wrong."""
    request = decode(SessionRequest, _with_seconds(raw), checks=_CHECKS, other_calls=_OTHER_CALLS)
    _check_together(request, now)
    return request


def read_capacity_request(raw: object) -> int:
    """Return the capacity asked for, or raise Invalid."""
    return decode(CapacityRequest, raw).capacity


def new_session(
    request: SessionRequest,
    *,
    session_id: str,
    event_id: str,
    organiser_id: str,
    counters: int,
    fingerprint: str = "",
) -> Session:
    """Return the session that this request creates, its places spread over so many counters."""
    return Session(
        session_id=session_id,
        event_id=event_id,
        organiser_id=organiser_id,
        counters=counters,
        fingerprint=fingerprint,
        **msgspec.structs.asdict(request),
    )


def changed_session(session: Session, patch: object, now: datetime) -> Session:
    """Return the session, one version on, with a JSON merge patch (RFC 7396) applied.

    What the patch does not name stays; null takes away what may be missing. Its capacity is no
    part of this: that is a change of its own. When its time or place changes, its sequence rises, and
    everybody who booked gets an email: unless that would say what they have been told, or the
    patch says not to tell them. One that says to tell them does so of what was kept quiet before.
    Raises Invalid.
    """
    if not isinstance(patch, dict):
        raise Invalid([FieldError("", "type", "Send a JSON object with named fields.")])
    present = {name: getattr(session, name) for name in SessionDetails.__struct_fields__}
    merged: dict[str, Any] = {**msgspec.to_builtins(present), **patch}
    change = decode(SessionChange, _with_seconds(merged), checks=_CHECKS, other_calls=_OTHER_CALLS)
    same_times = all(getattr(change, name) == getattr(session, name) for name in _TIMES)
    _check_together(change, None if same_times else now)
    changed = replace(
        session, version=session.version + 1, **{name: getattr(change, name) for name in present}
    )
    if "change_note" in patch:
        changed = replace(changed, change_note=change.change_note)
    moved = any(getattr(changed, name) != getattr(session, name) for name in _PROMISED)
    if moved or (patch.get("tell") and promises_changed(_as_told(session), changed)):
        return _moved(session, changed, now, tell=change.tell, has_note="change_note" in patch)
    if changed.change_note is not None and not session.sequence:
        detail = "Send this together with a new time or place."
        raise Invalid([FieldError("/change_note", "no_change", detail)])
    return changed


def _moved(session: Session, changed: Session, now: datetime, *, tell: bool, has_note: bool) -> Session:
    """Return the changed session with what emails and calendars have to know of a new time or place."""
    # Who booked since a quiet change knows the session as it was until now, all others as they were told.
    promises = {*promises_changed(session, changed), *promises_changed(_as_told(session), changed)}
    together = session.sequence_at is None or now < session.sequence_at + CHANGES_TOLD_TOGETHER
    untold = session.last_change if together or session.quiet_changes else ()
    until_now = msgspec.structs.asdict(msgspec.convert(session, WhenAndWhere, from_attributes=True))
    changed = replace(
        changed,
        sequence=session.sequence + 1,
        earlier=(*session.earlier, Earlier(**until_now, until=now))[-EARLIER_KEPT_MAX:],
        last_change=tuple(sorted({*promises, *untold}, reverse=True)) if promises else session.last_change,
    )
    if not (promises and tell):
        return replace(
            changed,
            quiet_changes=session.quiet_changes + 1,
            pin_told=session.pin_told or pin_of(session),
            words_told=session.words_told or msgspec.convert(session, PromisedWords, from_attributes=True),
        )
    return replace(
        changed,
        quiet_changes=0,
        sequence_at=now,
        change_note=changed.change_note if has_note or together else None,
        pin_told=(),
        words_told=None,
    )


def _as_told(session: Session) -> Session:
    """Return the session as people were last told that it is."""
    words = msgspec.structs.asdict(session.words_told) if session.words_told else {}
    pin = dict(zip(("latitude", "longitude"), session.pin_told, strict=False))
    return replace(session, **words, **pin)


def _with_seconds(raw: object) -> object:
    """Complete local times as HTML's datetime-local input spells them, without seconds."""
    if not isinstance(raw, dict):
        return raw
    spelt = {name: raw[name] for name in ("starts_local", "ends_local") if isinstance(raw.get(name), str)}
    return raw | {name: f"{text}:00" for name, text in spelt.items() if _MINUTES.fullmatch(text)}


def _check_together(details: SessionDetails, now: datetime | None) -> None:
    """Check what takes more than one field. A start before ``now`` is refused, if that is given."""
    errors: list[FieldError] = []
    if (details.latitude is None) != (details.longitude is None):
        missing = "/latitude" if details.latitude is None else "/longitude"
        errors.append(FieldError(missing, "both_or_none", "Give both latitude and longitude, or neither."))
    errors += [
        FieldError(
            f"/{name}", "no_such_time", "This time does not exist: the clocks go forward. Choose another."
        )
        for name in ("starts_local", "ends_local")
        if not exists_locally(getattr(details, name), details.zone)
    ]
    starts_at = to_utc(details.starts_local, details.zone)
    ends_at = to_utc(details.ends_local, details.zone)
    if ends_at <= starts_at:
        errors.append(FieldError("/ends_local", "order", "The end must be after the start."))
    elif ends_at - starts_at > LENGTH_MAX:
        errors.append(FieldError("/ends_local", "too_long", "A session can last at most 24 hours."))
    if now is not None and starts_at <= now:
        errors.append(FieldError("/starts_local", "past", "Choose a start in the future."))
    if errors:
        raise Invalid(errors)
