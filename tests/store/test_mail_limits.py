"""Who must not be mailed, and how often."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.domain.notices import Notice
from chalicelib.store.mail_limits import count_for_recipient, lift_suppression, suppress, suppression

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
TODAY = date(2027, 6, 1)

pytestmark = pytest.mark.usefixtures("table")


def notice(number: int) -> Notice:
    return Notice(session_id="s", key="k", booking_id=f"b{number}", kind="confirmation", version=1)


def test_an_address_gets_ten_mails_a_day_and_no_eleventh() -> None:
    answers = [count_for_recipient("org", "ann@example.org", notice(number), TODAY) for number in range(11)]
    assert answers == [True] * 10 + [False]


def test_a_notice_tried_again_counts_once_even_when_the_limit_is_reached() -> None:
    for number in range(10):
        count_for_recipient("org", "ann@example.org", notice(number), TODAY)
    assert count_for_recipient("org", "ann@example.org", notice(3), TODAY)


def test_mails_asked_for_again_have_three_a_day_of_their_own() -> None:
    asked = [count_for_recipient("org", "ann@example.org", notice(n), TODAY, again=True) for n in range(4)]
    assert asked == [True] * 3 + [False]
    assert all(count_for_recipient("org", "ann@example.org", notice(n), TODAY) for n in range(10))


def test_addresses_that_differ_after_a_plus_share_a_count_and_no_others_do() -> None:
    for number in range(10):
        count_for_recipient("org", f"ann+{number}@example.org", notice(number), TODAY)
    assert not count_for_recipient("org", "ann@example.org", notice(10), TODAY)
    assert not count_for_recipient("org", "ann+x+y@example.org", notice(10), TODAY)
    assert count_for_recipient("org", "+ann@example.org", notice(10), TODAY)
    assert count_for_recipient("org", "ann@other.example.org", notice(10), TODAY)


def test_the_spellings_that_one_gmail_address_has_share_a_count() -> None:
    spellings = ["anna@gmail.com", "an.na@gmail.com", "a.n.n.a@googlemail.com", "a.nna+x@gmail.com"]
    for number in range(10):
        count_for_recipient("org", spellings[number % 4], notice(number), TODAY)
    assert not count_for_recipient("org", "ann.a@googlemail.com", notice(10), TODAY)
    assert count_for_recipient("org", "an.na@example.org", notice(10), TODAY)


def test_the_limit_is_by_organiser_and_address_and_day() -> None:
    for number in range(10):
        count_for_recipient("org", "ann@example.org", notice(number), TODAY)
    assert count_for_recipient("other", "ann@example.org", notice(10), TODAY)
    assert count_for_recipient("org", "bob@example.org", notice(10), TODAY)
    assert count_for_recipient("org", "ann@example.org", notice(10), date(2027, 6, 2))


def test_the_count_is_forgotten_some_days_later_and_never_spells_the_address(table: Any) -> None:
    count_for_recipient("org", "ann@example.org", notice(1), TODAY)
    (line,) = table.scan(TableName="turnout-test")["Items"]
    assert line["expires"] == {"N": str(int(datetime(2027, 6, 4, tzinfo=UTC).timestamp()))}
    assert "ann" not in repr(line)


def test_a_suppressed_address_stays_so_and_that_somebody_complained_outlives_a_bounce(table: Any) -> None:
    assert suppression("ann@example.org") is None
    for reason, then in (("bounced", "bounced"), ("complained", "complained"), ("bounced", "complained")):
        suppress("ann@example.org", reason, NOW)  # type: ignore[arg-type]  # one of its literals
        assert suppression("ann@example.org") == then
    assert suppression("bob@example.org") is None
    assert "ann" not in repr(table.scan(TableName="turnout-test")["Items"])


def test_a_bounce_is_lifted_until_the_next_one_and_a_complaint_never(table: Any) -> None:
    lift_suppression("ann@example.org", NOW)
    assert table.scan(TableName="turnout-test")["Items"] == [], "there was nothing to lift"
    for _ in range(2):
        suppress("ann@example.org", "bounced", NOW)
        lift_suppression("ann@example.org", NOW)
        assert suppression("ann@example.org") is None
    suppress("ann@example.org", "complained", NOW)
    lift_suppression("ann@example.org", NOW)
    assert suppression("ann@example.org") == "complained"
