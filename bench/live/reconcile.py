"""Whether the books are right once all is quiet: rows = places sold = mails owed = mails sent.

Everything is held against everything: what people were told, rows, counters, the ledger and the mails.
Each difference is a sentence, and one is enough to fail the run.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from bench.live.schedule import Told

_SENT = {"sent", "delivered"}

Notice = tuple[str, str]
"""(booking_id, kind) of a mail."""


class Books(Struct, frozen=True, kw_only=True):
    """What was counted, and what does not agree."""

    rows: int
    places_in_rows: int
    places_sold: int
    places_left: int
    mails_owed: int
    mails_sent: int
    second_copies: int
    """A mail whose sending was never confirmed is sent again; that is no mistake, but it shows."""
    differences: tuple[str, ...]


def reconcile(
    items: Iterable[Mapping[str, Any]],
    session_id: str,
    told: Mapping[str, Told],
    mails: Sequence[Notice] | None,
) -> Books:
    """Hold the table's ``items``, what each address was ``told`` and the ``mails`` against each other.

    Without mails (None) nobody sends any here, and they are left out. Nothing may have been cancelled.
    """
    items = list(items)
    rows = [row for row in items if _key(row).startswith(f"BOOKINGS#{session_id}#")]
    counters = [item for item in items if _key(item).startswith(f"POOL#{session_id}#all#")]
    left = sum(int(counter["free"]["N"]) for counter in counters)
    sold = sum(int(counter["capacity"]["N"]) for counter in counters) - left
    in_rows = sum(int(row["places"]["N"]) for row in rows)
    differences = [f"{in_rows} places in rows, but {sold} sold"] if in_rows != sold else []
    differences += _oversold(counters)
    differences += _promises(rows, told, left)
    owed = {(row["booking_id"]["S"], "confirmation") for row in rows}
    sent = Counter(mails or ())
    if mails is not None:
        differences += _mail(owed, sent, items)
    return Books(
        rows=len(rows),
        places_in_rows=in_rows,
        places_sold=sold,
        places_left=left,
        mails_owed=0 if mails is None else len(owed),
        mails_sent=len(sent),
        second_copies=sent.total() - len(sent),
        differences=tuple(differences),
    )


def _oversold(counters: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for counter in counters:
        if int(counter["free"]["N"]) < 0:
            yield f"{_key(counter)} has sold more than it had"


def _promises(rows: Sequence[Mapping[str, Any]], told: Mapping[str, Told], left: int) -> Iterable[str]:
    by_address = {row["address"]["S"]: row for row in rows}
    if len(by_address) != len(rows):
        yield f"{len(rows) - len(by_address)} addresses have more than one row"
    for address, last in told.items():
        row = by_address.get(address)
        if last.outcome == "booked":
            if row is None:
                yield f"{address} was told that they have booked, and has no row"
            elif (
                int(row["places"]["N"]) != last.places or row["booking_id"]["S"][:8].upper() != last.reference
            ):
                yield f"{address} was promised another booking than the row says"
        elif row is not None and last.outcome != "nothing":
            yield f"{address} was refused ({last.outcome}) and has a row"
        elif last.outcome == "sold_out" and last.places <= left:
            yield f"{address} was refused {last.places} places while {left} are left"
    for address in by_address.keys() - told.keys():
        yield f"{address} has a row and never asked"


def _mail(owed: set[Notice], sent: Counter[Notice], items: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    ledger = {
        (_key(item).removeprefix("NOTICE#"), item["SK"]["S"].partition("#")[0]): item["state"]["S"]
        for item in items
        if _key(item).startswith("NOTICE#")
    }
    for booking_id, kind in sorted(owed - sent.keys()):
        yield f"the {kind} of {booking_id} was not sent"
    for booking_id, kind in sorted(sent.keys() - owed):
        yield f"a {kind} of {booking_id} was sent that nobody owes"
    for booking_id, kind in sorted(owed):
        if ledger.get((booking_id, kind)) not in _SENT:
            yield f"the ledger does not say that the {kind} of {booking_id} was sent"


def _key(item: Mapping[str, Any]) -> str:
    partition_key: str = item["PK"]["S"]
    return partition_key
