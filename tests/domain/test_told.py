"""Whether an email says anything new to somebody who got others before."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.session import Session
from chalicelib.domain.told import Sent, promises_changed, says_nothing_new, told_last, told_of
from tests.mail.samples import MOVED, SESSION

BACK = replace(SESSION, sequence=2, sequence_at=MOVED.sequence_at, last_change=("place",))
"""The session after it moved, and moved back."""


def confirmed(session: Session) -> Sent:
    return Sent("confirmation", told_of(session))


def changed(session: Session) -> Sent:
    return Sent("change", told_of(session))


def test_who_was_told_otherwise_last_is_told_of_the_change() -> None:
    assert not says_nothing_new(MOVED, [confirmed(SESSION)])
    assert not says_nothing_new(BACK, [confirmed(SESSION), changed(MOVED)])


def test_who_was_told_nothing_that_is_known_is_told_of_the_change() -> None:
    assert not says_nothing_new(MOVED, [])
    assert not says_nothing_new(MOVED, [changed(MOVED), Sent("confirmation", None)])


def test_a_change_that_was_reversed_before_it_was_told_is_not_told() -> None:
    assert says_nothing_new(BACK, [confirmed(SESSION)])


def test_who_heard_of_the_change_is_not_told_again() -> None:
    assert says_nothing_new(BACK, [changed(BACK)])
    assert says_nothing_new(MOVED, [confirmed(SESSION), confirmed(MOVED)])


def test_who_was_confirmed_only_after_the_change_may_not_know_that_the_page_was_old() -> None:
    assert not says_nothing_new(MOVED, [confirmed(MOVED)])
    assert says_nothing_new(MOVED, [confirmed(MOVED), changed(MOVED)])


def test_what_was_told_last_is_what_had_the_highest_sequence() -> None:
    assert told_last([confirmed(BACK), changed(MOVED)]) == told_of(BACK)
    assert told_last([]) is None
    assert told_last([confirmed(BACK), Sent("change", None)]) is None


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
    ],
)
def test_another_spelling_of_a_place_is_no_news(before: str, after: str) -> None:
    assert promises_changed(replace(SESSION, venue=before), replace(SESSION, venue=after)) == ()
