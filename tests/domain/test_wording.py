from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any, NoReturn, Self

import pytest
from msgspec.structs import replace

from chalicelib.domain.wording import (
    When,
    ahead_in_words,
    clock_and_day,
    clock_in_words,
    estimate_in_words,
    minutes_in_words,
    moment_in_words,
    utc_in_words,
    when,
)
from tests.mail.samples import SESSION

said_moment = partial(moment_in_words, says_zone=True)
said_clock = partial(clock_in_words, says_zone=True)


def said_of(starts: str, ends: str, zone: str = "Europe/London") -> When:
    times = {"starts_local": datetime.fromisoformat(starts), "ends_local": datetime.fromisoformat(ends)}
    return when(replace(SESSION, zone=zone, **times), says_zone=True)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("00:01", "12.01am"),
        ("00:30", "12.30am"),
        ("01:00", "1am"),
        ("09:05", "9.05am"),
        ("11:59", "11.59am"),
        ("12:00", "midday"),
        ("12:30", "12.30pm"),
        ("13:00", "1pm"),
        ("19:00", "7pm"),
        ("19:30", "7.30pm"),
        ("23:59", "11.59pm"),
    ],
)
def test_a_time_is_said_as_people_in_britain_say_it(clock: str, words: str) -> None:
    assert said_of(f"2026-09-05T{clock}", "2026-09-05T23:59").starts == words


def test_a_session_says_its_day_its_hours_and_its_zone() -> None:
    assert when(SESSION, says_zone=True) == When(
        date="Saturday 5 September 2026",
        short_date="Sat 5 Sep",
        starts="7pm",
        ends="10pm",
        zone="UK time",
        clock_change=None,
    )


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        ("2026-09-05T19:00", "2026-09-06T00:00", ("7pm", "midnight")),
        ("2026-09-05T19:00", "2026-09-06T01:30", ("7pm", "1.30am on Sunday 6 September 2026")),
        ("2026-09-05T00:00", "2026-09-05T02:00", ("midnight at the start of the day", "2am")),
        (
            "2026-09-04T19:00",
            "2026-09-06T00:00",
            ("7pm", "midnight at the start of Sunday 6 September 2026"),
        ),
    ],
)
def test_an_end_on_another_day_says_which_and_midnight_says_of_which_night(
    starts: str, ends: str, said: tuple[str, str]
) -> None:
    session = said_of(starts, ends)
    assert (session.starts, session.ends) == said


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "said"),
    [
        (
            "2026-10-25T00:30",
            "2026-10-25T02:30",
            "Europe/London",
            "the clocks go back 1 hour at 2am",
        ),
        (
            "2026-10-24T22:00",
            "2026-10-25T03:00",
            "Europe/London",
            "the clocks go back 1 hour at 2am on 25 October",
        ),
        (
            "2026-10-25T00:30",
            "2026-10-25T01:30",
            "Europe/London",
            "before the clocks go back 1 hour at 2am",
        ),
        (
            "2027-03-28T00:30",
            "2027-03-28T04:00",
            "Europe/London",
            "the clocks go forward 1 hour at 1am",
        ),
        (
            "2027-04-04T01:00",
            "2027-04-04T04:00",
            "Australia/Lord_Howe",
            "the clocks go back 30 minutes at 2am",
        ),
        ("2026-10-25T00:30", "2026-10-25T00:59", "Europe/London", None),
        ("2026-10-25T02:00", "2026-10-25T04:00", "Europe/London", None),
    ],
)
def test_a_session_says_what_the_clocks_do_meanwhile(
    starts: str, ends: str, zone: str, said: str | None
) -> None:
    assert said_of(starts, ends, zone).clock_change == said


def test_an_instant_is_said_by_the_clocks_of_the_zone_with_the_zones_name() -> None:
    moment = datetime(2026, 8, 4, 18, 5, tzinfo=UTC)
    assert said_moment(moment, "Europe/London") == "7.05pm on Tuesday 4 August 2026 (UK time)"
    assert said_moment(moment, "Etc/GMT+5") == "1.05pm on Tuesday 4 August 2026 (UTC-05:00)"
    assert said_clock(moment, "Europe/London") == "7.05pm (UK time)"
    assert clock_and_day(moment, "Europe/London") == "7.05pm on 4 August"
    assert utc_in_words(moment) == "6.05pm UTC on 4 August 2026"


