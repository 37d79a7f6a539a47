"""The command line of what builds, checks and runs deployments."""

import argparse

from infra import preflight


def main() -> None:
    """Run the command that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m infra", allow_abbrev=False)
    preflight.add_command(parser.add_subparsers(required=True, metavar="COMMAND"))
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
