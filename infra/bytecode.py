"""Compile what Lambda imports, without what is for people: docstrings, and the types of functions.

Docstrings were a seventh of the bytecode; types a fortieth of the zip, and a fiftieth of a cold start.

``python infra/bytecode.py DIRECTORY`` puts bytecode in the place of every source file under it. It is run by
the Python that will run the code, since bytecode is of use to one version alone; and as that one may have
nothing of ours installed, this imports Python's own library only.
"""

import ast
import marshal
import sys
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path

# PEP 552: known by its source's hash and, by the missing second bit, never compared with it. The time stamps
# of what comes out of a zip say nothing of what the source was.
_UNCHECKED = (0b01).to_bytes(4, "little")


def compile_tree(directory: Path) -> None:
    """Put bytecode in the place of every source file. Traces name files relative to the directory.

    Raises SyntaxError if any does not compile.
    """
    # In one order everywhere, so that the same sources make the same bytes.
    for source in sorted(directory.rglob("*.py")):
        compiled = bytecode(source.read_bytes(), str(source.relative_to(directory)))
        source.with_suffix(".pyc").write_bytes(compiled)
        source.unlink()


def bytecode(source: bytes, name: str) -> bytes:
    """Return what Python keeps of this source in a .pyc file. Its asserts stay: some are meant."""
    tree = _untyped(_undocumented(ast.parse(source, name)))
    code = compile(tree, name, "exec", dont_inherit=True, optimize=0)
    return b"".join((MAGIC_NUMBER, _UNCHECKED, source_hash(source), marshal.dumps(code)))


def _undocumented(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # Not only the first: the next string would be the docstring then.
            while node.body and ast.get_docstring(node, clean=False) is not None:
                docstring = node.body.pop(0)
                if not node.body and not isinstance(node, ast.Module):
                    node.body.append(ast.copy_location(ast.Pass(), docstring))
    return tree


def _untyped(tree: ast.Module) -> ast.Module:
    # A class keeps its fields' types: msgspec and dataclasses read them.
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    return tree


if __name__ == "__main__":
    compile_tree(Path(sys.argv[1]))
