"""``python -m infra.apidoc FOLDER``: as a process of its own, for what it imports reads the environment."""

from pathlib import Path

from infra.command import Parser


def main() -> None:
    """Write both files into the folder that the arguments name."""
    parser = Parser(prog="python -m infra.apidoc", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where openapi.json and docs.html go")
    folder = parser.parse_args().folder
    # Imported here, for it imports the product: --help doesn't wait for that.
    from infra.apidoc.write import write

    write(folder)


if __name__ == "__main__":
    main()
