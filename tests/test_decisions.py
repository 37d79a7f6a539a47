"""The decisions, which the index lists by subject."""

import re

from infra.vendor import ROOT

DECISIONS = ROOT / "docs" / "decisions"
SUBJECTS = sorted(path for path in DECISIONS.glob("*.md") if path.name != "index.md")


def link_to(heading: str, file: str) -> str:
    """Return the link to this heading, by the anchor that GitHub gives it."""
    anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
    return f"[{heading}]({file}#{anchor})"


def test_the_index_links_to_every_decision_and_to_nothing_else() -> None:
    made = [
        link_to(heading, path.name)
        for path in SUBJECTS
        for heading in re.findall(r"^## (.*)$", path.read_text(), re.MULTILINE)
    ]
    linked = re.findall(r"^- (.*)$", (DECISIONS / "index.md").read_text(), re.MULTILINE)
    assert len(made) > 60
    assert sorted(linked) == sorted(made)


def test_a_decision_that_another_replaced_links_to_it() -> None:
    superseded = 0
    for path in SUBJECTS:
        text = path.read_text()
        links = [link_to(heading, "") for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)]
        for named in re.findall(r"^Superseded [^\[]*(\[.*?\]\(.*?\))", text, re.MULTILINE):
            superseded += 1
            assert named in links
    assert superseded > 3
