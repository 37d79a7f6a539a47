"""What a spreadsheet is given: read back by others as what it was, and never calculated."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.documents.spreadsheet import csv_line, guarded

CELLS = st.text(st.sampled_from("=+-@\uff1d\uff0b\uff0d\uff20'\",;|\t\r\n ab1é🎉\u00a0")) | st.text()
STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")
BEGINS = r"(?:\A|[,;|\"\t\r\n])[^\S\t\r\n]*"
ADDED = re.compile(rf"\A'(?='*[\t\r\n])|({BEGINS})'(?='*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def read(text: str) -> list[list[str]]:
    """Read it as any program would that knows RFC 4180."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def without_apostrophes(cell: str) -> str:
    """What was there before it was guarded."""
    return ADDED.sub(r"\1", cell)


@given(st.lists(CELLS, min_size=1, max_size=6))
@example(["=1", "'=1", "''=1", "\t=1", "'\t=1", "a\n=1", 'a"=1', ",'=1", " =1", "'t Hooft"])
def test_what_was_stored_comes_back_and_no_cell_starts_a_formula(cells: list[str]) -> None:
    [row] = read(csv_line(cells))
    assert [without_apostrophes(cell) for cell in row] == cells
    assert not [cell for cell in row if cell.startswith(STARTS) or cell.lstrip().startswith(STARTS[:8])]


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_programs_that_know_no_quotes_or_other_separators_see_no_formula_either(cells: list[str]) -> None:
    line = csv_line(cells)
    for separators in (r"[\r\n]+", r"[,\r\n]+", r"[;\r\n]+", r"[\t\r\n]+", r"[|\r\n]+", r"[,;|\t\r\n\"]+"):
        for seen in re.split(separators, line):
            assert not seen.strip().strip('"').strip().startswith(STARTS[:8]), (separators, line)


@given(CELLS)
def test_cells_that_differ_still_do(cell: str) -> None:
    assert without_apostrophes(guarded(cell)) == cell
    assert guarded(cell).replace("'", "") == cell.replace("'", "")


@pytest.mark.parametrize("cell", ["O'Brien", "'t Hooft", "Ana-María", "a=b", "1+1", "x@example.org", ""])
def test_what_is_harmless_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell


def test_a_line_is_rfc_4180_to_the_letter() -> None:
    assert csv_line(["a", 'say "hi"', "two\nlines", "é"]) == '"a","say ""hi""","two\nlines","é"\r\n'


def test_a_long_hostile_cell_loses_nothing() -> None:
    for hostile in ("\n" * 200_000, ", " * 100_000, " " * 200_000, "," + "'" * 200_000):
        assert guarded(hostile).replace("'", "") == hostile.replace("'", "")
