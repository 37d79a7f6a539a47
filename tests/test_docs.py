"""What the documents say of the code that a machine can check."""

import ast
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

import chalicelib
from chalicelib.domain.admission_refusals import WhyNot
from chalicelib.web.queue.api import AdmissionReply, JoinReply
from chalicelib.web.queue.views import PositionView, QueueView, State
from infra.apidoc import queue
from infra.apidoc.words import WORDS
from infra.vendor import ROOT
from tests.plain_words import not_plain

README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
QUEUE = (ROOT / "docs" / "queue.md").read_text()
PAGES = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md"))
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *PAGES]

WORDS_MAX = 12_000
"""Of all documents together: what somebody can read in an hour."""

_FILE = re.compile(r"(?<![\w./])(?:[\w-]+/)+[\w.-]+\.(?:py|toml|html|js|css|yaml)(?!\w)")


def part(text: str, title: str) -> str:
    """Return what stands under this heading, up to the next of its rank or a higher one."""
    marks = title.partition(" ")[0]
    rest = text.partition(f"\n{title}\n")[2]
    assert rest, title
    return re.split(rf"\n#{{1,{len(marks)}}} ", rest)[0]


def code_words(text: str) -> set[str]:
    """Return the words that stand between backticks."""
    return set(re.findall(r"\w+", " ".join(re.findall(r"`[^`\n]+`", text))))


def prose_of(text: str) -> Iterator[str]:
    """Yield the lines that are in no table and no code block."""
    is_fenced = is_indented = False
    before = ""
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            is_fenced = not is_fenced
        elif line.strip():
            # Indented text right below a sentence goes on with it, as in a list.
            is_indented = line.startswith("    ") and (is_indented or not before)
            if not is_fenced and not is_indented and not line.lstrip().startswith("|"):
                yield line
        before = line.strip()


def without_code(text: str) -> str:
    """Return the text without its fenced code, where a # begins a comment."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def links_in(document: str) -> list[tuple[Path, str]]:
    """Return where a document leads within the project: each a file or folder, and a heading or ""."""
    here = ROOT / document
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(here.read_text()))
    halves = [target.partition("#") for target in targets if "://" not in target]
    return [((here.parent / path).resolve() if path else here, heading) for path, _, heading in halves]


def leads_somewhere(path: Path, heading: str) -> bool:
    """Return whether there is such a file and, if a heading is named, that heading in it."""
    if not heading or not path.exists():
        return path.exists()
    titles = re.findall(r"^#+ (.+)$", without_code(path.read_text()), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def imported_by(name: str) -> set[str]:
    """Return the files of chalicelib that this one imports."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "chalicelib" / name).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("chalicelib"):
            modules = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            found |= {f"{module.partition('.')[2].replace('.', '/')}.py" for module in modules}
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    there = [f"/{name}" for name in listed.splitlines()]
    named = set(_FILE.findall((ROOT / document).read_text()))
    # Some are named from a folder that the sentence has named before.
    assert [name for name in named if not any(file.endswith(f"/{name}") for file in there)] == []


def test_every_file_on_the_map_is_there_and_the_paths_of_a_booking_are_on_it() -> None:
    assert chalicelib.__doc__
    on_map = set(_FILE.findall(chalicelib.__doc__))
    assert [
        name for name in on_map if not any((root / name).exists() for root in (ROOT, ROOT / "chalicelib"))
    ] == []
    assert {"store/capacity.py", "domain/admission.py", "actions/queue/admit.py", "domain/queue.py"} <= on_map


def test_a_booking_goes_through_the_files_as_it_is_told() -> None:
    told = part(ARCHITECTURE, "## What happens to a booking, file by file?")
    told += part(ARCHITECTURE, "## What happens to an organiser's change?")
    steps = 0
    for sentence in re.split(
        r"[.;:] |[.;:]\n", " ".join(told.replace("\n   ", " ").splitlines(keepends=True))
    ):
        chain = [_FILE.findall(segment) for segment in sentence.split("→")]
        for before, after in pairwise(chain):
            if not before or not after:
                continue
            for name in after:
                callers = [*before, *(other for other in after if other != name)]
                assert any(name in imported_by(caller) for caller in callers), f"{before} → {name}"
                steps += 1
    assert steps > 25


def test_the_way_to_an_admission_is_told_whole() -> None:
    told = part(ARCHITECTURE, "## What happens to a booking, file by file?")
    rooms = {"queue": ("join_queue", "admit", "correct_queue"), "booking": ("book",)}
    actions = {f"actions/{room}/{name}.py" for room, names in rooms.items() for name in names}
    called = {
        name for action in actions for name in imported_by(action) if "admission" in name or "line" in name
    }
    exist = {name for name in called if (ROOT / "chalicelib" / name).exists()}
    assert "domain/admission.py" in exist
    assert [name for name in actions | exist if name not in told] == []


@pytest.mark.parametrize("reply", [QueueView, JoinReply, PositionView, AdmissionReply])
def test_every_field_of_a_queue_is_described_at_its_calls(reply: type) -> None:
    obvious = {"slug", "now", "state"}
    described = {name for name in reply.__annotations__ if {name, f"{reply.__name__}.{name}"} & WORDS.keys()}
    assert set(reply.__annotations__) - described <= obvious


def test_every_state_of_a_place_in_a_queue_is_described_at_its_call() -> None:
    (call,) = (call for call in queue.CALLS if call.path.endswith("/position"))
    assert set(get_args(State)) <= code_words(call.words)


def test_every_reason_why_an_admission_is_not_taken_is_on_the_queues_page() -> None:
    assert set(get_args(WhyNot)) <= code_words(QUEUE)


def test_every_command_is_in_the_readme_in_one_table_and_no_other() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (targets,) = re.findall(r"^TARGETS :=((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    in_table = re.findall(r"`make ([\w-]+)[ `]", part(README, "## Commands"))
    assert sorted(in_table) == sorted(set(targets.replace("\\\n", " ").split()) - {"help"})


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len(README.splitlines()) <= 120


def test_all_documents_together_are_read_in_an_hour() -> None:
    texts = [(ROOT / document).read_text() for document in DOCUMENTS]
    # The strokes of a table and the marks of a heading are no words.
    assert sum(bool(re.search(r"\w", word)) for text in texts for word in text.split()) <= WORDS_MAX


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_line_of_a_document_fits_a_screen(document: str) -> None:
    lines = prose_of((ROOT / document).read_text())
    # What has no space, like a long link, can't be broken.
    assert [line for line in lines if len(line) > 120 and " " in line.strip()] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, "SECURITY.md"])
def test_documents_are_written_in_plain_words(document: str) -> None:
    text = (ROOT / document).read_text()
    assert not_plain(re.sub(r"\]\([^)]*\)", "]", text)) == []


@pytest.mark.parametrize("document", [*DOCUMENTS, "SECURITY.md", "CHANGELOG.md"])
def test_every_link_leads_to_a_file_and_a_heading_that_is_there(document: str) -> None:
    links = links_in(document)
    assert [f"{path.name}#{heading}" for path, heading in links if not leads_somewhere(path, heading)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_named_by_the_index_of_its_folder(page: str) -> None:
    path = ROOT / page
    index = (path.parent.parent if path.name == "index.md" else path.parent) / "index.md"
    # The first page of all is named by the README.
    index = index if index.is_relative_to(ROOT / "docs") else ROOT / "README.md"
    assert path in {target for target, _ in links_in(str(index.relative_to(ROOT)))}
