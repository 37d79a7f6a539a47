"""How many mails a source may set off in an hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.ids import source_hash
from chalicelib.domain.notices import Notice
from chalicelib.store.mail_limits import count_for_source

NOW = datetime(2027, 6, 1, 9, 30, tzinfo=UTC)
SOURCE = source_hash(b"secret", "203.0.113.7")
ORGANISER = "a" * 16

pytestmark = pytest.mark.usefixtures("table")


def notice(number: int) -> Notice:
    return Notice(session_id="s", key="k", booking_id=f"b{number}", kind="confirmation", version=1)


def count(number: int, *, organiser: str = ORGANISER, source: str = SOURCE, now: datetime = NOW) -> bool:
    return count_for_source(organiser, source, notice(number), now, mails_max=100)


def test_a_source_sets_off_a_hundred_mails_an_hour_and_no_more_within_one_write_unit_each(table: Any) -> None:
    assert [count(number) for number in range(101)] == [True] * 100 + [False]
    (line,) = table.scan(TableName="turnout-test")["Items"]
    notices = line.pop("notices")["SS"]
    # DynamoDB's sizes: names and texts in UTF-8, a number at most 21 bytes, a set 3 and 1 for each element.
    others = sum(len(name) + (len(value["S"]) if "S" in value else 21) for name, value in line.items())
    assert others + len("notices") + 3 + sum(1 + len(short_id) for short_id in notices) <= 1024


def test_a_notice_tried_again_counts_once_even_when_the_limit_is_reached() -> None:
    for number in range(100):
        count(number)
    assert count(3)


def test_the_limit_is_by_organiser_and_source_and_hour() -> None:
    for number in range(100):
        count(number)
    assert not count(100, now=NOW + timedelta(minutes=29))
    assert count(100, now=NOW + timedelta(minutes=30))
    assert count(100, organiser="b" * 16)
    assert count(100, source=source_hash(b"secret", "203.0.113.8"))


def test_the_count_is_forgotten_a_day_later_and_never_spells_the_source(table: Any) -> None:
    count(1)
    (line,) = table.scan(TableName="turnout-test")["Items"]
    assert line["expires"] == {"N": str(int((NOW + timedelta(days=1)).timestamp()))}
    assert "203.0.113" not in repr(line)