def test_midnight_says_that_it_begins_the_day() -> None:
    moment = datetime(2026, 8, 4, tzinfo=UTC)
    assert said_moment(moment, "UTC") == "midnight at the start of Tuesday 4 August 2026 (UTC)"
    assert clock_and_day(moment, "UTC") == "midnight at the start of 4 August"
    assert utc_in_words(moment) == "midnight UTC at the start of 4 August 2026"


@pytest.mark.parametrize(("hour", "which"), [(0, "before"), (1, "after")])
def test_a_time_that_clocks_show_twice_says_which_of_the_two_is_meant(hour: int, which: str) -> None:
    moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert said_clock(moment, "Europe/London") == f"1.30am (UK time, {which} the clocks go back)"


def test_where_no_zone_is_to_be_said_times_say_only_what_the_clocks_do() -> None:
    night = {"starts_local": datetime(2026, 10, 25, 0, 30), "ends_local": datetime(2026, 10, 25, 2, 30)}
    assert when(SESSION, says_zone=False).hours == "7pm to 10pm"
    assert when(SESSION, says_zone=True).hours == "7pm to 10pm, UK time"
    changing = replace(SESSION, **night)
    change = "(the clocks go back 1 hour at 2am)"
    assert when(changing, says_zone=False).hours == f"12.30am to 2.30am {change}"
    assert when(changing, says_zone=True).hours == f"12.30am to 2.30am, UK time {change}"
    moment = datetime(2026, 8, 4, 18, 5, tzinfo=UTC)
    assert moment_in_words(moment, "Europe/London", says_zone=False) == "7.05pm on Tuesday 4 August 2026"
    assert clock_in_words(moment, "Europe/London", says_zone=False) == "7.05pm"
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert clock_in_words(twice, "Europe/London", says_zone=False) == "1.30am (before the clocks go back)"


class _WithoutLocale(datetime):
    """A time that can't be formatted by Python, whose names follow the locale."""

    def strftime(self, _: str) -> NoReturn:
        raise AssertionError("the names of days and months must not depend on the locale")

    def astimezone(self, tz: tzinfo | None = None) -> Self:
        return type(self).fromtimestamp(self.timestamp(), tz)


def test_no_words_depend_on_the_locale_of_the_machine() -> None:
    starts, ends = _WithoutLocale(2026, 9, 5, 19), _WithoutLocale(2026, 9, 7, 1)
    assert (
        when(replace(SESSION, starts_local=starts, ends_local=ends), says_zone=True).short_date == "Sat 5 Sep"
    )
    moment: Any = _WithoutLocale(2026, 8, 4, 11, tzinfo=UTC)
    for say in (said_moment, said_clock, clock_and_day):
        assert "midday" in say(moment, "Europe/London")
    assert "11am" in utc_in_words(moment)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "You may not get a place."),
        (1, "Your turn should come in less than a minute."),
        (59, "Your turn should come in less than a minute."),
        (60, "Your turn should come in about 1 minute."),
        (61, "Your turn should come in about 2 minutes."),
        (5399, "Your turn should come in about 90 minutes."),
        (5400, "Your turn should come in about 2 hours."),
        (36_000, "Your turn should come in about 10 hours."),
    ],
)
def test_an_estimate_is_as_rough_as_what_is_known(seconds: int | None, words: str) -> None:
    assert estimate_in_words(seconds) == words


def test_a_short_wait_is_said_in_whole_minutes() -> None:
    assert [minutes_in_words(seconds) for seconds in (1, 80, 200)] == [
        "about 1 minute",
        "about 1 minute",
        "about 3 minutes",
    ]


def test_how_many_are_ahead_is_said_in_numbers_that_can_be_read() -> None:
    assert ahead_in_words(0) == "You are next"
    assert ahead_in_words(1) == "About 1 person ahead of you"
    assert ahead_in_words(12_345) == "About 12,345 people ahead of you"
