"""What the documents say of the code that a machine can check."""

import ast
import re
import subprocess
from itertools import pairwise

import pytest

import chalicelib
from chalicelib.web.queue.api import AdmissionReply, JoinReply
from chalicelib.web.queue.views import PositionView, QueueView
from infra.vendor import ROOT

README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
_FILE = re.compile(r"(?<![\w./])(?:[\w-]+/)+[\w.-]+\.(?:py|toml|html|js|css|yaml)(?!\w)")


def part(text: str, title: str) -> str:
    """Return what stands under this heading, up to the next of its rank or a higher one."""
    marks = title.partition(" ")[0]
    rest = text.partition(f"\n{title}\n")[2]
    assert rest, title
    return re.split(rf"\n#{{1,{len(marks)}}} ", rest)[0]


def imported_by(name: str) -> set[str]:
    """Return the files of chalicelib that this one imports."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "chalicelib" / name).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("chalicelib"):
            modules = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            found |= {f"{module.partition('.')[2].replace('.', '/')}.py" for module in modules}
    return found


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/deploy.md"]
)
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    there = [f"/{name}" for name in listed.splitlines()]
    named = set(_FILE.findall((ROOT / document).read_text()))
    assert named
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
def test_every_field_of_a_queue_is_in_the_readme(reply: type) -> None:
    told = part(README, "### Wait in the queue")
    obvious = {"slug", "now", "approximate"}
    assert [
        name for name in reply.__annotations__ if not re.search(rf"\b{name}\b", told) and name not in obvious
    ] == []
    assert "404" in told


def test_every_command_is_in_the_readme_in_one_table() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    table = part(README, "## Commands")
    assert [
        name for name in phony.split() if name != "help" and not re.search(rf"`make {name}[ `]", table)
    ] == []
