"""Every wrong field is named, whatever comes over the wire."""

import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from chalicelib.domain.booking_request import BookingRequest, check_request
from chalicelib.domain.check_in import CheckInRequest
from chalicelib.domain.correction import BulkCancellation, CorrectionRequest, ShownBooking
from chalicelib.domain.event import Slug
from chalicelib.domain.event_request import EventRequest, Instant
from chalicelib.domain.organiser import Role
from chalicelib.domain.questions import Answer, Question
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.session_request import SessionChange, SessionRequest
from chalicelib.domain.token_request import TokenRequest
from chalicelib.domain.validation import _field_error, decode, pointer
from tests.plain_words import not_plain


class Sample(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=5)]
    places: Annotated[int, Meta(ge=1)] = 1
    guests: tuple[Annotated[str, Meta(max_length=3)], ...] = ()


def pointers(raw: Any, **options: Any) -> set[str]:
    with pytest.raises(Invalid) as refused:
        decode(Sample, raw, **options)
    return {error.pointer for error in refused.value.errors}


def test_all_wrong_fields_are_named_at_once() -> None:
    assert pointers({"places": "two", "guests": ["ok", "long"], "x/y": 1}) == {
        "/name",
        "/places",
        "/guests/1",
        "/x~1y",
    }


class Described(Struct):
    slug: Slug
    at: Instant | None = None
    title: Annotated[str, Meta(min_length=1, max_length=5)] = "x"
    places: Annotated[int, Meta(ge=2, le=4)] = 2
    role: Role | None = None
    questions: tuple[Question, ...] = ()
    bookings: tuple[ShownBooking, ...] = ()
    answers: dict[str, Answer | None] = {}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("slug", "No Slug", "3 to 60 lower-case letters"),
        ("at", "tomorrow", "for example 2027-09-05T18:00:00Z"),
        ("at", "2027-09-05T18:00:00", "for example 2027-09-05T18:00:00Z"),
        ("title", "", "can't be empty"),
        ("title", "too long", "at most 5 characters"),
        ("title", 5, "must be text, not a whole number"),
        ("places", 1, "at least 2"),
        ("places", 5, "at most 4"),
        ("places", "two", "must be a whole number, not text"),
        ("role", "boss", "This must be organiser, host or door."),
        (
            "questions",
            [{"question_id": "a", "kind": "essay", "label": "A"}],
            "This must be text, choice or yes_no.",
        ),
        (
            "questions",
            [{"question_id": "Diet?", "kind": "text", "label": "A"}],
            "Use at most 40 lower-case letters, digits and underscores.",
        ),
        ("questions", [{"question_id": "a", "kind": "text"}], "This field is required."),
        (
            "questions",
            [{"question_id": "a", "kind": "text", "label": "A", "id": 1}],
            "There is no such field. Check its spelling.",
        ),
        ("questions", ["Diet?"], "This must be an object, not text."),
        ("at", 5, "This must be text or null, not a whole number."),
        ("bookings", [{"booking": "x", "version": 1}], "Use the last part of its url."),
        ("answers", {"diet": 5}, "This must be true or false, text or null, not a whole number."),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_plain_words(field: str, value: Any, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode(Described, {"slug": "a-slug", field: value})
    [error] = refused.value.errors
    assert words in error.detail


def test_a_form_may_spell_numbers_and_carry_fields_of_its_page() -> None:
    assert decode(Sample, {"name": "Ada", "places": "3", "button": "Book"}, from_form=True) == Sample(
        "Ada", 3
    )


@pytest.mark.parametrize("raw", [None, [], "text", 3])
def test_a_body_that_is_no_object_is_refused(raw: Any) -> None:
    assert pointers(raw) == {""}


def test_a_pointer_escapes_as_rfc_6901_says() -> None:
    assert pointer("a/b", "m~n", 0) == "/a~1b/m~0n/0"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(["name", "email", "places", "guests", "consent", "website", "other"])


@given(st.dictionaries(fields, json_values, max_size=7), st.booleans())
def test_any_json_is_a_party_or_a_refusal_that_names_fields(raw: dict[str, Any], from_form: bool) -> None:
    refusals: list[Invalid] = []
    try:
        party = check_request(decode(BookingRequest, raw, from_form=from_form), ())
    except Invalid as refused:
        refusals.append(refused)
    else:
        assert party.places >= 1
        assert len(party.guests) < party.places
    for refusal in refusals:
        assert refusal.errors
        assert all(error.pointer.startswith("/") and error.detail for error in refusal.errors)


PROGRAMMERS_WORDS = re.compile(
    r"(?i)[`\\^$|{}]|regex|expected|\b(?:str|int|bool|float|array|datetime|enum|contains|got|rfc3339)\b"
)

SAID_BY_MSGSPEC = re.compile(
    rb"(?:Expected `|Invalid |Object |Integer value|Number out|Timestamp |Duration |Only )[ -~]*"
)


def what_msgspec_can_say() -> list[str]:
    """Return the sentences in its compiled code, each with something in place of what varies."""
    code = Path(str(msgspec._core.__file__)).read_bytes()
    filled = {b"%U": b"x", b"%s": b"str", b"%R": b"'^[a-z]{3}$'", b"%zd": b"3", b"%lld": b"3", b"%llu": b"3"}
    said = set()
    for found in SAID_BY_MSGSPEC.findall(code):
        sentence = re.sub(rb"%U$", b"", found)
        for mark, value in filled.items():
            sentence = sentence.replace(mark, value)
        said.add(sentence.decode())
    return sorted(said)


def test_whatever_msgspec_says_of_a_field_is_said_in_our_words() -> None:
    said = what_msgspec_can_say()
    assert len(said) > 30
    for sentence in said:
        for place in ("", " - at `$[0].x`", " - at `key in $`"):
            error = _field_error("field", Any, sentence + place)
            assert not PROGRAMMERS_WORDS.search(error.detail), (sentence, error.detail)
            assert re.fullmatch(r"/field(/0/x)?(/x)?", error.pointer), (sentence, error.pointer)
            assert not_plain(error.detail) == []


REQUESTS: list[type[Struct]] = [
    BookingRequest, BulkCancellation, CheckInRequest, CorrectionRequest, EventRequest, SessionChange,
    SessionRequest, TokenRequest,
]  # fmt: skip
VALUES: list[Any] = [
    None, True, -1, 10**9, 2**70, 0.5, "", "x", "x" * 9999, "9999-99-99", "\n", [], {}, ["x"], [1], [{}],
    [[]], {"x": 1}, {"x": []}, [{"x": 1}], ["x"] * 999, [{"booking": "", "version": 0}],
    [{"question_id": "", "kind": "text", "label": "A"}],
]  # fmt: skip


@pytest.mark.parametrize("request_of", REQUESTS)
def test_no_request_is_refused_in_a_programmers_words(request_of: type[Struct]) -> None:
    for field in request_of.__struct_fields__:
        for value in VALUES:
            try:
                decode(request_of, {field: value})
            except Invalid as refused:
                for error in refused.errors:
                    assert not PROGRAMMERS_WORDS.search(error.detail), (field, value, error)
