"""What an organiser asks the person who books, and what may be answered.

| kind   | in JSON                        | in a form, as answer.<question_id>   |
|--------|--------------------------------|--------------------------------------|
| text   | text of up to 1,000 characters | the same; empty is no answer         |
| choice | one of the question's choices  | the same; empty is no answer         |
| yes_no | true or false                  | "yes" or "no"; empty is no answer    |

Answers are for the organiser: no public reply contains them. The emails to the address that was given with
them repeat some, as ``answers_to_repeat`` says.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain.attendee import holds_link
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.validation import pointer

QUESTIONS_MAX = 20
CHOICES_MAX = 30
ANSWER_CHARACTERS_MAX = 1000
ANSWERS_BYTES_MAX = 4096
"""All answers of a booking, as JSON: the booking's item is written whole, and paid for by the kilobyte."""

QuestionKind = Literal["text", "choice", "yes_no"]
Answer = str | bool
Answers = dict[str, Answer]
"""By question_id."""

_REPEATED_CHARACTERS_MAX = 80
"""As long as a name may be: nobody can send a letter by booking with somebody else's address."""

_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_YES_NO = {"yes": True, "no": False}


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question. ``question_id`` names its answer, so it must not change; the label may."""

    question_id: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9_]{0,39}\Z",
            description="Start with a lower-case letter. "
            "Use at most 40 lower-case letters, digits and underscores.",
        ),
    ]
    kind: QuestionKind
    label: Annotated[str, Meta(min_length=1, max_length=200)]
    required: bool = False
    choices: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=CHOICES_MAX)
    ] = ()
    """What a ``choice`` can be answered with, two at least; nothing for the other kinds."""
    sensitive: bool = False
    """Whether an answer may tell of somebody's health or belief."""


def check_questions(questions: tuple[Question, ...], where: str) -> tuple[Question, ...]:
    """Return the questions tidied: a validation.Check. Raises Invalid naming what is wrong in each."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    tidied: list[Question] = []
    for index, question in enumerate(questions):
        here = f"{where}/{index}"
        label = _one_line(question.label)
        choices = tuple(_one_line(choice) for choice in question.choices)
        if not label:
            errors.append(
                FieldError(f"{here}/label", "label", "Write the question on one line of printable text.")
            )
        if question.question_id in seen:
            errors.append(
                FieldError(
                    f"{here}/question_id", "repeated", "Another question has this id. Choose a different one."
                )
            )
        if problem := _choices_problem(question.kind, choices):
            errors.append(FieldError(f"{here}/choices", "choices", problem))
        seen.add(question.question_id)
        tidied.append(msgspec.structs.replace(question, label=label or "", choices=tuple(map(str, choices))))
    if errors:
        raise Invalid(errors)
    return tuple(tidied)


def _choices_problem(kind: QuestionKind, choices: Sequence[str | None]) -> str | None:
    if kind != "choice":
        return "Remove the choices, or set kind to choice." if choices else None
    if not all(choices):
        return "Write each choice on one line of printable text."
    if not 2 <= len(set(choices)) == len(choices):
        return "Give at least two choices, all different."
    return None


def check_answers(questions: Sequence[Question], raw: Mapping[str, Answer]) -> Answers:
    """Return the answers tidied, in the order of the questions; what was left open is left out.

    Raises Invalid naming each answer that is missing or can't be taken.
    """
    asked = {question.question_id: question for question in questions}
    errors = [
        FieldError(pointer("answers", name), "unknown", "This event has no question with this id.")
        for name in raw
        if name not in asked
    ]
    answers: Answers = {}
    for name, question in asked.items():
        answer = raw.get(name)
        if isinstance(answer, str):
            answer = _tidy_text(answer)
        if answer is None or answer == "":
            if question.required:
                # Named, because it is read apart from the question too.
                detail = f"Please answer: {question.label}"
                errors.append(FieldError(pointer("answers", name), "missing", detail))
        elif problem := _answer_problem(question, answer):
            errors.append(FieldError(pointer("answers", name), "answer", problem))
        else:
            answers[name] = answer
    if len(msgspec.json.encode(answers)) > ANSWERS_BYTES_MAX:
        detail = f"Shorten the answers. Together they can have at most {ANSWERS_BYTES_MAX:,} bytes."
        errors.append(FieldError("/answers", "too_large", detail))
    if errors:
        raise Invalid(errors)
    return answers


def _answer_problem(question: Question, answer: Answer) -> str | None:
    match question.kind:
        case "yes_no":
            return None if isinstance(answer, bool) else "Answer yes or no."
        case "choice":
            return None if answer in question.choices else "Choose one of the answers from the list."
        case "text":
            if not isinstance(answer, str):
                return "Answer in words."
            if len(answer) > ANSWER_CHARACTERS_MAX:
                return f"Shorten this to {ANSWER_CHARACTERS_MAX:,} characters."
            printable = answer.replace("\n", "").replace("\t", "")
            if any(unicodedata.category(character) in _UNPRINTABLE for character in printable):
                return "Remove any characters that can't be printed."
    return None


def answers_to_repeat(questions: Sequence[Question], answers: Answers) -> list[tuple[str, str]]:
    """Return the questions whose answers an email may repeat, each with its answer in words.

    The address is not confirmed, and may be a stranger's. So nothing that tells of health or belief is among
    them, and nothing that could carry an advertisement.
    """
    found = [
        (question.label, _in_words(answers[question.question_id]))
        for question in questions
        if question.question_id in answers and not question.sensitive
    ]
    return [
        (label, words)
        for label, words in found
        if len(words) <= _REPEATED_CHARACTERS_MAX and not holds_link(words)
    ]


def _in_words(answer: Answer) -> str:
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    return " ".join(answer.split())


def answer_from_form(question: Question, text: str) -> Answer:
    """Return what a form sent as JSON would say it. What is neither yes nor no stays text, to be refused."""
    return _YES_NO.get(text.strip().lower(), text) if question.kind == "yes_no" else text


def _tidy_text(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _one_line(text: str) -> str | None:
    """Return the text on one line, or None if it can't be printed there."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return line if line and not any(unicodedata.category(c) in _UNPRINTABLE for c in line) else None
