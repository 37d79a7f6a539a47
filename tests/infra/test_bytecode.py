"""infra/bytecode.py: what is compiled does what its source does, and traces name the same lines."""

import marshal
import py_compile
import subprocess
import traceback
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from infra import bytecode
from infra.vendor import Target, compile_tree

DOCUMENTED = '''"""A module."""
"""Not its docstring either."""

from __future__ import annotations

LIMIT = 3
"""A limit."""


class Empty:
    """Only this."""


class Kept:
    """A class."""

    name: Unknown = "is text"

    def method(self, count):
        """A method."""
        "And a string behind it."
        assert count < LIMIT, "too many"
        return "a string that is no docstring"


async def later(count: Unknown) -> Unknown:
    """Only this."""


def failing():
    """Fails
    on the line below."""
    return (
        LIMIT / 0
    )
'''


def unmarshalled(compiled: bytes) -> CodeType:
    code: CodeType = marshal.loads(compiled[16:])
    return code


def executed(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "documented"}
    exec(unmarshalled(bytecode.bytecode(source.encode(), "documented.py")), names)
    return names


def test_nothing_keeps_its_docstring_or_a_functions_types_and_everything_does_what_it_did() -> None:
    names = executed(DOCUMENTED)
    kept = names["Kept"]
    documented = (names["Empty"], kept, kept.method, names["later"], names["failing"])
    assert [found.__doc__ for found in documented] == [None] * 5
    assert "__doc__" not in names
    assert kept.__annotations__ == {"name": "Unknown"}
    assert names["later"].__annotations__ == {}
    assert kept().method(2) == "a string that is no docstring"
    with pytest.raises(AssertionError, match="too many"):
        kept().method(3)


def test_a_trace_names_the_lines_of_the_source() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        executed(DOCUMENTED)["failing"]()
    *_, last = traceback.extract_tb(raised.value.__traceback__)
    assert last.filename == "documented.py"
    assert last.lineno == 1 + DOCUMENTED.splitlines().index("        LIMIT / 0")


def test_python_takes_it_for_what_it_would_have_compiled_itself(tmp_path: Path) -> None:
    source = tmp_path / "plain.py"
    source.write_text("# No docstring here.\nLIMIT = 3\n")
    by_python = py_compile.compile(
        str(source), dfile="plain.py", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    assert by_python is not None
    assert bytecode.bytecode(source.read_bytes(), "plain.py") == Path(by_python).read_bytes()


def test_a_tree_has_its_bytecode_where_its_sources_were(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    source = tmp_path / "inner" / "one.py"
    source.write_text("def one():\n    return 1 / 0\n")
    compile_tree(tmp_path, Target())
    compiled = source.with_suffix(".pyc")
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == {compiled}
    code = unmarshalled(compiled.read_bytes())
    (one,) = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    assert one.co_filename == "inner/one.py"
    assert {line for line, *_ in one.co_positions()} == {1, 2}
    assert not any(column is not None for *_, column, _ in one.co_positions())


def test_what_does_not_compile_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def\n")
    with pytest.raises(subprocess.CalledProcessError):
        compile_tree(tmp_path, Target())
