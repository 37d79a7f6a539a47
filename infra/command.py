"""What all commands of ``python -m infra`` share: how they refuse what they can't read, and how they end."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any, NoReturn

from infra.mistyped import correction

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["Parser"]
    """Where a module adds the command that it has."""

_STATUS_STOPPED = 130
"""As of a program that Ctrl-C ends: 128, and the number of the signal."""

_STAGE = re.compile(r"[a-z][a-z0-9-]{0,20}")


class Parser(argparse.ArgumentParser):
    """A parser that takes whole names only, and says what a mistyped one was probably meant to be."""

    def __init__(self, *arguments: Any, example: str = "", **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        if example:
            options.setdefault("epilog", f"example, by make:\n  {example}")
        super().__init__(*arguments, **options)
        self._example = example

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse an unknown option before argparse looks: it would complain of what is missing instead."""
        given: Sequence[str] = sys.argv[1:] if args is None else args
        self._require_known(given)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """End the command with what is wrong, and how it is used."""
        example = f"\n    {self._example}\n" if self._example else ""
        self.exit(
            2, f"{self.prog}: {shown(message)}\n{example}\nEvery option: .venv/bin/{self.prog} --help\n"
        )

    def _require_known(self, given: Sequence[str]) -> None:
        for argument in given:
            # What follows two dashes is no option, and what follows a command's name is its own parser's.
            if argument == "--" or (self._subparsers and not argument.startswith("-")):
                return
            name = argument.partition("=")[0]
            if name.startswith("--") and " " not in name and name not in self._option_string_actions:
                known = [one for one in self._option_string_actions if one.startswith("--")]
                self.error(f"there is no {name}.{correction(name, known)}")


@contextmanager
def ends_in_words() -> Iterator[None]:
    """End a command without a trace if it is stopped, its reader goes, or a program that it runs fails."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("\nStopped before it was done.", file=sys.stderr)
        sys.exit(_STATUS_STOPPED)
    except BrokenPipeError:
        # Python writes out what is left as it ends. Without this it would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except CalledProcessError as error:
        sys.exit(f"\n{failure_of(error)}")


def failure_of(error: CalledProcessError) -> str:
    """Return in words that this program failed. It has said why on stderr."""
    command = [str(part) for part in error.cmd]
    program = command[2] if command[1:2] == ["-m"] else Path(command[0]).name
    return f"{program} failed with status {error.returncode}. Its own message is above."


def shown(text: str) -> str:
    """Return this text with the characters that a terminal would obey, or hide, written as escapes."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def add_stage(parser: argparse.ArgumentParser) -> None:
    """Let a command be given the name of a deployment."""
    parser.add_argument(
        "--stage",
        required=True,
        type=stage_name,
        metavar="NAME",
        help="the deployment's name, for example live; its stack is turnout-NAME",
    )


def add_for_stage(
    commands: "Commands",
    name: str,
    *,
    words: str,
    description: str,
    run: Callable[[argparse.Namespace], None],
) -> None:
    """Add a command that is given a deployment's name and nothing else."""
    parser = commands.add_parser(name, help=words, description=description, example=f"make {name} STAGE=live")
    add_stage(parser)
    parser.set_defaults(run=run)


def stage_name(text: str) -> str:
    """Return the name of a deployment. Raises ArgumentTypeError if it can't be one."""
    if not _STAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} can't be a deployment's name. Try live or test. "
            "Use at most 21 small letters, digits and hyphens, and begin with a letter."
        )
    return text
