"""Where to look for a booking by name or reference: entries that the stream and the recount keep.

    GUESTS#event#h      name#session#key         h is of the key, 16 in all
    REF#event#h         reference#session#key    h is of the reference, so one query finds it

An entry comes seconds after its booking, and none is ever written on the booking path. It says where to look
and no more: what is there is read, and may have changed. Its key is all of it.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, TypeGuard

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import DoesNotExist

from chalicelib.domain.booking import Booking, reference_of
from chalicelib.domain.directory import CHARACTERS_MAX, Search, listed_names
from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import Session
from chalicelib.store.bookings import bookings_at
from chalicelib.store.connection import Item, connection
from chalicelib.store.outcomes import Budget, kind_of_cause
from chalicelib.store.partitions import BOOKING_PARTITIONS, partition_of
from chalicelib.store.side_by_side import side_by_side
from chalicelib.store.table import EntryItem, RecountItem
from chalicelib.store.writing import update_if

DIRECTORY = 2
"""Raise this when other entries are to be written: then the next recount of a session lists it anew."""

_LOWER = 1_000
"""By how much a missed entry lowers what is known of a session: further than that number ever rises."""

FOUND_MAX = 50
"""How many bookings one search finds."""

_SIFTED_MAX = 500
"""How many entries are looked at in a partition where only those of one session count, or that have other
words too."""

_PER_REQUEST_MAX = 25

Key = tuple[str, str]
Place = tuple[str, str]
"""A session, and a booking's key in it."""


def follow(changes: Iterable[tuple[Booking | None, Booking | None]]) -> None:
    """Make the entries follow these changes of bookings, each (before, after), the oldest first.

    Doing it again is safe. Raises Busy; then nobody knows which entries were written.
    """
    wanted: dict[Key, bool] = {}
    for before, after in changes:
        were, are = _entries(before), _entries(after)
        wanted |= dict.fromkeys(were - are, False) | dict.fromkeys(are - were, True)
    _write_all(wanted)


def is_to_list(directory: int | None) -> TypeGuard[int]:
    """Return whether a session of which this is known is to be listed by the recount that read it."""
    return directory is not None and directory < DIRECTORY


def list_bookings_in(session_id: str, bookings: Iterable[Booking]) -> None:
    """Write the entries of these bookings of a session, whether they are there or not. Raises Busy.

    Afterwards they are read again: the stream may have been done with what became of one before its entries
    were written as it was, and they would come back for good.
    """
    _list(session_id, {booking.key: booking for booking in bookings})


def list_anew(session: Session, partition: str, bookings: Iterable[Booking]) -> None:
    """Do so with all bookings of this partition, and remove the entries there that lead to none. Raises Busy.

    A booking's reference is in a partition of its own. So a session is done when all partitions are.
    """
    hashes = _names(session.event_id, partition), f"REF#{session.event_id}#{partition}"
    entries = (item for each in hashes for item in EntryItem.query(each, consistent_read=True))
    there = {(item.PK, item.SK) for item in entries if _place(item)[0] == session.session_id}
    listed = {booking.key: booking for booking in bookings}
    others = {_booking_key(entry) for entry in there} - listed.keys()
    known = listed | bookings_at(session.session_id, sorted(others))
    astray = there - _entries_of(known.values())
    keys = listed.keys() | {_booking_key(entry) for entry in astray}
    _list(session.session_id, {key: known.get(key) for key in keys}, there, astray)


def _list(
    session_id: str,
    bookings: Mapping[str, Booking | None],
    there: Set[Key] = frozenset(),
    astray: Set[Key] = frozenset(),
) -> None:
    """Write the entries of what is at these keys (None: nothing) but for those there; remove those astray."""
    while bookings:
        are = _entries_of(bookings.values())
        _write_all(dict.fromkeys(astray, False) | dict.fromkeys(are - there, True))
        now = bookings_at(session_id, sorted(bookings))
        changed = [key for key, booking in bookings.items() if _entries(booking) != _entries(now.get(key))]
        were = _entries_of(bookings[key] for key in changed)
        bookings = {key: now.get(key) for key in changed}
        there, astray = frozenset(), were - _entries_of(bookings.values())


def _write_all(wanted: Mapping[Key, bool]) -> None:
    """Write these entries (True) or remove them (False)."""
    requests = [_request(key, stays) for key, stays in sorted(wanted.items())]
    starts = range(0, len(requests), _PER_REQUEST_MAX)
    side_by_side([requests[start : start + _PER_REQUEST_MAX] for start in starts], _write)


def remember_listed(session_id: str, directory: int) -> None:
    """Note that all of a session is listed, unless an entry was missed since ``directory`` was read."""
    as_read = RecountItem.directory == directory
    if directory == 0:
        as_read |= RecountItem.directory.does_not_exist() & RecountItem.PK.exists()
    update_if(("RECOUNT", session_id), [RecountItem.directory.set(DIRECTORY)], as_read)


