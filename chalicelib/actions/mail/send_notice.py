"""Send one notice: take the lease, see whether it is still owed, render it, hand it to SES, record it.

Where this process may die, and what the message's next delivery then finds:

    take_lease ──> reads ──> settle                     lease runs out; all of it is done again
        └──> counts                                     as above; counting a notice twice is once
                 ├──> over a limit: postpone, message   as where SES throttles
                 ├──> suppressed: settle                as above
                 ├──> tried by another: postpone        as where SES throttles
                 └──> our turn                          as above; it is still this notice's try
                          ├──> reads, if that took long as above
                          ├──> overtaken: settle        as above
                          └──> begin_send               as above
                                 ├──> SES ──> advance   SES's SEND event is the receipt; without one
                                 │               │      when the lease has run out: sent again, counted
                                 │               └──> what follows: the reconciler finds that owed
                                 └──> throttled:        the message that came in is still there
                                      postpone, message

The message is deleted last of all, so every death leaves it in the queue.

Queues deliver in any order, so what a mail says must still be so when it goes. It is read when the lease is
taken, and once more if that was long ago by the time it is our turn: a mail that overtakes this one has to
come through the stream, the queue and a mailer of its own, which takes far longer than the counts do.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from botocore.exceptions import ClientError
from msgspec import Struct

from chalicelib import logs
from chalicelib.actions.mail.write_notice import write_notice
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.kinds import KINDS, is_timed, may_hear_of_change
from chalicelib.domain.notices import Notice, is_overtaken, notices_following, owed_since
from chalicelib.domain.session import Session, is_called_off
from chalicelib.domain.told import News, Told, news_for, told_of
from chalicelib.mail import ses
from chalicelib.mail.render import RenderedMail
from chalicelib.settings import settings
from chalicelib.store.mail_limits import (
    BEING_TRIED,
    LOOKED_AGAIN_AFTER,
    count_for_recipient,
    count_for_source,
    seconds_left_of_hour,
    seconds_until_more,
    suppression_of,
)
from chalicelib.store.messages import DELAY_SECONDS_MAX, send_notice_later, send_notices
from chalicelib.store.sent_mail import Lease, LeaseLost, advance, begin_send, postpone, settle, take_lease
from chalicelib.store.together import find_with_session
from chalicelib.store.told import sent_before

Unsent = Literal["overtaken", "suppressed", "failed"]
Fate = Unsent | Literal["sent", "settled", "postponed", "leased", "ambiguous"]

_FIRST_DELAY_SECONDS = 10


class _Facts(Struct, frozen=True):
    """What an email is made of, as it is now."""

    booking: Booking
    session: Session
    event: Event
    news: News | None


def send_notice(
    notice: Notice, *, now: datetime, postponed: int = 0, chance: float, wait_for_turn: Callable[[], bool]
) -> Fate:
    """Send this notice if it is owed and nobody else is at it.

    ``postponed`` says how often SES had no room for it; ``chance`` in [0, 1) spreads the next try.
    ``wait_for_turn`` is called once for each mail that goes to SES, and for nothing else; it must
    return well before the lease runs out, and say whether what was read before it may be out of date.
    After "leased" and "ambiguous" the message has to come back; after all others it is done with.
    An error leaves the message in the queue too.
    """
    lease = take_lease(notice, now)
    if not isinstance(lease, Lease):
        return lease
    try:
        facts = _facts_to_send(lease, now, postponed, chance, wait_for_turn)
        if not isinstance(facts, _Facts):
            return facts
        mail = write_notice(notice, facts.event, facts.session, facts.booking, news=facts.news, now=now)
        fate = _hand_over(lease, mail, told_of(facts.session, notice.key), now, postponed, chance)
        if fate == "sent":
            send_notices(notices_following(notice, facts.booking, facts.session))
    except LeaseLost:
        # SES said that an earlier try went out, or we were slow and another took over: it comes back once.
        return "leased"
    return fate


def _facts_to_send(
    lease: Lease, now: datetime, postponed: int, chance: float, wait_for_turn: Callable[[], bool]
) -> _Facts | Fate:
    """Return what this notice's mail is to be made of, once it is its turn; or how it ended unsent."""
    notice = lease.notice
    facts = _facts(notice)
    if facts is None:
        logs.error("notice_without_booking", booking_id=notice.booking_id, kind=notice.kind)
        return _leave_unsent(lease, "failed", "no_booking", now)
    against = _overtaken(notice, facts, now)
    if against is None:
        # Last of all, for it may give this mail the one try at an address that bounced.
        wait = _limit_above(notice, facts, now)
        suppressed = None if wait else suppression_of(notice, facts.booking, now)
        if suppressed == BEING_TRIED:
            wait = suppressed, LOOKED_AGAIN_AFTER.total_seconds()
        if wait:
            reason, seconds = wait
            return _send_later(lease, now, round(seconds + 60 * chance), postponed, reason, begun=False)
        if suppressed:
            return _leave_unsent(lease, "suppressed", suppressed, now)
        if wait_for_turn():
            # Meanwhile the booking's CANCEL may have gone out, or a mail that says where the session is by
            # now: SEQUENCE must not fall behind those. (No booking is ever deleted, so it is still there.)
            facts = _facts(notice) or facts
            against = _overtaken(notice, facts, now)
    return facts if against is None else _leave_unsent(lease, *against, now)


