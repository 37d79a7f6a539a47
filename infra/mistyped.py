"""Say what a mistyped name was probably meant to be: ``python infra/mistyped.py STAEG -- STAGE MAIL_FROM``.

The Makefile runs this before there is a virtual environment, so it uses the standard library only.
"""

import difflib
import sys
from collections.abc import Iterable


def correction(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name, or nothing if none is near."""
    names = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), names, n=1)
    return f" Did you mean {names[near[0]]}?" if near else ""


def main(arguments: list[str]) -> None:
    """Print a sentence for each name before the two dashes; the known names follow them."""
    middle = arguments.index("--")
    for name in arguments[:middle]:
        print(f"{name} means nothing here.{correction(name, arguments[middle + 1 :])}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
