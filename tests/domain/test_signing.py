"""domain/signing.py: what we signed says what it said, for its purpose, and nothing else was signed by us."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.signing import AnyPurpose, Signed, TokenSecret, read_signed_text, sign_text

OLD, NEW = TokenSecret("k1", b"1" * 32), TokenSecret("k2", b"2" * 32)
BOTH = {"k1": OLD, "k2": NEW}
NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)

PURPOSES: tuple[AnyPurpose, ...] = get_args(AnyPurpose)
FIELDS: dict[AnyPurpose, int] = {
    "manage": 3,
    "calendar": 3,
    "ticket": 3,
    "fresh": 3,
    "line": 2,
    "admission": 2,
    "turn": 3,
}

purposes = st.sampled_from(PURPOSES)
# Our ids are base32, but no field may depend on that.
words = st.text(st.characters(codec="ascii", exclude_characters=".|"), min_size=1, max_size=12)
times = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@st.composite
def texts(draw: st.DrawFn) -> tuple[AnyPurpose, Signed, str]:
    """What we may be asked to sign, and its text."""
    purpose = draw(purposes)
    fields = tuple(draw(words) for _ in range(FIELDS[purpose]))
    at = draw(times).replace(microsecond=0)
    return purpose, Signed(fields, at), sign_text(NEW, purpose, fields, at)


@given(texts())
def test_what_was_signed_is_read_back(made: tuple[AnyPurpose, Signed, str]) -> None:
    purpose, said, text = made
    assert read_signed_text(BOTH, purpose, text) == said


@given(texts())
def test_a_text_says_what_it_says_to_everybody_and_in_order(made: tuple[AnyPurpose, Signed, str]) -> None:
    _, said, text = made
    assert text.split(".")[:-3] == list(said.fields)
    assert text.split(".")[-2] == "k2"
    assert len(text.split(".")[-1]) == 32


@given(texts(), st.data())
def test_a_text_that_was_changed_anywhere_says_nothing(
    made: tuple[AnyPurpose, Signed, str], data: st.DataObject
) -> None:
    purpose, _, text = made
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 3)))
    changed = text[:begin] + data.draw(st.text(max_size=3)) + text[end:]
    assume(changed != text)
    assert read_signed_text(BOTH, purpose, changed) is None


@given(texts(), st.data())
def test_every_letter_of_the_mac_counts(made: tuple[AnyPurpose, Signed, str], data: st.DataObject) -> None:
    purpose, _, text = made
    place = data.draw(st.integers(1, 32))
    other = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
    assume(other != text[-place])
    changed = text[:-place] + other + text[len(text) - place + 1 :]
    assert read_signed_text(BOTH, purpose, changed) is None


@given(texts())
def test_no_text_of_one_purpose_is_one_of_another(made: tuple[AnyPurpose, Signed, str]) -> None:
    purpose, _, text = made
    taken_for = [other for other in PURPOSES if read_signed_text(BOTH, other, text)]
    assert taken_for == [purpose]


@given(texts())
def test_fields_in_another_order_are_another_text(made: tuple[AnyPurpose, Signed, str]) -> None:
    purpose, said, text = made
    *_, at, secret_id, mac = text.split(".")
    for swapped in permutations(said.fields):
        forged = ".".join((*swapped, at, secret_id, mac))
        assert (read_signed_text(BOTH, purpose, forged) is None) == (swapped != said.fields)


def test_all_that_is_said_is_signed_with_it() -> None:
    macs = {
        sign_text(secret, purpose, (event, person), at).rpartition(".")[2]
        for secret in (OLD, NEW)
        for purpose in ("line", "admission")
        for event in ("a", "b", "c")
        for person in ("a", "b", "c")
        for at in (NOW, NOW + timedelta(milliseconds=1))
    }
    assert len(macs) == 2 * 2 * 3 * 3 * 2


@given(texts())
def test_an_older_secret_signs_as_well_until_it_is_gone(made: tuple[AnyPurpose, Signed, str]) -> None:
    purpose, said, text = made
    older = sign_text(OLD, purpose, said.fields, said.at)
    assert older != text
    assert read_signed_text(BOTH, purpose, older) == said
    assert read_signed_text({"k2": NEW}, purpose, older) is None
    assert read_signed_text({}, purpose, older) is None


def test_a_secret_is_known_by_its_id_and_not_by_that_alone() -> None:
    text = sign_text(NEW, "admission", ("event", "person"), NOW)
    assert read_signed_text({"k2": OLD}, "admission", text) is None
    assert read_signed_text({"k1": NEW}, "admission", text) is None


@given(st.one_of(st.text(max_size=300), st.lists(st.text(max_size=9), min_size=4, max_size=7).map(".".join)))
def test_whatever_else_is_sent_says_nothing(text: str) -> None:
    assert [read_signed_text(BOTH, purpose, text) for purpose in PURPOSES] == [None] * len(PURPOSES)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("part", range(6))
def test_a_part_too_many_or_too_few_or_that_is_not_ascii_says_nothing(purpose: AnyPurpose, part: int) -> None:
    text = sign_text(NEW, purpose, ("field",) * FIELDS[purpose], NOW)
    parts = text.split(".")
    part %= len(parts)
    for forged in (
        [*parts[:part], *parts[part + 1 :]],
        [*parts[:part], "", *parts[part:]],
        [*parts[:part], "é", *parts[part + 1 :]],
        # A full-width digit, which int() would take for a digit.
        [*parts[:part], parts[part] + "\N{FULLWIDTH DIGIT ONE}", *parts[part + 1 :]],
    ):
        assert read_signed_text(BOTH, purpose, ".".join(forged)) is None


def test_a_separator_of_what_is_signed_moves_no_field() -> None:
    # Both would be signed as line|a|b|c|<time>, if this field were taken.
    with pytest.raises(ValueError, match="separator"):
        sign_text(NEW, "line", ("a|b", "c"), NOW)
    ticket = sign_text(NEW, "ticket", ("session", "key", "booking"), NOW)
    assert read_signed_text(BOTH, "ticket", ticket.replace("session.key.", "session|key..")) is None
    assert read_signed_text(BOTH, "line", ticket.replace("session.key", "session|key")) is None


@pytest.mark.parametrize("field", ["a.b", ".", "a|b", "|", "é", "\N{FULLWIDTH DIGIT ONE}"])
def test_what_could_not_be_read_back_is_not_signed(field: str) -> None:
    for fields in ((field, "person"), ("event", field)):
        with pytest.raises(ValueError, match="separator"):
            sign_text(NEW, "line", fields, NOW)
    with pytest.raises(ValueError, match="separator"):
        sign_text(TokenSecret(field, b"1" * 32), "line", ("event", "person"), NOW)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_purpose_has_its_number_of_fields(purpose: AnyPurpose) -> None:
    for count in {0, 1, 2, 3, 4, 5} - {FIELDS[purpose]}:
        with pytest.raises(ValueError, match="fields"):
            sign_text(NEW, purpose, ("a",) * count, NOW)


@pytest.mark.parametrize("purpose", ["", "sign_in", "manage|a", "MANAGE"])
def test_nothing_is_signed_or_read_for_a_purpose_that_is_not_listed(purpose: Any) -> None:
    with pytest.raises(ValueError, match="purpose"):
        sign_text(NEW, purpose, ("a", "b"), NOW)
    with pytest.raises(ValueError, match="purpose"):
        read_signed_text(BOTH, purpose, sign_text(NEW, "line", ("a", "b"), NOW))


def test_no_purpose_holds_what_it_is_parted_from_the_fields_by() -> None:
    assert set(FIELDS) == set(PURPOSES)
    assert all(purpose.isascii() and purpose.isalpha() for purpose in PURPOSES)


@given(times, st.integers(-14, 14))
def test_a_time_is_cut_to_the_units_of_its_purpose_and_comes_back_in_utc(at: datetime, hours: int) -> None:
    elsewhere = at.astimezone(timezone(timedelta(hours=hours)))
    link = read_signed_text(BOTH, "manage", sign_text(NEW, "manage", ("a", "b", "c"), elsewhere))
    ticket = read_signed_text(BOTH, "line", sign_text(NEW, "line", ("a", "b"), elsewhere))
    assert link == Signed(("a", "b", "c"), at.replace(microsecond=0))
    assert ticket == Signed(("a", "b"), at.replace(microsecond=at.microsecond // 1000 * 1000))
    assert {link.at.tzinfo, ticket.at.tzinfo} == {UTC}
