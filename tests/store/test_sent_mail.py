"""The ledger's own promises."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.domain.notices import Notice
from chalicelib.domain.told import Sent, told_of
from chalicelib.store import sent_mail
from chalicelib.store.mail_states import states, unsettled
from chalicelib.store.sent_mail import Lease, LeaseLost, SettledState, advance, take_lease
from chalicelib.store.told import sent_before
from tests.mail import samples

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
ONE = Notice(session_id="s", key="k", booking_id="b", kind="confirmation", version=1)
ONE_ID = ("b", "confirmation", 1)
NEXT = Notice(session_id="s", key="k", booking_id="b", kind="change", version=1)
TOLD = told_of(samples.SESSION, "k")
MOVED = told_of(samples.MOVED, "k")

pytestmark = pytest.mark.usefixtures("table")


def leased(notice: Notice = ONE, now: datetime = NOW) -> Lease:
    lease = take_lease(notice, now)
    assert isinstance(lease, Lease)
    return lease


def state_of(notice: Notice = ONE) -> str:
    return states([notice])[notice].state


def test_a_lease_is_given_once() -> None:
    leased()
    assert take_lease(ONE, NOW + timedelta(seconds=89)) == "leased"


def test_a_lease_that_ran_out_is_given_again() -> None:
    leased()
    leased(now=NOW + timedelta(seconds=90))


def test_whoever_lost_the_lease_can_neither_send_nor_settle() -> None:
    slow = leased()
    leased(now=NOW + timedelta(seconds=90))
    with pytest.raises(LeaseLost):
        sent_mail.begin_send(slow, TOLD)
    with pytest.raises(LeaseLost):
        sent_mail.settle(slow, "failed", NOW, "recipient_limit")
    with pytest.raises(LeaseLost):
        sent_mail.postpone(slow, NOW, 10)
    assert state_of() == "sending"


@pytest.mark.parametrize("state", ["overtaken", "suppressed", "sent", "failed", "delivered", "bounced"])
def test_a_settled_notice_is_never_leased_again(state: SettledState) -> None:
    leased()
    advance(ONE_ID, state, NOW)
    assert take_lease(ONE, NOW + timedelta(days=1)) == "settled"


def test_a_postponed_notice_is_free_at_once_and_its_refused_try_does_not_count() -> None:
    lease = leased()
    assert sent_mail.begin_send(lease, TOLD) == 1
    sent_mail.postpone(lease, NOW, 600)
    assert sent_mail.begin_send(leased(now=NOW + timedelta(seconds=1)), TOLD) == 1


def test_tries_of_which_nobody_knows_the_end_are_counted() -> None:
    assert sent_mail.begin_send(leased(), TOLD) == 1
    assert sent_mail.begin_send(leased(now=NOW + timedelta(seconds=90)), TOLD) == 2


def test_a_line_moves_forward_through_every_pair_of_states_and_never_back() -> None:
    order: list[SettledState] = ["overtaken", "sent", "failed", "delivered", "bounced", "complained"]
    for earlier_index, earlier in enumerate(order):
        for later_index, later in enumerate(order):
            notice = msgspec.structs.replace(ONE, booking_id=earlier + later)
            notice_id = (notice.booking_id, notice.kind, notice.version)
            leased(notice)
            assert advance(notice_id, earlier, NOW)
            assert advance(notice_id, later, NOW) == (later_index > earlier_index), (earlier, later)
            assert state_of(notice) == order[max(earlier_index, later_index)]


def test_what_ses_had_is_recorded_even_if_the_ledger_never_heard_of_it() -> None:
    assert advance(ONE_ID, "delivered", NOW, message_id="m")
    line = states([ONE])[ONE]
    assert (line.state, line.message_id) == ("delivered", "m")


def test_a_receipt_that_comes_while_we_try_again_stops_the_second_mail() -> None:
    leased()
    second = leased(now=NOW + timedelta(seconds=90))
    advance(ONE_ID, "sent", NOW, message_id="m")
    with pytest.raises(LeaseLost):
        sent_mail.begin_send(second, TOLD)


def test_a_later_state_keeps_the_message_id_of_an_earlier_one() -> None:
    leased()
    advance(ONE_ID, "sent", NOW, message_id="m")
    advance(ONE_ID, "failed", NOW, reason="rejected")
    line = states([ONE])[ONE]
    assert (line.message_id, line.reason) == ("m", "rejected")


def test_unsettled_are_those_nobody_works_on() -> None:
    notices = [
        msgspec.structs.replace(ONE, booking_id=name)
        for name in ("absent", "leased", "abandoned", "sent", "postponed", "forgotten", "failed")
    ]
    absent, in_hand, abandoned, sent, postponed, forgotten, failed = notices
    leased(in_hand, NOW - timedelta(seconds=89))
    leased(abandoned, NOW - timedelta(seconds=90))
    leased(sent, NOW - timedelta(days=1))
    advance((sent.booking_id, sent.kind, 1), "sent", NOW)
    sent_mail.postpone(leased(postponed), NOW, 600)
    an_hour_ago = NOW - timedelta(hours=1)
    sent_mail.postpone(leased(forgotten, an_hour_ago), an_hour_ago, 600)
    sent_mail.settle(leased(failed), "failed", NOW, "recipient_limit")
    until = [sent_mail.milliseconds(NOW + timedelta(seconds=seconds)) for seconds in (1, 600 + 300)]
    assert unsettled(notices, states(notices), NOW) == ([absent, abandoned, forgotten], until)


def test_states_are_read_beyond_one_batch() -> None:
    notices = [
        Notice(session_id="s", key="k", booking_id=f"b{number}", kind="cancellation", version=2)
        for number in range(120)
    ]
    for notice in notices[1:]:
        leased(notice)
    known = states(notices)
    assert set(known) == set(notices[1:])


def test_every_line_carries_its_schema_number(table: Any) -> None:
    leased()
    advance(("other", "confirmation", 1), "sent", NOW)
    lines = table.scan(TableName="turnout-test")["Items"]
    assert [line["schema"] for line in lines] == [{"N": "1"}, {"N": "1"}]


def test_what_an_email_told_is_known_once_it_went_out() -> None:
    lease = leased()
    assert sent_before(NEXT) == []
    sent_mail.begin_send(lease, TOLD)
    assert sent_before(NEXT) == [Sent("confirmation", None)], "it may have gone out"
    assert sent_before(ONE) == [], "its own tries are not before it"
    # SES's word, which does not say what was in the email.
    advance(ONE_ID, "sent", NOW)
    assert sent_before(NEXT) == [Sent("confirmation", TOLD)]


@pytest.mark.parametrize(
    ("state", "told"), [("delivered", 1), ("complained", 1), ("failed", 0), ("bounced", 0)]
)
def test_an_email_that_did_not_arrive_told_nothing(state: SettledState, told: int) -> None:
    sent_mail.begin_send(leased(), TOLD)
    advance(ONE_ID, state, NOW)
    assert len(sent_before(NEXT)) == told


def test_of_an_email_from_before_what_was_told_is_left_out() -> None:
    advance(ONE_ID, "sent", NOW)
    assert sent_before(NEXT) == []


def test_of_an_email_that_was_tried_twice_only_its_writer_knows_what_was_told_last() -> None:
    sent_mail.begin_send(leased(), TOLD)
    sent_mail.begin_send(leased(now=NOW + timedelta(seconds=90)), MOVED)
    other = msgspec.structs.replace(ONE, version=2)
    sent_mail.begin_send(leased(other), TOLD)
    sent_mail.begin_send(leased(other, NOW + timedelta(seconds=90)), MOVED)
    advance(ONE_ID, "sent", NOW)
    advance(other.identity, "sent", NOW, told=MOVED)
    assert sent_before(NEXT) == [Sent("confirmation", None), Sent("confirmation", MOVED)]


def test_a_try_that_ses_refused_told_nothing() -> None:
    lease = leased()
    sent_mail.begin_send(lease, TOLD)
    sent_mail.postpone(lease, NOW, 10)
    sent_mail.begin_send(leased(now=NOW + timedelta(seconds=1)), MOVED)
    advance(ONE_ID, "sent", NOW)
    assert sent_before(NEXT) == [Sent("confirmation", MOVED)]


def test_what_another_address_was_sent_told_this_one_nothing() -> None:
    sent_mail.begin_send(leased(), TOLD)
    sent_mail.begin_send(leased(now=NOW + timedelta(seconds=90)), TOLD)
    advance(ONE_ID, "sent", NOW)
    assert sent_before(NEXT) == [Sent("confirmation", None)]
    corrected = msgspec.structs.replace(NEXT, key="another")
    assert sent_before(corrected) == []


def test_an_email_from_before_we_kept_whom_it_was_sent_counts_for_whoever_has_the_booking() -> None:
    older = msgspec.structs.replace(TOLD, key="")
    sent_mail.begin_send(leased(), older)
    advance(ONE_ID, "sent", NOW)
    assert sent_before(NEXT) == [Sent("confirmation", older)]
