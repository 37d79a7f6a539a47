"""Send a booking's mail once more, because an organiser says so."""

from datetime import datetime

from chalicelib.domain.booking import Booking, require_there
from chalicelib.domain.correction import (
    NOTHING_MAILED,
    SEND_AGAIN_PAUSE,
    MailedJustNow,
    RecipientComplained,
)
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import Busy, Cancelled, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store.mail_limits import lift_suppression, suppression
from chalicelib.store.owed_mail import owe_mail_again


def send_mail_again(
    caller: Caller,
    session: Session | None,
    booking: Booking | None,
    *,
    now: datetime,
    request_id: str = "",
) -> Booking:
    """Owe the booking's confirmation or cancellation once more, whatever became of the last one.

    An address whose mails bounced is mailed again: the organiser has heard that it is good. One whose
    reader complained is not, whoever asks.

    Raises NotFound, Forbidden, SessionOver, Cancelled (its own cancellation is on the way),
    RecipientComplained, MailedJustNow, or Busy.
    """
    session = require_session(caller, session, "host")
    booking = require_there(booking)
    if now > session.ends_at:
        raise SessionOver(NOTHING_MAILED)
    if session.status == "cancelled" and booking.status == "confirmed":
        raise Cancelled("This session is cancelled. Everyone who booked gets an email about that.")
    suppressed = suppression(booking.address)
    if suppressed == "complained":
        raise RecipientComplained
    _require_pause(booking, now)
    if suppressed is not None:
        lift_suppression(booking.address, now)
    owing = owe_mail_again(booking, now, source="", pause=SEND_AGAIN_PAUSE, request_id=request_id)
    if owing.mailed_at < now:
        # Somebody changed it meanwhile, and so came to owe it a mail.
        _require_pause(owing, now)
        raise Busy
    return owing


def _require_pause(booking: Booking, now: datetime) -> None:
    seconds_left = (max(booking.mailed_at, booking.changed_at) + SEND_AGAIN_PAUSE - now).total_seconds()
    if seconds_left > 0:
        raise MailedJustNow(max(1, round(seconds_left)))
