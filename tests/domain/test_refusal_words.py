"""Every sentence with which we refuse something is plain, short, and adds something to its heading."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.domain import admission_refusals
from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.refusals import FieldError, Invalid, Refusal, SoldOut, TooManyRequests
from chalicelib.web.http.replies import HTTP_STATUS, problem_details
from infra.apidoc.problems import example_of
from infra.vendor import ROOT
from tests.described import described
from tests.plain_words import not_plain

WORDS_MAX = 25

WRITTEN_ELSEWHERE = {"wording.py"}
"""Files whose texts are parts of sentences."""

each_refusal = pytest.mark.parametrize("refusal", HTTP_STATUS, ids=[refusal.code for refusal in HTTP_STATUS])


def sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", text) if sentence]


def too_long(text: str) -> list[str]:
    return [sentence for sentence in sentences(text) if len(sentence.split()) > WORDS_MAX]


@each_refusal
def test_a_refusal_is_plain_and_short_and_does_not_repeat_its_title(refusal: type[Refusal]) -> None:
    detail = str(example_of(refusal)["detail"])
    assert not_plain(refusal.title) == not_plain(detail) == []
    assert too_long(refusal.title) == too_long(detail) == []
    # A heading of one word, like "Cancelled", may well come again in a sentence.
    assert len(refusal.title.split()) == 1 or refusal.title.casefold() not in detail.casefold()


@pytest.mark.parametrize("why_not", admission_refusals._WHY_NOT)
def test_whatever_is_wrong_with_an_admission_it_says_what_to_do(why_not: admission_refusals.WhyNot) -> None:
    detail = NotAdmitted(why_not).detail
    assert re.search(r"Please|You can|Go back", detail)
    assert too_long(detail) == []


def test_one_of_something_is_not_called_many() -> None:
    assert TooManyRequests(1).detail.count("1 second:") == 1
    assert TooManyRequests(12).detail.count("12 seconds:") == 1
    assert SoldOut(1, 0).detail == SoldOut(6, 0).detail == "No places are left."
    assert SoldOut(3, 1).detail == "Only 1 place is left."
    assert SoldOut(6, 4).detail.startswith("Only 4 places are left.")


def test_a_smaller_party_is_only_spoken_of_where_one_may_fit() -> None:
    assert "or fewer" in SoldOut(3, 2).detail
    assert all("or fewer" not in SoldOut(places, left).detail for places, left in ((1, 0), (6, 0), (2, 1)))
    assert SoldOut(3, 1).facts == {"places": 3, "places_left": 1}
    (error,) = (example_of(Invalid)["errors"],)
    assert error[0]["pointer"] == "/email"


def test_wrong_fields_are_counted_below_their_heading() -> None:
    errors = Invalid([]).errors
    for count, words in ((1, "Please check 1 answer."), (2, "Please check 2 answers.")):
        details = problem_details(Invalid([*errors, *[_an_error()] * count]))
        assert (details["title"], details["detail"]) == ("There is a problem", words)


def _an_error() -> FieldError:
    return FieldError("/email", "missing", "This field is required.")


def written(file: Path) -> Iterator[str]:
    """Yield the sentences in a file's code: what begins with a capital and has a space, but docstrings."""
    tree = ast.parse(file.read_text())
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "4" for part in node.values)
        elif isinstance(node, ast.Constant) and node not in docstrings | parts:
            text = str(node.value)
        if re.match(r"[A-Z]['a-z]* ", text):
            yield text


FILES = {
    str(file.relative_to(ROOT / "chalicelib")): list(written(file))
    for file in sorted((ROOT / "chalicelib").rglob("*.py"))
    if file.name not in WRITTEN_ELSEWHERE
}


@pytest.mark.parametrize("name", [name for name, found in FILES.items() if found])
def test_every_sentence_in_our_code_is_plain_and_short(name: str) -> None:
    assert [(text, word) for text in FILES[name] for word in not_plain(text)] == []
    assert [sentence for text in FILES[name] for sentence in too_long(text)] == []


def test_the_sentences_for_wrong_fields_are_among_those() -> None:
    found = {text for texts in FILES.values() for text in texts}
    assert len(found) > 150
    assert {
        "Check the end of the address, for example .org or .co.uk",
        "Please leave web addresses out of your name.",
        "Shorten this to 4 characters.",
        "This must be {}, not {}.",
        "This has the wrong form. The description of the API says more.",
        "Enter the time with its offset, for example 2027-09-05T18:00:00Z.",
    } <= found


def described_texts() -> Iterator[tuple[str, str]]:
    """Yield each title, summary and description in the description, with where it is."""
    waiting: list[tuple[str, object]] = [("", described())]
    while waiting:
        where, node = waiting.pop()
        if isinstance(node, dict):
            for name, part in node.items():
                if name in {"title", "summary", "description"} and isinstance(part, str):
                    yield f"{where}/{name}", part
                elif name not in {"example", "value"}:
                    waiting.append((f"{where}/{name}", part))
        elif isinstance(node, list):
            waiting += [(f"{where}/{index}", part) for index, part in enumerate(node)]


def test_every_text_in_the_description_is_plain_and_short() -> None:
    texts = dict(described_texts())
    assert len(texts) > 500
    assert {where: text for where, text in texts.items() if not_plain(text)} == {}
    assert {where: text for where, text in texts.items() if too_long(text)} == {}
