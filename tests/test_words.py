"""What people read on pages, in emails and while booking is shut: plain words, and short sentences."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import Environment
from msgspec.structs import replace

from chalicelib.domain import wording
from infra.template import SHUT
from infra.vendor import ROOT
from tests.mail.samples import SESSION
from tests.plain_words import not_plain

TEMPLATES = sorted(
    path
    for folder in ("chalicelib/web/pages", "chalicelib/mail/templates", "infra/local/pages", "infra/shut")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".html", ".txt"}
)
WORDS_MAX = 25

_SPOKEN = re.compile(r'\b(?:alt|aria-label)="([^"]*)"')
_UNREAD = re.compile(r"<(style|script)>.*?</\1>|<!--.*?-->", re.DOTALL)
_INLINE_TAG = re.compile(r"</?(?:a|bdi|code|s|span|strong)\b[^>]*>")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s|\n\s*\n")


def words_of(text: str) -> list[str]:
    return re.findall(r"\w[\w'\u2019-]*", text)


def longest(branches: list[str]) -> str:
    return max(branches, key=lambda branch: len(words_of(branch)))


def read(path: Path) -> str:
    """Return all that a template may say, of each choice the longest branch.

    What is filled in is one word, and what stands in the template's own code is left out.
    """
    branches: list[list[str]] = [[""]]
    code: list[tuple[str, str]] = []
    for _, kind, value in Environment().lex(path.read_text()):
        if kind == "data":
            branches[-1][-1] += value
        elif kind in {"variable_begin", "block_begin"}:
            code = []
        elif kind == "variable_end":
            said = [literal[1:-1] for token, literal in code if token == "string"]
            branches[-1][-1] += longest([*said, "X"]) if said else "X"
        elif kind == "block_end":
            name = next(name for token, name in code if token == "name")
            if name == "if":
                branches.append([""])
            elif name in {"elif", "else"}:
                branches[-1].append("")
            elif name == "endif":
                chosen = longest(branches.pop())
                branches[-1][-1] += chosen
            else:
                branches[-1][-1] += "\n\n"
        elif kind != "whitespace":
            code.append((kind, value))
    ((text,),) = branches
    text = _UNREAD.sub("\n\n", text)
    spoken = "\n\n".join(_SPOKEN.findall(text))
    shown = re.sub(r"<[^>]*>", "\n\n", _INLINE_TAG.sub("", text))
    return f"{shown}\n\n{spoken}"


def all_of(path: Path) -> str:
    """Return every branch of a template: its text, and the sentences in its code."""
    said = []
    for _, kind, value in Environment().lex(path.read_text()):
        if kind == "data":
            said.append(_UNREAD.sub("\n", value))
            said += _SPOKEN.findall(value)
        elif kind == "string" and " " in value:
            said.append(value)
    return "\n".join(said)


def sentences(text: str) -> list[str]:
    return [" ".join(sentence.split()) for sentence in _SENTENCE_END.split(text) if sentence.strip()]


def put_into_words() -> list[str]:
    """Return what wording.py says of all kinds of times and waits."""
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    night = replace(SESSION, starts_local=datetime(2026, 10, 24, 22), ends_local=datetime(2026, 10, 25, 3))
    said = wording.when(night, says_zone=True)
    return [
        *(str(getattr(said, name)) for name in said.__struct_fields__),
        wording.moment_in_words(moment, "Europe/London", says_zone=True),
        wording.clock_in_words(moment, "Europe/London", says_zone=True),
        wording.clock_and_day(moment, "Europe/London"),
        wording.utc_in_words(moment),
        wording.minutes_in_words(70),
        *(wording.ahead_in_words(ahead) for ahead in (0, 1, 2)),
        *(wording.estimate_in_words(seconds) for seconds in (None, 1, 70, 9000)),
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_none_of_the_words_that_plainer_ones_stand_for(path: Path) -> None:
    assert not_plain(all_of(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_of_a_template_is_long(path: Path) -> None:
    assert [one for one in sentences(read(path)) if len(words_of(one)) > WORDS_MAX] == []


def test_what_python_and_the_pages_script_put_into_words_is_plain_and_short() -> None:
    pages = ROOT / "chalicelib" / "web" / "pages"
    script = "".join((pages / path).read_text() for path in ("queue/queue.js", "public/near.js"))
    said = [
        *put_into_words(),
        json.loads((SHUT / "problem.json").read_text())["detail"],
        *re.findall(r'[`"]([^`"\n]* [^`"\n]*)[`"]', re.sub(r"//.*", "", script)),
    ]
    assert any("ahead of you" in one for one in said)
    for text in said:
        assert not_plain(text) == []
        assert [one for one in sentences(text) if len(words_of(one)) > WORDS_MAX] == []


def test_the_tests_above_see_a_word_in_any_branch_and_a_long_sentence_across_tags(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    long = "We write <strong>many</strong> words {% if x %}here{% else %}and more of them{% endif %} "
    page.write_text(f'<p>{{{{ "Send it" if y else "We send a mail" }}}}.</p><p>{long}{"again " * 20}.</p>')
    assert not_plain(all_of(page)) == ["mail"]
    (found,) = [one for one in sentences(read(page)) if len(words_of(one)) > WORDS_MAX]
    assert found.startswith("We write many words and more of them again")
