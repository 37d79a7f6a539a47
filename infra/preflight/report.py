"""Printing what the checks found, for a terminal, a file or a screen reader."""

from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import TextIO

from infra.command import shown
from infra.preflight.check import Check, Mark

_SIGNS: dict[Mark, str] = {"ok": "+", "to do": "!", "can't tell": "?"}
_COLOURS: dict[Mark, str] = {"ok": "32", "to do": "31", "can't tell": "33"}
_UNDER = " " * 6
_FOUND_LENGTH_MAX = 400
"""A TXT record can have 64 KB. So much of one is enough to recognise it."""


class Report:
    """Prints each check as it is known, and counts them."""

    def __init__(self, out: TextIO, environment: Mapping[str, str]) -> None:
        self._out = out
        # https://no-color.org: any text in it means no. The words say it all without colour.
        self._coloured = out.isatty() and not environment.get("NO_COLOR")
        self._counts: dict[Mark, int] = dict.fromkeys(_SIGNS, 0)

    @property
    def all_ok(self) -> bool:
        """Whether there is nothing left to do or to find out."""
        return self._counts["ok"] == sum(self._counts.values())

    def section(self, title: str, checks: Iterable[Check]) -> None:
        """Print these checks under this title."""
        self._say(f"\n{title}")
        after_paste = False
        for check in checks:
            if after_paste:
                self._say("")
            after_paste = bool(check.paste)
            self._counts[check.mark] += 1
            # DNS and AWS may answer anything, and a terminal obeys some of it.
            self._say(f"  {self._mark(check.mark)}  {check.name}: {_short(shown(check.found))}")
            if check.why:
                self._say(_paragraph(shown(check.why)))
            if check.paste:
                # From the edge, so that what is copied has no spaces before it.
                self._say("\n".join(["", *map(shown, check.paste)]))

    def lines(self, title: str, lines: Iterable[str]) -> None:
        """Print these sentences under this title."""
        self._say("\n".join([f"\n{title}", *(f"  {line}" for line in lines)]))

    def end(self, next_step: str) -> None:
        """Print how much is left to do, or else the next step."""
        left, unknown = self._counts["to do"], self._counts["can't tell"]
        sentences = [f"{left} {'thing' if left == 1 else 'things'} to do."]
        if unknown:
            sentences.append(f"{unknown} {'check' if unknown == 1 else 'checks'} can't tell yet.")
        sentences.append("Then run preflight again." if left else "Run preflight again later.")
        self._say("\n" + (f"All is ready. Next: {next_step}" if self.all_ok else " ".join(sentences)))

    def _mark(self, mark: Mark) -> str:
        text = f"{_SIGNS[mark]} {mark:<10}"
        return f"\x1b[{_COLOURS[mark]}m{text}\x1b[0m" if self._coloured else text

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def _short(text: str) -> str:
    return text if len(text) <= _FOUND_LENGTH_MAX else f"{text[:_FOUND_LENGTH_MAX]} ..."


def _paragraph(text: str) -> str:
    # Names of records stay whole, however long they are.
    return fill(
        text,
        104,
        initial_indent=_UNDER,
        subsequent_indent=_UNDER,
        break_long_words=False,
        break_on_hyphens=False,
    )
