"""What an organiser asks the person who books, and what may be answered.

| kind   | in JSON                        | in a form, as answer.<question_id>   |
|--------|--------------------------------|--------------------------------------|
| text   | text of up to 1,000 characters | the same; empty is no answer         |
| choice | one of the question's choices  | the same; empty is no answer         |
| yes_no | true or false                  | "yes" or "no"; empty is no answer    |

Answers are for the organiser: no public reply contains them. The emails to the address that was given with
them repeat some, as ``answers_to_repeat`` says.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain.attendee import holds_link
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.texts import is_printable, tidy_line, tidy_lines
from chalicelib.domain.validation import pointer

QUESTIONS_MAX = 20
CHOICES_MAX = 30
ANSWER_CHARACTERS_MAX = 1000
ANSWERS_CHARACTERS_MAX = 4000
"""All that a person types into the answers of a booking. An emoji counts as two, as browsers count it: so
whatever the script, a form fits into one request, and a slice of a list into one reply."""

QuestionKind = Literal["text", "choice", "yes_no"]
Answer = str | bool
Answers = dict[str, Answer]
"""By question_id."""

_REPEATED_CHARACTERS_MAX = 80
"""As long as a name may be: nobody can send a letter by booking with somebody else's address."""

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


def check_answers(questions: Sequence[Question], raw: Mapping[str, Answer | None]) -> Answers:
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
            answer = tidy_lines(answer)
        if answer is None or answer == "":
            if question.required:
                # Named, because it is read apart from the question too.
                detail = f"Please answer: {question.label}"
                errors.append(FieldError(pointer("answers", name), "missing", detail))
        elif problem := _answer_problem(question, answer):
            errors.append(FieldError(pointer("answers", name), "answer", problem))
        else:
            answers[name] = answer
    typed = {name: _length(answer) for name, answer in answers.items() if asked[name].kind == "text"}
    if sum(typed.values()) > ANSWERS_CHARACTERS_MAX:
        detail = f"Shorten this. Together the answers can have at most {ANSWERS_CHARACTERS_MAX:,} characters."
        errors.append(FieldError(pointer("answers", max(typed, key=typed.__getitem__)), "too_large", detail))
    if errors:
        raise Invalid(errors)
    return answers


def characters_shared(questions: Sequence[Question]) -> int | None:
    """Return what the answers can have together, where each may be as long as it can be and that is more."""
    texts = sum(question.kind == "text" for question in questions)
    return ANSWERS_CHARACTERS_MAX if texts * ANSWER_CHARACTERS_MAX > ANSWERS_CHARACTERS_MAX else None


def tells_of_health_or_belief(questions: Sequence[Question], raw: Mapping[str, Answer | None]) -> bool:
    """Return whether one of these answers is to a question that is marked sensitive."""
    given = {name for name, answer in raw.items() if not isinstance(answer, str) or answer.strip()}
    return any(question.sensitive and question.question_id in given for question in questions)


def _answer_problem(question: Question, answer: Answer) -> str | None:
    match question.kind:
        case "yes_no":
            return None if isinstance(answer, bool) else "Answer true or false."
        case "choice":
            return None if answer in question.choices else "Choose one of the answers from the list."
        case "text":
            if not isinstance(answer, str):
                return "Answer in words."
            if len(answer) > ANSWER_CHARACTERS_MAX:
                return f"Shorten this to {ANSWER_CHARACTERS_MAX:,} characters."
            if not is_printable(answer):
                return "Remove any characters that can't be printed."
    return None


def answers_to_repeat(questions: Sequence[Question], answers: Answers) -> list[tuple[str, str]]:
    """Return the questions whose answers an email may repeat, each with its answer in words.

    The address is not confirmed, and may be a stranger's. So nothing that tells of health or belief is among
    them, and nothing that could carry an advertisement.
    """
    harmless = [question for question in questions if not question.sensitive]
    return [
        (label, words)
        for label, words in answers_in_words(harmless, answers)
        if len(words) <= _REPEATED_CHARACTERS_MAX and not holds_link(words)
    ]


def answers_in_words(questions: Sequence[Question], answers: Answers) -> list[tuple[str, str]]:
    """Return the questions that were answered, each with its answer in words."""
    return [
        (question.label, _in_words(answers[question.question_id]))
        for question in questions
        if isinstance(answers.get(question.question_id), type_of_answers(question))
    ]


def _in_words(answer: Answer) -> str:
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    return " ".join(answer.split())


def answer_from_form(question: Question, text: str) -> Answer:
    """Return what a form sent as JSON would say it. What is neither yes nor no stays text, to be refused."""
    return _YES_NO.get(text.strip().lower(), text) if question.kind == "yes_no" else text


def type_of_answers(question: Question) -> type[str | bool]:
    """Return what answers to it are. Those of another type were given to another question by its id."""
    return bool if question.kind == "yes_no" else str


def _length(answer: Answer) -> int:
    return len(str(answer).encode("utf-16-le", "surrogatepass")) // 2


def _one_line(text: str) -> str | None:
    """Return the text on one line, or None if it can't be printed there."""
    line = tidy_line(text)
    return line if line and is_printable(line) else None