def list_again(session_ids: Iterable[str]) -> None:
    """Have all of these sessions listed by their next recount: an entry may be missing."""
    for session_id in sorted(set(session_ids)):
        # Lower each time: so a recount that has begun can tell. Gone: the session was over a week ago.
        actions = [RecountItem.directory.add(-_LOWER), RecountItem.asks.add(1)]
        update_if(("RECOUNT", session_id), actions, RecountItem.PK.exists())


def is_all_listed(session_id: str) -> bool:
    """Return whether a booking of this session that has no entry isn't there, but for the newest.

    False also for one that was over a week ago: nobody knows any more.
    """
    try:
        item = RecountItem.get("RECOUNT", session_id)
    except DoesNotExist:
        return False
    return int(item.directory or 0) >= DIRECTORY


def is_any_left_to_list(session_ids: Iterable[str]) -> bool:
    """Return whether older bookings of any of these sessions may have no entries yet.

    One that was over a week ago is left out: nobody lists it any more.
    """
    keys = [("RECOUNT", session_id) for session_id in session_ids]
    found = RecountItem.batch_get(keys, attributes_to_get=["directory"])
    return any(int(item.directory or 0) < DIRECTORY for item in found)


def places_with_reference(event_id: str, printed: str, session_id: str | None = None) -> list[Place]:
    """Return where bookings may be that print this reference, in one session or the whole event."""
    beginning = f"{printed}#{session_id}#" if session_id else f"{printed}#"
    return [_place(item) for item in EntryItem.query(_references(event_id, printed), _begins(beginning))]


def places_with_name(
    event_id: str, search: Search, session_id: str | None = None
) -> tuple[list[Place], bool]:
    """Return where bookings may be under a name that is looked for, and whether there are more."""
    is_sifted = session_id is not None or search.beginning != search.name
    limit = _SIFTED_MAX if is_sifted else FOUND_MAX + 1
    is_cut_off = False

    def ask(partition: str) -> list[EntryItem]:
        nonlocal is_cut_off
        found = list(EntryItem.query(_names(event_id, partition), _begins(search.beginning), limit=limit))
        is_cut_off |= len(found) == limit
        return [item for item in found if session_id in (None, _place(item)[0]) and _may_fit(item, search)]

    entries = sorted(side_by_side(BOOKING_PARTITIONS, ask), key=lambda item: item.SK)
    places = list(dict.fromkeys(map(_place, entries)))
    return places[:FOUND_MAX], is_cut_off or len(places) > FOUND_MAX


def _may_fit(item: EntryItem, search: Search) -> bool:
    """Return whether a booking listed like this may have all of the words: a long name is cut off."""
    name = item.SK.rsplit("#", 2)[0]
    return len(name) >= CHARACTERS_MAX or search.fits(name)


def _entries(booking: Booking | None) -> set[Key]:
    """Return the entries of a booking: none of one that lives at another key now."""
    if booking is None or booking.status == "moved":
        return set()
    printed, place = reference_of(booking), f"{booking.session_id}#{booking.key}"
    partition = _names(booking.event_id, partition_of(booking.key))
    names = {(partition, f"{name}#{place}") for name in listed_names(booking.name, booking.guests)}
    return names | {(_references(booking.event_id, printed), f"{printed}#{place}")}


def _entries_of(bookings: Iterable[Booking | None]) -> set[Key]:
    return {entry for booking in bookings for entry in _entries(booking)}


def _names(event_id: str, partition: str) -> str:
    return f"GUESTS#{event_id}#{partition}"


def _references(event_id: str, printed: str) -> str:
    return f"REF#{event_id}#{partition_of(printed.lower())}"


def _begins(beginning: str) -> Any:
    return EntryItem.SK.startswith(beginning)


def _place(item: EntryItem) -> Place:
    _, session_id, key = item.SK.rsplit("#", 2)
    return session_id, key


def _booking_key(entry: Key) -> str:
    return entry[1].rpartition("#")[2]


def _request(key: Key, stays: bool) -> dict[str, Any]:
    if stays:
        return {"PutRequest": {"Item": EntryItem(*key).serialize()}}
    return {"DeleteRequest": {"Key": {"PK": {"S": key[0]}, "SK": {"S": key[1]}}}}


def _write(requests: Sequence[dict[str, Any]]) -> list[None]:
    """Send these until the table has taken all. What was lost may be sent again: nothing is counted."""
    table = Item.Meta.table_name
    budget = Budget()
    while requests:
        if budget.is_spent():
            raise Busy
        try:
            answer = connection().dispatch("BatchWriteItem", {"RequestItems": {table: requests}})
            requests = answer.get("UnprocessedItems", {}).get(table, [])
        except (BotoCoreError, ClientError) as error:
            if kind_of_cause(error) is None:
                raise
        if requests:
            budget.pause(20, 200)
    return []
