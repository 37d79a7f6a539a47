from datetime import datetime

import pytest
from msgspec.structs import replace

from chalicelib.domain.wording import ahead_in_words, estimate_in_words, when
from tests.mail.samples import SESSION


@pytest.mark.parametrize(
    ("zone", "month", "expected"),
    [
        ("Europe/London", 7, "London time (BST)"),
        ("Europe/London", 1, "London time (GMT)"),
        ("America/Vancouver", 7, "Vancouver time (PDT)"),
        ("America/Argentina/Buenos_Aires", 7, "Buenos Aires time (UTC-03)"),
        ("UTC", 7, "UTC"),
        ("Etc/UTC", 7, "UTC"),
    ],
)
def test_a_time_names_its_zone_by_the_city_and_the_letters_of_the_season(
    zone: str, month: int, expected: str
) -> None:
    starts = datetime(2026, month, 5, 19, 0)
    assert when(replace(SESSION, zone=zone, starts_local=starts)).zone == expected


def test_an_evening_that_ends_after_midnight_says_on_which_day() -> None:
    late = replace(SESSION, ends_local=datetime(2026, 9, 6, 1, 30))
    assert when(late).ends == "01:30 on Sunday 6 September 2026"
    assert (when(SESSION).date, when(SESSION).starts, when(SESSION).ends) == (
        "Saturday 5 September 2026",
        "19:00",
        "22:00",
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "Nobody can say whether your turn comes."),
        (1, "Your turn comes in less than a minute."),
        (59, "Your turn comes in less than a minute."),
        (60, "Your turn comes in about 1 minute."),
        (61, "Your turn comes in about 2 minutes."),
        (5399, "Your turn comes in about 90 minutes."),
        (5400, "Your turn comes in about 2 hours."),
        (36_000, "Your turn comes in about 10 hours."),
    ],
)
def test_an_estimate_is_as_rough_as_what_is_known(seconds: int | None, words: str) -> None:
    assert estimate_in_words(seconds) == words


def test_how_many_are_ahead_is_said_in_numbers_that_can_be_read() -> None:
    assert ahead_in_words(0) == "You are next"
    assert ahead_in_words(12_345) == "About 12,345 ahead of you"
