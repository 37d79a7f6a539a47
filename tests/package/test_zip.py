"""The zip: what is in it, and that it works by itself."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from infra.package import Package

ZIP_BYTES_MAX = 8 * 1024 * 1024


def test_every_handler_that_the_template_names_can_be_imported_from_the_zip(
    functions: dict[str, Any], unpacked: Path
) -> None:
    handlers = [function["Handler"].rpartition(".") for function in functions.values()]
    lines = [f"import {module}; assert callable({module}.{name})" for module, _, name in handlers]
    # Isolated: nothing is to be found but what is in the zip and in Python itself.
    code = (
        f"import sys; sys.path[:] = [{str(unpacked)!r}] + [p for p in sys.path if 'site-packages' not in p]\n"
    )
    run([sys.executable, "-I", "-c", code + "\n".join(lines)], unpacked)


def test_importing_the_app_loads_nothing_that_renders(unpacked: Path) -> None:
    code = (
        f"import sys; sys.path[:] = [{str(unpacked)!r}] + [p for p in sys.path if 'site-packages' not in p]\n"
        "import app\n"
        "loaded = {'jinja2', 'icalendar', 'segno'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    run([sys.executable, "-I", "-c", code], unpacked)


def run(command: list[str], task: Path) -> None:
    """Run this where the zip is unpacked; fail with what it said."""
    variables = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "TURNOUT_TABLE": "turnout",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(command, cwd=task, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_zip_is_small_and_holds_bytecode_and_no_tests(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as archive:
        names = archive.namelist()
    assert package.zip.stat().st_size < ZIP_BYTES_MAX
    assert len(names) == len(set(names))
    assert not [name for name in names if "/tests/" in name or name.startswith(("infra/", "tests/"))]
    for module in ("pynamodb/models", "chalice/app", "chalicelib/settings", "msgspec/__init__"):
        folder, _, name = module.rpartition("/")
        assert any(re.fullmatch(rf"{folder}/__pycache__/{name}\.cpython-\d+\.pyc", path) for path in names), (
            module
        )


def test_the_zip_for_arm64_holds_no_code_for_another_processor(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as archive:
        libraries = [name for name in archive.namelist() if name.endswith(".so")]
    assert libraries
    assert [name for name in libraries if "aarch64" not in name] == []


def test_the_bytecode_is_never_compared_with_time_stamps(unpacked: Path) -> None:
    unchecked = (0b01).to_bytes(4, "little")
    (compiled,) = (unpacked / "chalicelib" / "__pycache__").glob("settings.*.pyc")
    # PEP 552: after the magic number, 1 says hash-based, and without the second bit never checked.
    assert compiled.read_bytes()[4:8] == unchecked
