"""Writes each file of data, and says how much of the zip it takes."""

import zlib
from collections.abc import Callable

from chalicelib.domain.countries import DATA
from infra.maps import countries, outlines, towns
from infra.vendor import ROOT

FILES: dict[str, Callable[[], str]] = {
    "towns.txt": towns.table,
    "countries.txt": countries.table,
    "outlines.txt": outlines.table,
}


def write() -> dict[str, int]:
    """Write all data again. Return what each file takes in the zip, by its path."""
    taken = {}
    for name, table in FILES.items():
        file = DATA / name
        file.write_text(table(), encoding="utf-8", newline="\n")
        taken[str(file.relative_to(ROOT))] = len(zlib.compress(file.read_bytes(), 9))
    return taken
