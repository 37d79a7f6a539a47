from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import chalicelib.domain.session  # noqa: F401  # it makes zoneinfo go by the pinned tzdata
from chalicelib.domain.zone_names import NAMES, zone_in_words

FROM = datetime(2026, 12, 1, 12, tzinfo=UTC)
YEARS = 6


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/London", "UK time"),
        ("Europe/Belfast", "UK time"),
        ("Europe/Jersey", "Jersey time"),
        ("Europe/Guernsey", "Guernsey time"),
        ("Europe/Isle_of_Man", "Isle of Man time"),
        ("Europe/Dublin", "Irish time"),
        ("Europe/Paris", "Central European Time"),
        ("America/Los_Angeles", "Pacific Time"),
        ("America/Toronto", "Eastern Time"),
        ("America/St_Johns", "Newfoundland Time"),
        ("America/Vancouver", "Vancouver time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("America/Indiana/Knox", "Central Time"),
        ("Asia/Kolkata", "India time"),
        ("Asia/Tokyo", "Tokyo time"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT+5", "UTC-05:00"),
        ("Etc/GMT-14", "UTC+14:00"),
        ("US/Pacific", "UTC-08:00"),
        ("Canada/Newfoundland", "UTC-03:30"),
    ],
)
def test_a_zone_is_called_as_its_people_call_it_else_by_its_city_or_its_offset(zone: str, words: str) -> None:
    offset = FROM.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    assert zone_in_words(zone, offset) == words


def test_places_share_a_name_only_if_their_clocks_always_agree() -> None:
    clocks = defaultdict(set)
    for zone, name in NAMES.items():
        days = (FROM + timedelta(days=number) for number in range(366 * YEARS))
        clocks[name].add(tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in days))
    assert len(clocks) > 10
    assert [name for name, differing in clocks.items() if len(differing) > 1] == []