def _facts(notice: Notice) -> _Facts | None:
    """Return what the mail is made of, as it is now; None if there is no booking."""
    found = find_with_session(notice.event_id, notice.session_id, notice.key)
    if found is None:
        return None
    news = None
    if may_hear_of_change(found.booking, found.session):
        news = news_for(found.booking, found.session, sent_before(notice))
    return _Facts(found.booking, found.session, found.event, news)


def _overtaken(notice: Notice, facts: _Facts, now: datetime) -> tuple[Unsent, str] | None:
    """Return a code for why this notice is no longer to be sent, if it isn't."""
    if is_overtaken(notice, facts.booking, facts.session, facts.event, now):
        return "overtaken", "overtaken"
    if KINDS[notice.kind].only_if_new and facts.news is None:
        return "overtaken", "already_told"
    if KINDS[notice.kind].when_off:
        return None
    if is_called_off(facts.event, facts.session, now):
        # The fan-out has yet to reach this booking; nobody must be told to come until it does.
        return "overtaken", "session_cancelled"
    return ("overtaken", "session_over") if now > facts.session.ends_at else None


def _limit_above(notice: Notice, facts: _Facts, now: datetime) -> tuple[str, float] | None:
    """Return which limit holds this mail back, and for how many seconds; None if it may go, and is counted.

    It goes later: behind a source may be a whole office, and a stranger may have typed in the address.
    What was asked for once more, and what is due at a time, count apart; what an organiser set off, who has
    no source, not at all.
    """
    booking, timed = facts.booking, is_timed(notice.kind)
    source = booking.source if timed else booking.emails_caused_by
    if not KINDS[notice.kind].counted or not source:
        return None
    since = owed_since(notice, booking, facts.session)
    if not count_for_recipient(notice, booking, source, now, owed_since=since):
        return "recipient_limit", seconds_until_more(since, now)
    # Those due at a time come together, and are spread (actions/mail/notify_when_due.py).
    limit = settings().mails_per_source_hour
    if not timed and not count_for_source(booking.organiser_id, source, notice, now, mails_max=limit):
        return "source_limit", seconds_left_of_hour(now)
    return None


def _leave_unsent(lease: Lease, state: Unsent, reason: str, now: datetime) -> Unsent:
    """Settle this notice without a mail."""
    settle(lease, state, now, reason)
    if state == "failed":
        logs.metric("MailsFailed", reason=reason)
    return state


def _hand_over(
    lease: Lease, mail: RenderedMail, told: Told, now: datetime, postponed: int, chance: float
) -> Fate:
    """Give the mail to SES, once, and record what it said."""
    notice = lease.notice
    tags = {
        "booking_id": notice.booking_id,
        "session_id": notice.session_id,
        "kind": notice.kind,
        "version": str(notice.version),
    }
    if notice.request_id:
        tags["request_id"] = notice.request_id
    tries = begin_send(lease, told)
    try:
        message_id = ses.send(mail, configuration_set=settings().mail_configuration_set, tags=tags)
    except ses.Throttled as throttled:
        delay = min(DELAY_SECONDS_MAX, _FIRST_DELAY_SECONDS * 2 ** min(postponed, 10))
        delay_seconds = max(1, round(delay * (0.5 + chance / 2)))
        return _send_later(lease, now, delay_seconds, postponed + 1, throttled.reason)
    except ses.RefusedForGood as refused:
        return _leave_unsent(lease, "failed", refused.reason, now)
    except ses.Ambiguous as ambiguous:
        # The lease stays. Until it runs out, SES's SEND event can still tell us that the mail went out.
        logs.info("notice_ambiguous", booking_id=notice.booking_id, kind=notice.kind, reason=ambiguous.reason)
        _count_again(tries)
        return "ambiguous"
    except ClientError:
        # SES answered, and not with a mail taken: our deployment is at fault, and the queue tries again.
        postpone(lease, now, delay_seconds=0)
        raise
    advance(notice.identity, "sent", now, message_id=message_id, told=told)
    _count_again(tries)
    return "sent"


def _send_later(
    lease: Lease, now: datetime, delay_seconds: int, postponed: int, reason: str, *, begun: bool = True
) -> Fate:
    """Send a notice on as a new message, so that waiting never counts as failing.

    The lease goes back first. Dying right after leaves the message that came in, which finds the notice
    free; the other way round it would find a lease run out, and count as sent twice what SES refused.
    """
    postpone(lease, now, delay_seconds, begun=begun, reason=reason)
    send_notice_later(lease.notice, now, postponed=postponed, delay_seconds=delay_seconds)
    logs.metric("MailsPostponed", reason=reason, delay_seconds=delay_seconds)
    return "postponed"


def _count_again(tries: int) -> None:
    if tries > 1:
        logs.metric("MailSentAgain")
