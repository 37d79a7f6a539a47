"""`python -m infra`: every command explains itself, and refuses a name that it doesn't know."""

import os
import re
import signal
import subprocess
import sys

import pytest

from bench.launch.__main__ import read_arguments as read_arguments_of_launch
from bench.live.__main__ import read_arguments as read_arguments_of_live
from infra.__main__ import main, parsers
from infra.local import __main__ as local
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


@pytest.mark.parametrize("name", ["Live", "1live", "live\n", "live-with-22-characters", ""])
def test_a_wrong_stage_is_refused_with_what_is_right(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(["stop", f"--stage={name}"], capsys)
    assert f"{name!r} can't be a deployment's name. Try live or test" in said


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2027-09-01", "soon"]
)
def test_a_time_to_restore_that_can_t_be_read_is_refused(
    time: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "2027-09-01T10:00:00Z" in refusal(["restore", "--stage=live", f"--to={time}"], capsys)


def test_an_empty_command_and_one_with_control_characters_are_refused_and_reach_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "COMMAND" in refusal([""], capsys)
    assert r"there is no command \x1b[31mdeploy\u202e." in refusal(["\x1b[31mdeploy\u202e"], capsys)


def of_python(code: str) -> list[str]:
    return [sys.executable, "-c", f"from infra.command import ends_in_words\nwith ends_in_words():\n{code}"]


@pytest.mark.parametrize(
    "code",
    [" print('x' * 10**6, flush=True)", " print('x')", " print('x')\n raise SystemExit(0)"],
    ids=["while it prints", "as it ends", "as it exits"],
)
def test_a_command_whose_reader_has_gone_ends_quietly(code: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(of_python(code), cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_command_that_is_stopped_says_so_in_a_sentence() -> None:
    code = " import signal; signal.raise_signal(signal.SIGINT)"
    done = subprocess.run(of_python(code), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "\nStopped before it was done.\n")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("[sys.executable, '-m', 'no_such_module']", "no_such_module failed with status 1."),
        ("['false', '--all']", "false failed with status 1."),
    ],
)
def test_a_program_that_fails_is_named_without_a_trace(program: str, said: str) -> None:
    code = f" import subprocess, sys; subprocess.run({program}, check=True)"
    done = subprocess.run(of_python(code), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_make_run_names_a_program_that_fails_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        subprocess.run(["false"], check=True)

    monkeypatch.setattr(local, "_start", fails)
    # It sets how this process takes signals.
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit, match=r"false failed with status 1\. Its own message is above\."):
        local.main()


@pytest.mark.parametrize("package", ["infra", "bench", "bench.live", "bench.launch"])
def test_every_command_line_ends_in_words(package: str) -> None:
    source = (ROOT / package.replace(".", "/") / "__main__.py").read_text()
    assert source.partition('if __name__ == "__main__":\n')[2].startswith("    with ends_in_words():\n")


def test_the_writer_of_the_api_s_page_says_that_it_needs_a_folder() -> None:
    command = [sys.executable, "-m", "infra.apidoc"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("python -m infra.apidoc: the following arguments are required: FOLDER\n")


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
