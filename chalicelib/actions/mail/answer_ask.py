"""Answer somebody who asked for an email again: owe it, if there is a booking to send one about."""

from datetime import timedelta

from chalicelib.domain.booking import AskedAgain
from chalicelib.domain.notices import notice_owed
from chalicelib.store.bookings import bookings_at
from chalicelib.store.mail_states import is_on_its_way
from chalicelib.store.owed_mail import PAUSE, owe_mail_again, say_not_kept


def answer_ask(asked: AskedAgain) -> None:
    """Owe the emails of all that this address has booked here, but not within ten minutes of the last ones.

    If a booking was not kept (AskedAgain), the emails say so. They don't wait ten minutes with that news.
    The mailer has the last word: it knows who has had enough, and whether the session still takes place.
    Doing it again, later or twice at once, owes nothing more. Raises Busy.
    """
    for booking in bookings_at(asked.session_id, asked.keys).values():
        if booking.status != "confirmed":
            continue
        # Asking can only help: what is on its way or waits for room is not owed anew by any request. It would
        # go to the back of the queue, and a first mail would get the lower limits of those asked for again.
        # Who asks for one that another's source holds back waits as well: it is tried again every hour.
        if not is_on_its_way(notice_owed(booking)):
            owe_mail_again(
                booking,
                asked.asked_at,
                source=asked.source,
                pause=PAUSE if asked.not_kept in (0, booking.not_kept) else timedelta(0),
                request_id=asked.request_id,
                not_kept=asked.not_kept,
            )
        elif asked.not_kept:
            say_not_kept(booking, asked.not_kept)
