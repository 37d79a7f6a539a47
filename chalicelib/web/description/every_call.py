"""All rows, by what they are about: the order in which they are shown."""

from chalicelib.web.description import bookings, check_ins, line, mails, organisers, pages, public, tokens
from chalicelib.web.description.calls import Call

EVERY_CALL: dict[str, tuple[Call, ...]] = {
    "Booking": public.CALLS,
    "The line": line.CALLS,
    "Pages": pages.HOSTED,
    "Pages of the line": pages.LINE,
    "One's own booking": pages.MANAGE,
    "Events": organisers.EVENT_CALLS,
    "Sessions": organisers.SESSION_CALLS,
    "Bookings of a session": bookings.CALLS,
    "Mails that did not arrive": mails.CALLS,
    "The door": check_ins.CALLS,
    "Tokens": tokens.CALLS,
    "This description": pages.DESCRIBED,
}
