"""The rules of the house that a machine can check."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from chalicelib.domain.kinds import KINDS
from infra.vendor import ROOT

PRODUCT = sorted([ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")])
ACTIONS = sorted((ROOT / "chalicelib" / "actions").rglob("[!_]*.py"))


def test_imports_point_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml") == 0


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    }
    assert readers == {"chalicelib/settings.py"}


def test_only_the_table_of_notices_knows_a_kind_of_mail_by_its_name() -> None:
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in KINDS
    }
    assert knowing == {"chalicelib/domain/kinds.py"}


def test_every_kind_of_mail_has_its_folder_of_templates() -> None:
    templates = ROOT / "chalicelib" / "mail" / "templates"
    for kind in KINDS.values():
        assert {path.name for path in (templates / kind.templates).iterdir()} == {
            "body.html", "body.txt", "subject.txt",
        }  # fmt: skip


def test_every_action_is_in_the_room_of_its_subject() -> None:
    assert len(ACTIONS) > 30
    assert {path.parent.parent.name for path in ACTIONS} == {"actions"}


def test_an_action_is_one_verb_whose_file_has_its_name() -> None:
    for path in ACTIONS:
        public = [
            node.name
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        ]
        assert public == [path.stem], f"{path.name} should hold one public function of its name"


def test_every_action_has_a_test_file_of_its_name_or_is_tested_through_the_job_that_runs_it() -> None:
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    jobs = {path.stem: path.read_text() for path in (ROOT / "chalicelib" / "jobs").glob("[!_]*.py")}
    for path in ACTIONS:
        room = path.parent.name
        run_by = {job for job, text in jobs.items() if f"actions.{room}.{path.stem} " in text}
        beside = (ROOT / "tests" / "actions" / room / f"test_{path.stem}.py").exists()
        assert beside or tested & run_by, f"tests/actions/{room}/test_{path.stem}.py is missing"


def test_the_blueprints_are_all_that_app_registers() -> None:
    body = ast.parse((ROOT / "app.py").read_text()).body
    assert not [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


@pytest.mark.parametrize(
    "module",
    [
        "jinja2",
        "segno",
        "icalendar",
        "idna",
        "email.mime",
        "chalicelib.mail",
        "infra",
        "chalicelib.domain.colours",
        "chalicelib.web.event.passed_on",
        "chalicelib.documents.sessions_feed",
        "chalicelib.domain.towns",
        "chalicelib.domain.located",
        "chalicelib.domain.so_far",
        "chalicelib.web.event.geojson",
        "chalicelib.web.event.map",
        "chalicelib.web.event.near",
        "chalicelib.web.event.listing",
    ],
)
def test_the_api_does_not_load_what_it_may_not_need(module: str) -> None:
    script = f"import app, sys; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_no_file_of_the_product_holds_more_than_one_story() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in [*PRODUCT, *_infra()]}
    assert {path.name: length for path, length in lengths.items() if length > 260} == {}


def _infra() -> list[Path]:
    return sorted((ROOT / "infra").rglob("*.py"))
