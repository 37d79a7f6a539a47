"""Whether an email says anything new to somebody who got others before."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import EARLIER_KEPT_MAX, Session
from chalicelib.domain.session_request import changed_session
from chalicelib.domain.told import Sent, news_for, promises_changed, told_last, told_of
from tests.mail.samples import BOOKING, NOW, SESSION

POT, LADLE, SPOON = {"venue": "The Copper Pot"}, {"venue": "The Ladle"}, {"venue": "The Spoon"}
LATE = {"starts_local": "2026-09-05T19:30"}


def after(*patches: dict[str, Any], minutes: int = 0) -> list[Session]:
    """Return the session as it was made, and after each of these changes, so many minutes apart."""
    versions = [SESSION]
    for number, patch in enumerate(patches):
        at = NOW - timedelta(minutes=(len(patches) - number) * minutes)
        versions.append(changed_session(versions[-1], patch, at))
    return versions


def shown(sequence: int | None, *, at: datetime = NOW) -> Booking:
    return replace(BOOKING, shown=sequence, created_at=at)


def confirmed(session: Session) -> Sent:
    return Sent("confirmation", told_of(session))


def changed(session: Session) -> Sent:
    return Sent("change", told_of(session))


def news(session: Session, *sent: Sent, booking: Booking) -> list[str]:
    found = news_for(booking, session, sent)
    return list(found.promises) if found else []


def test_who_was_told_otherwise_last_is_told_of_the_change() -> None:
    first, moved, back = after(LADLE, POT)
    assert news(moved, confirmed(first), booking=shown(0)) == ["place"]
    assert news(back, confirmed(first), changed(moved), booking=shown(0)) == ["place"]


def test_a_change_that_was_reversed_before_it_was_told_is_not_told() -> None:
    first, _, back = after(LADLE, POT)
    assert news(back, confirmed(first), booking=shown(0)) == []
    assert news(back, booking=shown(0)) == []
    assert news(back, booking=shown(1)) == ["place"]


def test_who_was_told_of_it_is_not_told_again() -> None:
    first, moved, back = after(LADLE, POT)
    assert news(back, changed(back), booking=shown(1)) == []
    assert news(moved, confirmed(first), confirmed(moved), booking=shown(0)) == []


def test_who_was_told_nothing_that_is_known_is_told_what_changed_last() -> None:
    _, moved = after(LADLE)
    assert news(moved, changed(moved), Sent("confirmation", None), booking=shown(0)) == ["place"]
    older = replace(moved, earlier=())
    found = news_for(shown(0), older)
    assert found is not None
    assert (found.promises, found.before) == (("place",), None)


def test_only_what_differs_from_what_was_shown_is_news_and_what_it_was_is_known() -> None:
    first, moved, late = after(LADLE, LATE)
    assert news(late, booking=shown(0)) == ["time", "place"]
    found = news_for(shown(1), late)
    assert found is not None
    assert found.promises == ("time",)
    assert promises_changed(found.before or first, moved) == ()
    assert news(late, booking=shown(2)) == []


def test_what_changed_quietly_is_no_news() -> None:
    first, moved, quiet = after(LADLE, {**SPOON, "tell": False})
    assert news(quiet, confirmed(moved), booking=shown(0)) == []
    assert news(quiet, booking=shown(1)) == []
    assert news(quiet, confirmed(first), booking=shown(0)) == ["place"]


@pytest.mark.parametrize(
    ("minutes", "promises"), [(0, []), (1, ["place"]), (9, ["place"]), (10, []), (20, [])]
)
def test_a_program_may_have_shown_what_stood_for_a_minute_of_the_ten_before(
    minutes: int, promises: list[str]
) -> None:
    # The change was that long ago when it was put right, and that was again so long ago.
    *_, back = after(LADLE, POT, minutes=minutes)
    assert news(back, booking=shown(None)) == promises


def test_a_program_that_booked_before_the_change_had_shown_what_stood_then() -> None:
    late = after(LADLE, LATE, minutes=30)[-1]
    assert news(late, booking=shown(None, at=NOW - timedelta(minutes=90))) == ["time", "place"]
    assert news(late, booking=shown(None, at=NOW - timedelta(minutes=55))) == ["time", "place"]
    assert news(late, booking=shown(None, at=NOW - timedelta(minutes=45))) == ["time"]
    assert news(replace(late, earlier=()), booking=shown(None, at=NOW - timedelta(minutes=45))) == [
        *late.last_change
    ]


def test_of_many_changes_the_last_are_kept() -> None:
    versions = after(*([LADLE, POT] * EARLIER_KEPT_MAX), LATE)
    kept = versions[-1].earlier
    assert [one.sequence for one in kept] == list(range(EARLIER_KEPT_MAX + 1, 2 * EARLIER_KEPT_MAX + 1))
    assert news(versions[-1], booking=shown(kept[0].sequence)) == ["time", "place"]
    assert news(versions[-1], booking=shown(2)) == list(versions[-1].last_change)


def test_what_was_told_last_is_what_had_the_highest_sequence() -> None:
    _, moved, back = after(LADLE, POT)
    assert told_last([confirmed(back), changed(moved)]) == told_of(back)
    assert told_last([]) is None
    assert told_last([confirmed(back), Sent("change", None)]) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Hall, Level -1", "Hall, Level 1"),
        ("Hall +1", "Hall -1"),
        ("Unit 1\u00bd", "Unit 11/2"),
        ("Unit 1/2", "Unit 1 2"),
        ("Unit 1.2", "Unit 1 2"),
        ("Room 5\u00b2", "Room 52"),
        ("Room \u2460", "Room 1"),
        ("Flat 2'1", "Flat 21"),
        ("Room C", "Room C++"),
        ("Studio C#", "Studio C"),
        ("Level-1", "Level 1"),
        ("Flat 2-1", "Flat 21"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Room",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Room",
        ),
        ("Gate \u2640", "Gate \u2642"),
        ("Café \U0001f355", "Café \U0001f354"),
    ],
)
def test_a_sign_that_tells_two_places_apart_is_news(before: str, after: str) -> None:
    for one, other in ((before, after), (after, before)):
        assert promises_changed(replace(SESSION, venue=one), replace(SESSION, venue=other)) == ("place",)
        assert promises_changed(replace(SESSION, address=one), replace(SESSION, address=other)) == ("place",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The Ladle", "the  ladle."),
        ("Ann\u2019s Kitchen", "Anns Kitchen"),
        ("Café One", "Cafe\u0301 One"),
        ("Tor 1 (Nord)", "Tor 1, Nord"),
        ("St. James' Hall - No. 1", "St James Hall, No.1"),
        ("Level \u22121", "Level -1"),
        ("1\u20132 Broad Street", "1-2 Broad Street"),
        ("Rathaus\u00adplatz 1", "Rathausplatz 1"),
        ("Community\u200bCentre", "CommunityCentre"),
        ("12\u2060A Broad Street", "12A Broad Street"),
        ("\u2615 Caf\u00e9", "\u2615\ufe0f Caf\u00e9"),
        ("\ufeffThe Ladle", "The Ladle"),
        ("Room A1", "Room A-1"),
        ("Room 1A", "Room 1-A"),
        ("Unit #5", "Unit 5"),
    ],
)
def test_another_spelling_of_a_place_is_no_news(before: str, after: str) -> None:
    assert promises_changed(replace(SESSION, venue=before), replace(SESSION, venue=after)) == ()


@pytest.mark.parametrize("seconds", [{"ends_local": 59}, {"starts_local": 30}])
def test_seconds_are_never_said_so_they_are_no_news(seconds: dict[str, int]) -> None:
    said = {name: getattr(SESSION, name).replace(second=second) for name, second in seconds.items()}
    assert promises_changed(replace(SESSION, **said), SESSION) == ()
