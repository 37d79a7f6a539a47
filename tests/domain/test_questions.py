"""domain/questions.py: what may be asked, and what may be answered."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.event_request import read_event_request
from chalicelib.domain.questions import (
    ANSWER_CHARACTERS_MAX,
    ANSWERS_CHARACTERS_MAX,
    Answer,
    Question,
    answer_from_form,
    characters_shared,
    check_answers,
)
from chalicelib.domain.refusals import Invalid

DIET = Question(question_id="diet", kind="choice", label="Diet", choices=("any", "vegan"))
WHY = Question(question_id="why", kind="text", label="Why?", required=True)
FIRST = Question(question_id="first", kind="yes_no", label="Your first time?", required=True)


def asked(**changes: Any) -> dict[str, Any]:
    return {"question_id": "diet", "kind": "text", "label": "Diet", **changes}


def wrong_questions(*questions: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        read_event_request({"slug": "curry", "title": "Curry", "questions": list(questions)})
    return [(error.pointer, error.code) for error in refused.value.errors]


def wrong_answers(questions: list[Question], raw: dict[str, Answer]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        check_answers(questions, raw)
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_questions_are_tidied_and_kept_in_order() -> None:
    raw = [
        asked(question_id="b", label="  What \n else? "),
        asked(question_id="a", kind="choice", choices=[" one ", "two  words"]),
    ]
    request = read_event_request({"slug": "curry", "title": "Curry", "questions": raw})
    assert request.questions == (
        Question(question_id="b", kind="text", label="What else?"),
        Question(question_id="a", kind="choice", label="Diet", choices=("one", "two words")),
    )


@pytest.mark.parametrize(
    ("question", "where"),
    [
        (asked(question_id="Diet"), ("/questions/0/question_id", "value")),
        (asked(question_id="a\n"), ("/questions/0/question_id", "value")),
        (asked(question_id=""), ("/questions/0/question_id", "value")),
        (asked(kind="date"), ("/questions/0/kind", "value")),
        (asked(label=""), ("/questions/0/label", "value")),
        (asked(label=" \t "), ("/questions/0/label", "label")),
        (asked(label="a\x7f"), ("/questions/0/label", "label")),
        (asked(label="a" * 201), ("/questions/0/label", "value")),
        (asked(choices=["a", "b"]), ("/questions/0/choices", "choices")),
        (asked(kind="choice"), ("/questions/0/choices", "choices")),
        (asked(kind="choice", choices=["a"]), ("/questions/0/choices", "choices")),
        (asked(kind="choice", choices=["a", " a"]), ("/questions/0/choices", "choices")),
        (asked(kind="choice", choices=["a", " "]), ("/questions/0/choices", "choices")),
        (asked(kind="choice", choices=["a", "b" * 101]), ("/questions/0/choices/1", "value")),
        (asked(kind="choice", choices=[str(n) for n in range(31)]), ("/questions/0/choices", "value")),
        (asked(colour="red"), ("/questions/0/colour", "unknown")),
        ({"question_id": "a", "kind": "text"}, ("/questions/0/label", "missing")),
        ("diet", ("/questions/0", "value")),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_by_its_pointer(
    question: object, where: tuple[str, str]
) -> None:
    assert wrong_questions(question) == [where]


def test_two_questions_of_one_id_are_refused() -> None:
    assert wrong_questions(asked(), asked()) == [("/questions/1/question_id", "repeated")]


def test_an_event_asks_at_most_twenty_questions() -> None:
    assert wrong_questions(*(asked(question_id=f"q{n}") for n in range(21))) == [("/questions", "value")]


def test_answers_are_tidied_put_in_order_and_left_out_where_nothing_was_answered() -> None:
    raw: dict[str, Answer] = {"why": " Because\r\nof the food ", "diet": " ", "first": False}
    answers = check_answers([FIRST, DIET, WHY], raw)
    assert list(answers.items()) == [("first", False), ("why", "Because\nof the food")]


@pytest.mark.parametrize(
    ("question", "answer", "code"),
    [
        (WHY, None, "missing"),
        (WHY, "  ", "missing"),
        (WHY, True, "answer"),
        (WHY, "a" * 1001, "answer"),
        (WHY, "a\x00", "answer"),
        (FIRST, None, "missing"),
        (FIRST, "maybe", "answer"),
        (DIET, "meat", "answer"),
        (DIET, True, "answer"),
    ],
)
def test_an_answer_that_is_missing_or_does_not_fit_is_named(
    question: Question, answer: Answer | None, code: str
) -> None:
    raw = {} if answer is None else {question.question_id: answer}
    assert wrong_answers([question], raw) == [(f"/answers/{question.question_id}", code)]


def test_an_answer_to_nothing_that_was_asked_is_refused() -> None:
    assert wrong_answers([DIET], {"a/b": "x"}) == [("/answers/a~1b", "unknown")]


@pytest.mark.parametrize(("letter", "counts"), [("a", 1), ("食", 1), ("🍜", 2)])
def test_all_answers_together_are_counted_in_characters_and_the_longest_is_named(
    letter: str, counts: int
) -> None:
    questions = [msgspec.structs.replace(WHY, question_id=f"q{n}") for n in range(9)]
    each = ANSWERS_CHARACTERS_MAX // 8 // counts
    raw: dict[str, Answer] = {f"q{n}": letter * each for n in range(8)}
    raw["q3"], raw["q8"] = letter * (each + 9), letter * 9
    raw["q5"] = letter * (each - 18)
    assert check_answers(questions, raw) == raw
    assert wrong_answers(questions, {**raw, "q8": letter * 10}) == [("/answers/q3", "too_large")]


def test_people_hear_of_the_common_limit_where_they_can_meet_it() -> None:
    most = ANSWERS_CHARACTERS_MAX // ANSWER_CHARACTERS_MAX
    texts = [msgspec.structs.replace(WHY, question_id=f"q{n}") for n in range(most + 1)]
    assert characters_shared(texts) == ANSWERS_CHARACTERS_MAX
    assert characters_shared([*texts[:most], DIET, FIRST]) is None
    longest: dict[str, Answer] = {f"q{n}": "a" * ANSWER_CHARACTERS_MAX for n in range(most)}
    assert check_answers(texts[:most], longest) == longest


def test_a_form_says_yes_and_no_in_words() -> None:
    assert [answer_from_form(FIRST, text) for text in ("yes", " NO ", "maybe")] == [True, False, "maybe"]
    assert answer_from_form(WHY, "yes") == "yes"


@given(st.dictionaries(st.sampled_from(["diet", "why", "first", "x"]), st.text(max_size=30) | st.booleans()))
def test_what_is_taken_answers_every_required_question_and_is_taken_again(raw: dict[str, Answer]) -> None:
    try:
        answers = check_answers([DIET, WHY, FIRST], raw)
    except Invalid as refused:
        assert all(error.pointer.startswith("/answers") for error in refused.errors)  # noqa: PT017  # either is right
    else:
        assert {"why", "first"} <= answers.keys()
        assert check_answers([DIET, WHY, FIRST], answers) == answers


def test_null_is_no_answer() -> None:
    questions = (Question(question_id="diet", kind="text", label="Diet?"),)
    assert check_answers(questions, {"diet": None}) == {}
    required = (Question(question_id="diet", kind="text", label="Diet?", required=True),)
    with pytest.raises(Invalid) as refused:
        check_answers(required, {"diet": None})
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/answers/diet", "missing")]
