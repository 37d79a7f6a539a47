"""Whether an email says anything new to somebody who got others before."""

from msgspec.structs import replace

from chalicelib.domain.session import Session
from chalicelib.domain.told import Sent, says_nothing_new, told_last, told_of
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
