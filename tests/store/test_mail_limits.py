"""Who must not be mailed, and how often."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.ids import source_hash
from chalicelib.domain.notices import Notice
from chalicelib.store.mail_limits import (
    BEING_TRIED,
    count_for_recipient,
    lift_suppression,
    seconds_until_more,
    suppress,
    suppression,
    suppression_of,
)
from chalicelib.store.sent_mail import SettledState, advance, take_lease
from tests.mail.samples import BOOKING
from tests.wire import requests_counted

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN = "ann@example.org"

pytestmark = pytest.mark.usefixtures("table")


def notice(number: int) -> Notice:
    return Notice(session_id="s", key="k", booking_id=f"b{number}", kind="confirmation", version=1)


def count(
    number: int,
    address: str = ANN,
    source: str = "home",
    *,
    organiser: str = "org",
    now: datetime = NOW,
    owed_since: datetime | None = None,
    again: bool = False,
    kind: str = "confirmation",
) -> bool:
    owing = replace(BOOKING, organiser_id=organiser, address=address)
    one = replace(notice(number), version=2 if again else 1, kind=kind)
    return count_for_recipient(one, owing, source, now, owed_since=owed_since or now)


def test_one_source_gets_ten_mails_a_day_to_an_address_and_no_eleventh() -> None:
    assert [count(number) for number in range(11)] == [True] * 10 + [False]


def test_a_notice_tried_again_counts_once_even_when_the_limit_is_reached() -> None:
    for number in range(10):
        count(number)
    assert count(3)


def test_what_one_source_uses_up_is_not_what_another_has() -> None:
    for number in range(11):
        count(number, source="stranger")
    assert [count(number) for number in range(11, 22)] == [True] * 10 + [False]


def test_mails_asked_for_again_have_three_a_day_and_source_of_their_own() -> None:
    assert [count(n, source="stranger", again=True) for n in range(4)] == [True] * 3 + [False]
    assert [count(n, again=True) for n in range(4, 8)] == [True] * 3 + [False]
    assert all(count(n) for n in range(10))


def test_reminders_of_both_kinds_have_ten_a_day_and_source_of_their_own_and_leave_the_others_alone() -> None:
    reminders = [count(n, kind="reminder_today" if n % 2 else "reminder") for n in range(11)]
    assert reminders == [True] * 10 + [False]
    assert count(10, kind="reminder", source="elsewhere")
    assert [count(n, again=True) for n in range(4)] == [True] * 3 + [False]
    assert [count(n) for n in range(20, 31)] == [True] * 10 + [False]


def test_an_address_gets_twenty_reminders_of_all_sources_and_then_one_of_each_new_one_until_thirty() -> None:
    flood = [count(number, kind="reminder", source=f"stranger {number % 8}") for number in range(40)]
    assert flood == [True] * 20 + [False] * 20
    assert count(40, kind="reminder"), "the first from a source of its own"
    assert not count(41, kind="reminder"), "the second has to wait"
    others = [count(number, kind="reminder", source=f"other {number}") for number in range(50, 70)]
    assert others == [True] * 9 + [False] * 11


def test_an_address_gets_fifty_of_all_sources_and_then_one_of_each_that_sent_none_until_a_hundred() -> None:
    for number in range(50):
        assert count(number, source=f"stranger {number // 10}")
    assert not count(50, source="stranger 4")
    assert count(50), "the first from a source of its own"
    assert not count(51), "the second has to wait"
    others = [count(number, source=f"other {number}") for number in range(60, 120)]
    assert others == [True] * 49 + [False] * 11


def test_each_hour_of_waiting_lets_one_more_pass_and_those_owed_for_longer_come_first() -> None:
    for number in range(10):
        count(number)
    older, newer = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)

    def passing(hours: int) -> list[int]:
        now = NOW + hours * HOUR
        owed = [(12, newer), (10, older), (11, older)]
        left = [(n, since) for n, since in owed if n not in passed]
        return [n for n, since in left if count(n, now=now, owed_since=since)]

    passed: list[int] = []
    for hours, one in enumerate(([], [10], [11], [], [12])):
        found = passing(hours)
        assert found == one, f"after {hours} hours"
        passed += found
    assert not count(13, now=NOW + 4 * HOUR), "nor does one that just came"


def test_those_that_wait_for_days_do_not_all_come_at_once_at_the_end() -> None:
    midnight = NOW.replace(hour=0) + timedelta(days=3)
    for hours, in_all in ((0, 10), (1, 11), (23, 33)):
        now = midnight + hours * HOUR
        passed = [count(number, now=now, owed_since=NOW) for number in range(60)]
        assert sum(passed) == in_all


def test_a_mail_above_the_limit_is_tried_again_when_it_has_waited_for_another_whole_hour() -> None:
    assert seconds_until_more(NOW, NOW) == 3600
    assert seconds_until_more(NOW, NOW + timedelta(minutes=59)) == 60
    assert seconds_until_more(NOW, NOW + timedelta(hours=5, seconds=1)) == 3599
    assert seconds_until_more(NOW, NOW - timedelta(seconds=1)) == 1, "clocks differ a little"


def test_addresses_that_differ_after_a_plus_share_a_count_and_no_others_do() -> None:
    for number in range(10):
        count(number, f"ann+{number}@example.org")
    assert not count(10)
    assert not count(10, "ann+x+y@example.org")
    assert count(10, "+ann@example.org")
    assert count(10, "ann@other.example.org")


def test_the_spellings_that_one_gmail_address_has_share_a_count() -> None:
    spellings = ["anna@gmail.com", "an.na@gmail.com", "a.n.n.a@googlemail.com", "a.nna+x@gmail.com"]
    for number in range(10):
        count(number, spellings[number % 4])
    assert not count(10, "ann.a@googlemail.com")
    assert count(10, "an.na@example.org")


def test_the_limit_is_by_organiser_and_address_and_day() -> None:
    for number in range(10):
        count(number)
    assert count(10, organiser="other")
    assert count(10, "bob@example.org")
    assert count(10, now=NOW + timedelta(days=1))


def test_the_count_is_forgotten_some_days_later_and_never_spells_the_address(table: Any) -> None:
    count(1)
    (line,) = table.scan(TableName="turnout-test")["Items"]
    assert line["expires"] == {"N": str(int(datetime(2027, 6, 4, tzinfo=UTC).timestamp()))}
    assert "ann" not in repr(line)


def test_a_usual_day_of_an_address_is_one_write_unit(table: Any) -> None:
    for number in range(20):
        count(number, source=source_hash(b"secret", f"203.0.113.{number % 5}"))
    (line,) = table.scan(TableName="turnout-test")["Items"]
    # DynamoDB's sizes: names and texts in UTF-8, a number at most 21 bytes, a set 3 and 1 for each element.
    size = 0
    for name, value in line.items():
        sets = value.get("SS")
        size += len(name) + (3 + sum(1 + len(one) for one in sets) if sets else len(value.get("S", "x" * 21)))
    assert size <= 1024


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


def held_back(number: int, *, typed_at: datetime, address: str = ANN) -> str | None:
    owing = replace(BOOKING, address=address, mailed_at=typed_at)
    now = typed_at + timedelta(minutes=1)
    # Taken already, if it was asked about before.
    take_lease(notice(number), now)
    return suppression_of(notice(number), owing, now)


def test_an_address_that_bounced_and_is_typed_in_again_after_seven_days_gets_one_mail() -> None:
    suppress(ANN, "bounced", NOW)
    assert held_back(1, typed_at=NOW + timedelta(days=6)) == "bounced"
    a_second_early = NOW + timedelta(days=7) - timedelta(seconds=1)
    assert held_back(2, typed_at=a_second_early) == "bounced"
    week_later = NOW + timedelta(days=7)
    assert held_back(3, typed_at=week_later) is None
    assert held_back(3, typed_at=week_later) is None, "this very mail may be tried again"
    assert held_back(4, typed_at=week_later) == BEING_TRIED
    advance(notice(3).identity, "sent", week_later, message_id="m")
    assert held_back(4, typed_at=week_later + HOUR) == "bounced", "one try, and no more"
    assert held_back(5, typed_at=week_later + timedelta(days=6)) == "bounced"
    assert held_back(6, typed_at=week_later + timedelta(days=7)) is None


def test_the_next_try_is_seven_days_after_the_last_one_bounced() -> None:
    suppress(ANN, "bounced", NOW)
    tried_at = NOW + timedelta(days=10)
    assert held_back(1, typed_at=tried_at) is None
    bounced_at = tried_at + timedelta(hours=1)
    suppress(ANN, "bounced", bounced_at)
    assert held_back(1, typed_at=tried_at) == "bounced"
    assert held_back(2, typed_at=bounced_at + timedelta(days=6)) == "bounced"
    assert held_back(3, typed_at=bounced_at + timedelta(days=7)) is None


@pytest.mark.parametrize(
    ("fate", "then", "at_last"),
    [
        ("delivered", None, None),
        ("sent", BEING_TRIED, "bounced"),
        # As a full mailbox is: it was sent, and was the one try.
        ("failed", "bounced", "bounced"),
    ],
)
def test_an_address_is_good_again_once_the_mail_that_tried_it_is_delivered(
    fate: SettledState, then: str | None, at_last: str | None
) -> None:
    suppress(ANN, "bounced", NOW)
    tried_at = NOW + timedelta(days=7)
    assert held_back(1, typed_at=tried_at) is None
    advance(notice(1).identity, fate, tried_at, message_id="m")
    for number in (2, 3):
        assert held_back(number, typed_at=tried_at + timedelta(minutes=5)) == then
        assert held_back(number, typed_at=tried_at + HOUR) == at_last
    assert suppression(ANN) == at_last


@pytest.mark.parametrize("fate", ["overtaken", "suppressed", "failed"])
def test_a_try_that_ends_unsent_is_given_back_to_the_next_and_to_no_mail_that_nobody_typed_in_since(
    fate: SettledState,
) -> None:
    suppress(ANN, "bounced", NOW)
    tried_at = NOW + timedelta(days=7)
    assert held_back(1, typed_at=tried_at) is None
    advance(notice(1).identity, fate, tried_at)
    assert held_back(2, typed_at=NOW + timedelta(days=6)) == "bounced"
    assert held_back(3, typed_at=tried_at) is None
    assert held_back(4, typed_at=tried_at) == BEING_TRIED


def test_a_try_of_which_nothing_is_heard_for_an_hour_holds_up_nobody() -> None:
    suppress(ANN, "bounced", NOW)
    assert held_back(1, typed_at=NOW + timedelta(days=7)) is None
    assert held_back(2, typed_at=NOW + timedelta(days=7) + HOUR) is None


def test_an_address_that_complained_is_never_tried_again() -> None:
    suppress(ANN, "complained", NOW)
    assert held_back(1, typed_at=NOW + timedelta(days=700)) == "complained"
    suppress(ANN, "bounced", NOW + timedelta(days=1))
    assert suppression(ANN) == "complained"
    suppress("bob@example.org", "bounced", NOW)
    assert held_back(2, address="bob@example.org", typed_at=NOW + timedelta(days=7)) is None
    suppress("bob@example.org", "complained", NOW + timedelta(days=8))
    assert held_back(2, address="bob@example.org", typed_at=NOW + timedelta(days=30)) == "complained"


def test_an_address_that_never_bounced_is_asked_about_once_and_written_nothing(table: Any) -> None:
    with requests_counted() as sent:
        assert suppression_of(notice(1), replace(BOOKING, address=ANN), NOW) is None
    assert sent == {"GetItem": 1}
