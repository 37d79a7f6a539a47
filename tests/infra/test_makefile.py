"""What make does with the variables that it is given: each reaches its command whole, or is refused."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.__main__ import parsers
from infra.vendor import ROOT
from tests.infra.test_command_line import options

MAKEFILE = (ROOT / "Makefile").read_text()
HEADER = MAKEFILE.partition("\nPYTHON ?=")[0]
(NAMED,) = re.findall(r"^TARGETS :=((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
TARGETS = NAMED.replace("\\\n", " ").split()
TAKES = {
    target: names.replace("\\\n", " ").split()
    for target, names in re.findall(r"^TAKES_(\S+) :=((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
}
COMMANDS = parsers()[1]

ODD = [
    "Soup & 'Salad'",
    'a "quoted" name',
    "costs $5 or $HOME",
    "$(shell touch made)",
    "$(touch made)`touch made`; touch made",
    "-- --id=x # \\ %",
    "two  spaces, ünïcode",
]
INSTEAD = """#!{python}
import json, os, sys
with open("ran", "a") as ran:
    names = {names!r}
    given = {{name: os.environ[name] for name in names if name in os.environ}}
    ran.write(json.dumps([sys.argv[1:], given]) + "\\n")
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the Makefile in which no command does anything, but notes how it was called."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "requirements-local.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "infra").mkdir()
    shutil.copy(ROOT / "infra" / "mistyped.py", tmp_path / "infra")
    names = sorted({name for taken in TAKES.values() for name in taken} | {"AWS_PROFILE", "NO_COLOR"})
    for place in (".venv", ".venv/ministack"):
        python = tmp_path / place / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(INSTEAD.format(python=sys.executable, names=names))
        python.chmod(0o755)
    return tmp_path


