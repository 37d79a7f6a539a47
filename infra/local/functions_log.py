"""What the functions log on this machine, and how what went wrong is shown on the terminal."""

import json
from pathlib import Path
from typing import Any


class FunctionsLog:
    """The file that infra/local/taught.py writes: one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_to = 0

    def empty(self) -> None:
        """Begin anew, for a new run."""
        self.path.write_text("")
        self._read_to = 0

    def new_errors(self) -> list[str]:
        """Return what went wrong since this was called last, in words for the terminal."""
        with self.path.open("rb") as log:
            log.seek(self._read_to)
            # A line may be half written.
            whole, newline, _ = log.read().rpartition(b"\n")
        self._read_to += len(whole) + len(newline)
        entries: list[dict[str, Any]] = [json.loads(line) for line in whole.splitlines()]
        return [in_words(entry) for entry in entries if entry.get("level") == "ERROR"]


def in_words(entry: dict[str, Any]) -> str:
    """Return an error that was logged: which function, what, and where it was raised."""
    rest = dict(entry)
    function, message, exception = (rest.pop(name, "") for name in ("function", "message", "exception"))
    below = [*rest.pop("trace", ()), *rest.pop("lines", ())]
    rest.pop("level")
    # Named by CloudFormation: turnout-APIHandler-27E2E7476ED26.
    words = f"{_logical_id(function)}: {message}"
    if exception:
        words += f": {exception}"
    if rest:
        words += f" ({', '.join(f'{name} {value}' for name, value in rest.items())})"
    return "\n    ".join([f"ERROR in {words}", *below])


def _logical_id(function: str) -> str:
    parts = function.split("-")
    return parts[-2] if len(parts) > 2 else function
