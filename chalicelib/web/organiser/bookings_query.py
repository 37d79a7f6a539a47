"""What may be asked of the list of bookings: a slice of it by status, or a reference, or an email address."""

from collections.abc import Mapping
from typing import cast

from msgspec import Struct

from chalicelib.domain.attendee import BadAddress, normalise_address
from chalicelib.domain.booking import BookingStatus
from chalicelib.domain.ids import reference_as_typed
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.web.organiser.slices import slice_length

LISTED: tuple[BookingStatus, ...] = ("confirmed", "cancelled")
"""What a list may be narrowed to. A booking that moved is in no list."""


class BookingsQuery(Struct, frozen=True, kw_only=True):
    """A query whose parts are all right, by themselves and together."""

    status: BookingStatus | None
    reference: str | None
    address: str | None
    source: str | None
    bounced: bool
    limit: int
    cursor: str | None


def read_bookings_query(asked: Mapping[str, str]) -> BookingsQuery:
    """Return what is asked, or raise Invalid naming each part that is wrong.

    What is found by reference or address is a handful: it comes whole, so slices of it make no sense.
    """
    errors: list[FieldError] = []
    status = asked.get("status")
    if status is not None and status not in LISTED:
        errors.append(FieldError("/status", "status", f"This must be {' or '.join(LISTED)}."))
    bounced = asked.get("bounced")
    if bounced not in (None, "true"):
        errors.append(FieldError("/bounced", "bounced", "This must be true. Leave it out for all bookings."))
    reference = asked.get("reference")
    meant = reference_as_typed(reference or "")
    if reference is not None and meant is None:
        detail = "Enter the 8 characters of the reference: letters, and digits from 2 to 7."
        errors.append(FieldError("/reference", "reference", detail))
    # The older name is taken too.
    name = "address" if "address" in asked else "email"
    address = asked.get(name)
    if address is not None:
        try:
            address = normalise_address(address)
        except BadAddress as bad:
            errors.append(FieldError(f"/{name}", bad.code, bad.detail))
    if {"email", "address"} <= asked.keys():
        errors.append(FieldError("/address", "one_of", "Leave out address: it is the same as email."))
    elif reference is not None and address is not None:
        errors.append(FieldError(f"/{name}", "one_of", "Search by reference or by email, not by both."))
    if reference is not None or address is not None:
        errors += [
            FieldError(f"/{name}", "no_slices", "Leave this out when you search by reference or email.")
            for name in ("limit", "cursor")
            if name in asked
        ]
    elif "limit" in asked:
        try:
            slice_length(asked["limit"])
        except Invalid as invalid:
            errors += invalid.errors
    if errors:
        raise Invalid(errors)
    return BookingsQuery(
        status=cast(BookingStatus | None, status),
        reference=meant,
        address=address,
        source=asked.get("source"),
        bounced=bounced is not None,
        limit=slice_length(asked.get("limit")),
        cursor=asked.get("cursor"),
    )
