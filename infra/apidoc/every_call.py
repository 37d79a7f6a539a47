"""All rows, by what they are about: the order in which they are shown."""

from infra.apidoc import (
    bookings,
    check_ins,
    done,
    figures,
    front_page,
    mails,
    organisers,
    pages,
    public,
    queue,
    tokens,
)
from infra.apidoc.calls import Call

EVERY_CALL: dict[str, tuple[Call, ...]] = {
    "Booking": public.CALLS,
    "The queue": queue.CALLS,
    "Pages": front_page.CALLS + pages.HOSTED + done.CALLS,
    "Pages of the queue": pages.QUEUE,
    "Your own booking": pages.MANAGE,
    "Events": organisers.EVENT_CALLS + figures.CALLS,
    "Sessions": organisers.SESSION_CALLS,
    "Bookings of a session": bookings.CALLS,
    "Emails that did not arrive": mails.CALLS,
    "The door": check_ins.CALLS,
    "Tokens": tokens.CALLS,
    "This description": pages.DESCRIBED,
}
