"""Answer somebody who asked for an email again: owe it, if there is a booking to send one about."""

from chalicelib.domain.booking import AskedAgain
from chalicelib.domain.notices import notice_owed
from chalicelib.store.bookings import bookings_at
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.sent_mail import is_on_its_way


def answer_ask(asked: AskedAgain) -> None:
    """Owe the emails of all that this address has booked here, but not within ten minutes of the last ones.

    The mailer has the last word: it knows who has had enough, and whether the session still takes place.
    Doing it again, later or twice at once, owes nothing more. Raises Busy.
    """
    for booking in bookings_at(asked.session_id, asked.keys).values():
        # Asking for a mail that is on its way would only send it to the back of the queue. One that waits
        # because its source had enough is another's too: whoever asks from elsewhere doesn't wait with them.
        if booking.status == "confirmed" and not is_on_its_way(
            notice_owed(booking), held_back_too=booking.emails_caused_by == asked.source
        ):
            owe_mail_again(booking, asked.asked_at, source=asked.source, request_id=asked.request_id)
