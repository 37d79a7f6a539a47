"""The decisions, which the index lists by subject."""

import re

from infra.vendor import ROOT

DECISIONS = ROOT / "docs" / "decisions"
SUBJECTS = sorted(path for path in DECISIONS.glob("*.md") if path.name != "index.md")


def link_to(heading: str, file: str) -> str:
    """Return the link to this heading, by the anchor that GitHub gives it."""
    anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
    return f"[{heading}]({file}#{anchor})"


def test_the_index_names_every_subject_once_by_its_own_heading() -> None:
    made = [
        f"[{path.read_text().partition(chr(10))[0].removeprefix('# ')}]({path.name})" for path in SUBJECTS
    ]
    linked = re.findall(r"^- (\[.*?\]\(.*?\)): \w", (DECISIONS / "index.md").read_text(), re.MULTILINE)
    assert sorted(linked) == sorted(made)


def test_every_decision_is_said_in_one_to_five_sentences() -> None:
    said = {
        heading: len(re.findall(r"[.!?](?=\s)", body))
        for path in SUBJECTS
        for heading, body in re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", path.read_text(), re.MULTILINE)
    }
    assert len(said) > 60
    assert {heading: sentences for heading, sentences in said.items() if not 1 <= sentences <= 5} == {}


def test_a_decision_that_another_replaced_links_to_it() -> None:
    superseded = 0
    for path in SUBJECTS:
        text = path.read_text()
        links = [link_to(heading, "") for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)]
        for named in re.findall(r"^Superseded [^\[]*(\[.*?\]\(.*?\))", text, re.MULTILINE):
            superseded += 1
            assert named in links
    assert superseded > 3
