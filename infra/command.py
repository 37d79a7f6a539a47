"""What all commands of ``python -m infra`` share: how they refuse what they can't read, and how they end."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from infra.mistyped import correction

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["Parser"]
    """Where a module adds the command that it has."""

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
        self.exit(2, f"{self.prog}: {message}\n{example}\nEvery option: .venv/bin/{self.prog} --help\n")

    def _require_known(self, given: Sequence[str]) -> None:
        for argument in given:
            # What follows two dashes is no option, and what follows a command's name is its own parser's.
            if argument == "--" or (self._subparsers and not argument.startswith("-")):
                return
            name = argument.partition("=")[0]
            if name.startswith("--") and " " not in name and name not in self._option_string_actions:
                known = [one for one in self._option_string_actions if one.startswith("--")]
                self.error(f"there is no {name}.{correction(name, known)}")


def add_stage(parser: argparse.ArgumentParser) -> None:
    """Let a command be given the name of a deployment."""
    parser.add_argument(
        "--stage",
        required=True,
        type=stage_name,
        metavar="NAME",
        help="the deployment's name, for example live; its stack is turnout-NAME",
    )


def stage_name(text: str) -> str:
    """Return the name of a deployment. Raises ArgumentTypeError if it can't be one."""
    if not _STAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} can't be a deployment's name. Use small letters, digits and hyphens, "
            "at most 21, and begin with a letter. Try live or test."
        )
    return text
