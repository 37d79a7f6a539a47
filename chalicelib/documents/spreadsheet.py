"""CSV that a spreadsheet may open: RFC 4180, and nothing in it is a formula.

A cell that begins with = + - @ (or their full-width forms), a tab or a line end is calculated by the
program that opens it, and a formula can send what is around it to anybody. Such a cell gets an
apostrophe in front (OWASP, "CSV Injection"). Programs also disagree on what separates cells: where
Excel's list separator is a semicolon, "x;=1" is two cells, and awk knows no quotes. So the same is done
inside a cell wherever any of them might see another one begin.
"""

import csv
import io
import re
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
"""What a file begins with, or Excel reads it in the code page of its country and "Zoë" is garbled."""

_FORMULA = "=+@\uff1d\uff0b\uff0d\uff20-"

# Where some program sees a cell begin, and then what would make it a formula. Apostrophes that stand there
# already get one more, so that taking one away always brings back what was there.
_RISKY = re.compile(rf"\A(?='*[\t\r\n])|(\A|[,;|\"\t\r\n])([^\S\t\r\n]*)(?='*[{_FORMULA}])")


def csv_line(cells: Iterable[str]) -> str:
    """Return these cells as a line of CSV, its CRLF included."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(guarded, cells))
    return line.getvalue()


def guarded(cell: str) -> str:
    """Return the cell's text so that no program calculates it, or any part of it."""
    return _RISKY.sub(r"\g<0>'", cell)