def make(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME")}
    return subprocess.run(
        ["make", "--no-print-directory", f"PYTHON={sys.executable}", *arguments],
        cwd=directory,
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def ran(directory: Path) -> list[Any]:
    """Return how each command was called: its arguments, and our variables in its environment."""
    path = directory / "ran"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def called(directory: Path, *arguments: str, **environment: str) -> list[str]:
    """Run make, and return the arguments that its last command was called with."""
    done = make(directory, *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return [str(argument) for argument in ran(directory)[-1][0]]


@pytest.mark.parametrize("target", [*TARGETS, "deploy stop"])
def test_every_target_refuses_a_mistyped_variable_before_it_does_anything(
    directory: Path, target: str
) -> None:
    before = sorted(directory.rglob("*"))
    for mistyped in ("DANCE=1", "stage=live", "MAIL_PER_SECOND=4", "AWS_REIGON=eu-west-2"):
        refused = make(directory, *target.split(), mistyped)
        assert refused.returncode == 2
        assert f"{mistyped.partition('=')[0]} means nothing here." in refused.stderr
        assert "Nothing was done." in refused.stderr
        assert refused.stdout == ""
    assert sorted(directory.rglob("*")) == before


@pytest.mark.parametrize(
    ("target", "mistyped", "said"),
    [
        ("deploy", "STAEG=live", "Did you mean STAGE?"),
        ("deploy", "MAIL_FORM=a@b.example", "Did you mean MAIL_FROM?"),
        ("live", "RAET=4", "Did you mean RATE?"),
        ("run", "PROT=8050", "Did you mean PORT?"),
        ("launch", "QIUCK=1", "Did you mean QUICK?"),
        ("launch-plan", "people=100", "Did you mean PEOPLE?"),
        ("launch-plan", "CONCURRENCY=10", "Did you mean LAMBDA_CONCURRENCY?"),
        ("launch-plan", "PYTHN=python3", "Did you mean PYTHON?"),
        ("rotate", "DROPS=k1", "make rotate takes STAGE DROP."),
        ("test", "FOO=1", "make test takes no variables."),
        ("stop", "PEOPLE=4", "make stop takes STAGE."),
    ],
)
def test_a_refusal_names_the_variable_that_was_probably_meant(
    directory: Path, target: str, mistyped: str, said: str
) -> None:
    assert said in make(directory, target, mistyped).stderr


@pytest.mark.parametrize(
    ("goals", "said"),
    [
        (["depoly"], "depoly means nothing here. Did you mean deploy?"),
        (["depoly", "STAGE=live"], "depoly means nothing here. Did you mean deploy?"),
        (["stop", "STAGE-live"], "STAGE-live means nothing here."),
        (["stop", "Start"], "Start means nothing here. Did you mean start?"),
        (["stop", "$(touch made)`touch made`;touch made=1"], "means nothing here."),
        # A directory of that name is there.
        (["infra"], "infra means nothing here."),
    ],
)
def test_a_mistyped_target_is_refused_before_those_in_front_of_it_are_done(
    directory: Path, goals: list[str], said: str
) -> None:
    refused = make(directory, *goals)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Nothing was done." in refused.stderr
    assert refused.stdout == ""
    assert ran(directory) == []
    assert not (directory / "made").exists()


def test_two_targets_are_done_in_the_order_in_which_they_are_named(directory: Path) -> None:
    assert make(directory, "-j", "reopen", "shut", "reopen", "stop", "STAGE=live").returncode == 0
    commands = [arguments[2] for arguments, _ in ran(directory) if arguments[:2] == ["-m", "infra"]]
    assert commands == ["reopen", "shut", "stop"]


def test_make_heeds_no_name_in_the_environment_that_the_command_does_not_take(directory: Path) -> None:
    assert called(directory, "stop", "STAGE=live", PEOPLE="5", STAEG="x") == [
        "-m", "infra", "stop", "--stage=live",
    ]  # fmt: skip


@pytest.mark.parametrize("target", sorted(COMMANDS))
def test_the_variables_of_a_target_are_the_options_of_its_command(target: str) -> None:
    of_make = {f"--{name.lower().replace('_', '-')}" for name in TAKES.get(target, [])}
    if target == "organiser":
        of_make -= {"--name", "--turnout-table", "--turnout-build"}
    # Make has its own PYTHON: it makes the environment.
    assert of_make == options(target) - ({"--machine", "--python"} if target == "package" else set())


def test_every_variable_that_the_help_names_is_taken() -> None:
    helped = dict(re.findall(r"^#   make (\S+) +(.*)$", HEADER, re.MULTILINE))
    for target, words in helped.items():
        named = set(re.findall(r"\b([A-Z][A-Z_]+)=", words))
        assert named <= set(TAKES.get(target, [])), target
    assert {"STAGE", "TO"} <= set(re.findall(r"[A-Z]+", helped["restore"]))
    assert max(map(len, HEADER.splitlines())) < 120


def test_the_help_names_every_target(directory: Path) -> None:
    printed = make(directory).stdout
    assert [name for name in TARGETS if name != "help" and f"make {name}" not in printed] == []


@pytest.mark.parametrize("odd", ODD)
def test_a_value_reaches_its_command_as_it_was_typed(directory: Path, odd: str) -> None:
    assert called(directory, "organiser", f"NAME={odd}") == ["-m", "infra", "organiser", "--", odd]
    assert called(directory, "organiser", NAME=odd) == ["-m", "infra", "organiser", "--", odd]
    assert called(directory, "organiser", f"ID={odd}") == ["-m", "infra", "organiser", f"--id={odd}"]
    assert called(directory, "deploy", f"STAGE={odd}", MAIL_FROM=odd) == [
        "-m", "infra", "deploy", f"--stage={odd}", f"--mail-from={odd}",
    ]  # fmt: skip
    assert called(directory, "launch", f"WORKERS={odd}", QUICK=odd) == [
        "-m",
        "bench.launch",
        f"--workers={odd}",
    ]
    assert make(directory, "run", f"PORT={odd}", TURNOUT_BUILD=odd).returncode == 0
    assert ran(directory)[-1] == [["-m", "infra.local"], {"PORT": odd, "TURNOUT_BUILD": odd}]
    assert not (directory / "made").exists()


def test_a_variable_may_be_given_in_front_of_make_or_behind_it_and_that_behind_it_counts(
    directory: Path,
) -> None:
    wanted = ["-m", "infra", "restore", "--stage=live", "--to=2027-09-01T10:00:00Z"]
    assert called(directory, "restore", "STAGE=live", "TO=2027-09-01T10:00:00Z") == wanted
    assert called(directory, "restore", STAGE="live", TO="2027-09-01T10:00:00Z") == wanted
    assert called(directory, "restore", "STAGE=live", STAGE="test", TO="2027-09-01T10:00:00Z") == wanted


def test_an_empty_variable_is_as_none_but_for_the_restored_table(directory: Path) -> None:
    bare = ["-m", "infra", "deploy", "--stage=live"]
    assert called(directory, "deploy", "STAGE=live", "BUCKET=", MAIL_FROM="") == bare
    assert called(directory, "deploy", "STAGE=live", "RESTORED_TABLE=") == [*bare, "--restored-table="]
    assert called(directory, "deploy", "STAGE=live", RESTORED_TABLE="") == [*bare, "--restored-table="]
    assert called(directory, "deploy", "STAGE=live", RESTORED_TABLE="t") == [*bare, "--restored-table=t"]


def test_only_one_means_yes(directory: Path) -> None:
    bare = ["-m", "infra", "deploy", "--stage=live"]
    assert called(directory, "deploy", "STAGE=live", "YES=1") == [*bare, "--yes"]
    assert called(directory, "deploy", "STAGE=live", YES="1") == [*bare, "--yes"]
    for no in ("", "0", "no", "10"):
        assert called(directory, "deploy", "STAGE=live", f"YES={no}") == bare
    assert called(directory, "launch", QUICK="1") == ["-m", "bench.launch", "--quick"]


def test_an_id_is_heeded_before_a_name_which_some_systems_put_into_every_environment(
    directory: Path,
) -> None:
    assert called(directory, "organiser", "ID=abc", NAME="LAPTOP-7") == [
        "-m",
        "infra",
        "organiser",
        "--id=abc",
    ]
    assert called(directory, "organiser") == ["-m", "infra", "organiser"]


def test_the_variables_of_aws_may_be_given_to_make_as_well(directory: Path) -> None:
    assert called(directory, "stop", "STAGE=live", "AWS_PROFILE=a b") == [
        "-m",
        "infra",
        "stop",
        "--stage=live",
    ]
    assert ran(directory)[-1][1]["AWS_PROFILE"] == "a b"


def test_colour_may_be_switched_off_on_make_s_command_line_as_the_help_says(directory: Path) -> None:
    assert called(directory, "preflight", "NO_COLOR=1") == ["-m", "infra", "preflight"]
    assert ran(directory)[-1][1]["NO_COLOR"] == "1"
