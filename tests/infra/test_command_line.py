"""`python -m infra`: every command explains itself, and refuses a name that it doesn't know."""

import re
import subprocess
import sys

import pytest

from bench.launch.__main__ import read_arguments as read_arguments_of_launch
from bench.live.__main__ import read_arguments as read_arguments_of_live
from infra.__main__ import main, parsers
from infra.vendor import ROOT
from tests.plain_words import not_plain

WHOLE, COMMANDS = parsers()


def options(command: str) -> set[str]:
    found = {
        option
        for action in COMMANDS[command]._actions
        for option in action.option_strings
        if option.startswith("--")
    }
    return found - {"--help"}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself_and_each_of_its_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert (COMMANDS[command].description or "").strip() in printed
    assert "example, by make:\n  make " in printed
    for option in options(command):
        assert re.search(rf"^  {option} .*\w", printed, re.MULTILINE), option


def test_the_help_of_all_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert [name for name in COMMANDS if not re.search(rf"^    {name}\s", printed, re.MULTILINE)] == []


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_is_in_plain_words(command: str) -> None:
    names = re.compile(r"--[a-z-]+")
    assert not_plain(names.sub("", COMMANDS[command].format_help())) == []


def test_help_does_not_wait_for_the_libraries_that_a_command_needs() -> None:
    """Importing them takes many times as long as printing help."""
    code = "import sys, infra.__main__; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"boto3", "botocore", "chalice", "chalicelib", "pynamodb", "cfnlint"}.isdisjoint(
        done.stdout.split()
    )


def refusal(given: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is said as these arguments are refused."""
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["depoly"], "there is no command depoly. Did you mean deploy?"),
        (["organizer", "Soup Society"], "there is no command organizer. Did you mean organiser?"),
        (["dance"], "there is no command dance.\n"),
        (["deploy", "--staeg=live"], "deploy: there is no --staeg. Did you mean --stage?"),
        (
            ["deploy", "--stage", "live", "--mail-form", "a@b.example"],
            "--mail-form. Did you mean --mail-from?",
        ),
        (["stop", "--stage=live", "--dance"], "stop: there is no --dance.\n"),
        (["launch-plan", "--PEOPLE=5"], "there is no --PEOPLE. Did you mean --people?"),
        (["launch-plan", "--mail-per-second=5"], "Did you mean --mails-per-second?"),
        (["--verison"], "there is no --verison.\n"),
    ],
)
def test_a_mistyped_name_is_refused_with_the_nearest_that_means_something(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in refusal(given, capsys)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_command_takes_the_beginning_of_a_name_for_the_name(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in options(command):
        assert f"there is no {option[:-1]}." in refusal([command, f"{option[:-1]}=1"], capsys)


def test_what_is_missing_is_said_with_an_example_and_where_to_read_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = refusal(["deploy"], capsys)
    assert "required: --stage" in said
    assert "make deploy STAGE=live MAIL_FROM=bookings@your.org" in said
    assert "Every option: .venv/bin/python -m infra deploy --help" in said


def test_a_name_that_looks_like_an_option_is_a_name_after_two_dashes() -> None:
    assert WHOLE.parse_args(["organiser", "--", "--our group--"]).name == "--our group--"
    assert WHOLE.parse_args(["organiser", "--", "--id"]).name == "--id"


@pytest.mark.parametrize("given", [["organiser"], ["organiser", "Soup Society", "--id", "abc"]])
def test_an_organiser_is_named_or_given_by_id_but_not_both(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--id" in refusal(given, capsys)


def test_parameters_may_be_given_together_or_one_by_one() -> None:
    given = ["deploy", "--stage=live", "--parameters=A=1 B=x=y", "--parameters", "C="]
    assert dict(WHOLE.parse_args(given).parameters) == {"A": "1", "B": "x=y", "C": ""}
    assert WHOLE.parse_args(["deploy", "--stage=live"]).parameters == []


def test_an_empty_restored_table_is_not_the_same_as_none() -> None:
    assert WHOLE.parse_args(["deploy", "--stage=live", "--restored-table="]).restored_table == ""
    assert WHOLE.parse_args(["deploy", "--stage=live"]).restored_table is None


def test_the_commands_of_bench_read_their_options_and_refuse_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    live = read_arguments_of_live(["--rate=2.5", "--places=7"])
    assert (live.rate, live.seconds, live.places, live.seed) == (2.5, 30, 7, 1)
    launch = read_arguments_of_launch(["--quick", "--workers=3"])
    assert (launch.quick, launch.workers) == (True, 3)
    with pytest.raises(SystemExit):
        read_arguments_of_live(["--raet=4"])
    with pytest.raises(SystemExit):
        read_arguments_of_launch(["--qiuck"])
    said = capsys.readouterr().err
    assert "Did you mean --rate?" in said
    assert "Did you mean --quick?" in said
