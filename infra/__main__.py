"""``python -m infra COMMAND``: package, deploy and run Turnout. ``--help`` explains each command."""

import argparse
import sys
from collections.abc import Sequence

from infra import (
    deploy,
    launch_plan,
    lock,
    maps,
    organiser,
    package,
    preflight,
    restore,
    secrets,
    shut_out,
    standstill,
)
from infra.command import Parser, ends_in_words
from infra.mistyped import correction

MODULES = (
    *(preflight, launch_plan, package, deploy, shut_out, standstill, restore, secrets),
    *(organiser, lock, maps),
)
"""In the order in which ``--help`` lists their commands. Each has ``add_command``."""

DESCRIPTION = """\
Package, deploy and run Turnout. The make targets of the same names run these commands.

AWS's usual variables say which account and region: AWS_PROFILE, AWS_REGION and so on."""


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole command line, and that of each command by its name."""
    whole = Parser(prog="python -m infra", description=DESCRIPTION)
    commands = whole.add_subparsers(metavar="COMMAND", required=True, dest="command", title="commands")
    for module in MODULES:
        module.add_command(commands)
    return whole, dict(commands.choices)


def main(given: Sequence[str]) -> None:
    """Run the command that these arguments name."""
    whole, commands = parsers()
    if given and given[0] and not given[0].startswith("-") and given[0] not in commands:
        whole.error(f"there is no command {given[0]}.{correction(given[0], commands)}")
    arguments: argparse.Namespace = whole.parse_args(given)
    # Imported here, for it imports boto3: --help doesn't wait for that.
    from infra.account import refusals_in_words

    with refusals_in_words():
        arguments.run(arguments)


if __name__ == "__main__":
    with ends_in_words():
        main(sys.argv[1:])
