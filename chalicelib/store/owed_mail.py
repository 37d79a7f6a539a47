"""Owing somebody a mail once more: the stream sees ``mailed_at`` move, and queues the notice."""

from datetime import datetime, timedelta

from msgspec.structs import replace
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.domain.booking import MAIL_AGAIN_AFTER_SECONDS, Booking
from chalicelib.domain.refusals import Busy
from chalicelib.store.bookings import find_booking
from chalicelib.store.connection import connection
from chalicelib.store.keys import booking_item_key
from chalicelib.store.mapping import changes
from chalicelib.store.outcomes import Budget, Kind, outcome_of
from chalicelib.store.table import BookingItem, RecountItem
from chalicelib.store.writing import update_if

PAUSE = timedelta(seconds=MAIL_AGAIN_AFTER_SECONDS)
"""Between one mail and the next that an address gets by asking for it."""

_FIELDS = ("mailed_at", "version", "asked_from", "quiet", "not_kept", "request_id")


def owe_mail_again(
    booking: Booking,
    now: datetime,
    *,
    source: str,
    pause: timedelta = PAUSE,
    request_id: str = "",
    not_kept: int = 0,
) -> Booking:
    """Make us owe this booking's mail once more, unless it came to owe one within this pause.

    Asking moves no counter, so the session's recount is told in the same transaction: a mail asked for is
    found like any other if it gets lost.
    ``source`` is who asks ("" for an organiser): the email counts against them, not against who booked.
    A booking that was cancelled quietly owes its cancellation then.

    Returns the booking as it stands then: owing at a higher version, or just as it was if the pause isn't
    over, or if somebody changed it or asked meanwhile. Raises Busy.
    """
    if _changed_at(booking) > now - pause:
        return booking
    owing = replace(
        booking,
        mailed_at=now,
        asked_from=source,
        quiet=False,
        not_kept=not_kept,
        version=booking.version + 1,
        request_id=request_id,
    )
    budget = Budget()
    while not budget.is_spent():
        try:
            _write(owing, booking.version)
        except TransactWriteError as error:
            if outcome_of(error).kind is Kind.REFUSED:
                # Also by ourselves, if an answer was lost.
                there = find_booking(booking.session_id, booking.key)
                return there if there is not None and there.booking_id == booking.booking_id else booking
            budget.pause(5, 50)
        else:
            return owing
    raise Busy


def say_not_kept(booking: Booking, places: int) -> None:
    """Let the email that is on its way to this booking say that another, for these places, was not kept."""
    update_if(
        booking_item_key(booking.session_id, booking.key),
        changes(BookingItem, replace(booking, not_kept=places), ("not_kept",)),
        (BookingItem.booking_id == booking.booking_id) & (BookingItem.status == "confirmed"),
    )


def _write(owing: Booking, at_version: int) -> None:
    with TransactWrite(connection=connection()) as transaction:
        transaction.update(
            BookingItem(*booking_item_key(owing.session_id, owing.key)),
            changes(BookingItem, owing, _FIELDS),
            (BookingItem.booking_id == owing.booking_id) & (BookingItem.version == at_version),
        )
        transaction.update(
            RecountItem("RECOUNT", owing.session_id),
            [RecountItem.asks.set(RecountItem.asks + 1)],
            # Gone: the session was over a week ago.
            RecountItem.PK.exists(),
        )


def _changed_at(booking: Booking) -> datetime:
    """When this booking last came to owe a mail."""
    return max(booking.mailed_at, booking.changed_at)
