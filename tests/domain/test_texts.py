"""domain/texts.py: what people type is taken whatever it is written in, and comes back as it was taken."""

import json
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import field_checks
from chalicelib.domain.attendee import YOUR_NAME, name_problem, tidy_name
from chalicelib.domain.event_request import read_event_request
from chalicelib.domain.questions import Question, check_answers
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.titles import unlinked
from chalicelib.mail.header import encoded

WHY = Question(question_id="why", kind="text", label="Why?")


def as_name(text: str) -> str:
    tidied = tidy_name(text)
    if problem := name_problem(tidied, YOUR_NAME):
        raise ValueError(problem)
    return tidied


def as_line(text: str) -> str:
    return field_checks.line(text, "/title")


def as_text(text: str) -> str:
    return field_checks.text(text, "/description")


def as_place(text: str) -> str:
    return field_checks.place(text, "/address")


def as_answer(text: str) -> str:
    return str(check_answers([WHY], {"why": text}).get("why", ""))


def as_label(text: str) -> str:
    asked = {"question_id": "why", "kind": "choice", "label": text, "choices": [text, f"not {text}"]}
    request = read_event_request({"slug": "curry", "title": "Curry", "questions": [asked]})
    assert request.questions[0].choices[0] == request.questions[0].label
    return request.questions[0].label


ONE_LINE: list[Callable[[str], str]] = [as_name, as_line, as_place, as_label]
CHECKS: list[Callable[[str], str]] = [*ONE_LINE, as_text, as_answer]
CHARACTERS = st.characters(exclude_categories=()) | st.sampled_from(
    "\r\n\t\v\f\x85\u2028\u2029\ufeff\u2060,. "
)
TYPED = st.text(CHARACTERS, max_size=60)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "text", ["Ada \U0001fa77", "no nuts \U0001fae8", "late \U0001fae9", "\U0002ebf0", "a \uf8ff", "\ue000"]
)
def test_letters_and_emoji_are_taken_however_young_they_are(check: Callable[[str], str], text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x1b",
        "\x7f",
        "\x9f",
        "\ud800",
        "\ufdd0",
        "\ufdef",
        "\ufffe",
        "\uffff",
        "\U0010ffff",
    ],
)
def test_what_no_program_can_print_is_refused(check: Callable[[str], str], character: str) -> None:
    with pytest.raises((Invalid, ValueError)):
        check(f"Ada {character} King")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_whatever_ends_a_line_ends_it_in_a_text_and_is_a_space_on_one_line(end: str) -> None:
    assert as_text(f"{end}one{end}two ") == as_answer(f"one{end}two{end}") == "one\ntwo"
    assert as_name(f"Ada{end}King") == as_line(f"Ada{end}King") == as_label(f"Ada{end}King") == "Ada King"
    assert as_place(f"Unit 5,{end}{end} Old Mill{end}Ludlow{end}") == "Unit 5, Old Mill, Ludlow"


@pytest.mark.parametrize("check", CHECKS)
@given(typed=TYPED)
def test_what_is_taken_is_stored_shown_and_taken_again_as_it_is(
    check: Callable[[str], str], typed: str
) -> None:
    try:
        kept = check(typed)
    except (Invalid, ValueError):
        return
    assert json.loads(msgspec.json.encode(kept)) == kept
    assert kept.encode().decode() == kept
    assert kept.replace("\n", "").replace("\t", "").isascii() or "\x85" not in kept
    assert not kept or check(kept) == kept
    if check in ONE_LINE:
        assert kept.splitlines() == [kept]


@pytest.mark.parametrize("check", CHECKS)
@given(typed=TYPED)
def test_what_is_taken_can_be_mailed_in_a_header_and_a_body(check: Callable[[str], str], typed: str) -> None:
    try:
        kept = check(typed)
    except (Invalid, ValueError):
        return
    mail = EmailMessage(policy=SMTP)
    mail.set_content(kept, cte="quoted-printable")
    assert mail.get_content().rstrip("\n") == kept.rstrip("\n")
    line = unlinked(kept)
    header = encoded(line)
    assert header.isascii()
    assert "\n" not in header.replace("\r\n ", "")
    read = EmailMessage(policy=SMTP)
    read["Subject"] = header.replace("\r\n", "")
    assert str(read["Subject"]).split() == line.split()
