"""What the zip holds asks for nothing that was left out of it, by the way of every Python that Lambda has.

It is read off the sources that the bytecode was made of, since a test runs on one Python and takes one way.
"""

import ast
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path, PurePath

import pytest

from infra.left_out import STAND_INS
from infra.package import Package
from infra.vendor import ROOT
from tests.package.isolated import run

PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))

DO_WITHOUT = {
    ("botocore.auth", "botocore.crt.auth"): "where awscrt is there",
    ("botocore.httpsession", "urllib3.contrib.pyopenssl"): "takes urllib3's own if it can't import this",
    ("dateutil.tz.tz", "dateutil.tz.win"): "does without if it can't import it, as it can't on Linux",
    ("icalendar.caselessdict", "typing_extensions"): "where Python's own typing has no Self",
    ("icalendar.compatibility", "typing_extensions"): "where Python's own typing has no Self",
    (
        "icalendar.timezone.tzid",
        "dateutil.tz.win",
    ): "does without if it can't import it, as it can't on Linux",
    ("msgspec._utils", "typing_extensions"): "takes Python's own typing if it can't import this",
}
"""Who in the zip names what isn't there, and when it would."""

NEED_WHAT_WAS_NEVER_THERE = {"icalendar.timezone.pytz": "pytz"}
"""What can't be imported, also where all that we depend on is installed."""

READ_DOCSTRINGS = {
    "msgspec._json_schema": "describes structs, as infra/apidoc does while packaging",
    # These only give one thing's docstring to another.
    **dict.fromkeys(("botocore.vendored.six", "six"), "copies"),
    **dict.fromkeys(("dateutil.parser", "dateutil.tz"), "copies"),
    **dict.fromkeys(("icalendar.attr", "icalendar.cal.alarm", "icalendar.cal.lazy"), "copies"),
    **dict.fromkeys(("icalendar.parser.parameter", "msgspec"), "copies"),
}
"""Whose code looks at docstrings, which the zip has none of (infra/bytecode.py)."""

READ_TYPES = {
    "botocore.compat": "only counts arguments",
    "chalicelib.domain.validation": "those of structs",
    "icalendar.attr": "only sets them",
    "msgspec._utils": "those of classes",
    "pynamodb.attributes": "only names arguments",
}
"""Whose code looks at the types of arguments or fields. The zip has no function's (infra/bytecode.py)."""

_READS_TYPES = {
    "__annotations__", "__signature__", "get_annotations", "get_type_hints", "getfullargspec", "signature",
    "singledispatch", "singledispatchmethod",
}  # fmt: skip


def module_of(file: PurePath) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sources of all that we depend on, by module: as installed here, or what we put in their place."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = [line.partition("==")[0] for line in lines if line and line[0] != "#"]
    files = [file for name in pinned for file in distribution(name).files or ()]
    found = {module_of(file): Path(str(file.locate())) for file in files if file.suffix == ".py"}
    directory = tmp_path_factory.mktemp("stand-ins")
    for name, source in STAND_INS.items():
        module = module_of(PurePath(name))
        assert module in found, f"{name} stands in for nothing"
        stand_in = directory / name
        stand_in.parent.mkdir(parents=True, exist_ok=True)
        stand_in.write_text(source)
        found[module] = stand_in
    return found


@pytest.fixture(scope="module")
def deployed(package: Package) -> set[str]:
    """The modules that are in the zip: ours, and those of all that we depend on."""
    with zipfile.ZipFile(package.zip) as archive:
        return {module_of(PurePath(name)) for name in archive.namelist() if name.endswith(".pyc")}


def goes_there(test: ast.expr, python: tuple[int, ...]) -> bool | None:
    """Return which way this condition always goes on Lambda; None if that isn't known."""
    text = ast.unparse(test)
    if text.rpartition(".")[2] == "TYPE_CHECKING" or text == "sys.platform == 'emscripten'":
        return False
    match test:
        case ast.Compare(left, [ast.GtE()], [ast.Tuple() as least]) if (
            ast.unparse(left) == "sys.version_info"
        ):
            return bool(python >= ast.literal_eval(least))
    return None


def imported(node: ast.AST, package: list[str], python: tuple[int, ...]) -> Iterator[str]:
    """Yield what this code may import on this Python, and what may be an attribute or a module."""
    children: Iterator[ast.AST] = ast.iter_child_nodes(node)
    match node:
        case ast.If():
            way = goes_there(node.test, python)
            children = iter((*(node.body if way is not False else ()), *(node.orelse if not way else ())))
        case ast.Import():
            for name in (alias.name.split(".") for alias in node.names):
                yield from (".".join(name[: length + 1]) for length in range(len(name)))
        case ast.ImportFrom():
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)
    for child in children:
        yield from imported(child, package, python)


def test_nothing_in_the_zip_imports_what_is_not_in_it(sources: dict[str, Path], deployed: set[str]) -> None:
    left_out = set(sources) - deployed
    assert {"typing_extensions", "jinja2.ext", "boto3.session", "chalice.cli"} <= left_out
    named = set()
    for module in deployed & set(sources):
        parts = module.split(".")
        package = parts if sources[module].name == "__init__.py" else parts[:-1]
        tree = ast.parse(sources[module].read_bytes())
        found = {name for python in PYTHONS for name in imported(tree, package, python)}
        named |= {(module, name) for name in found & left_out}
    assert named == set(DO_WITHOUT)


def test_every_module_in_the_zip_can_be_imported_without_what_was_left_out(
    deployed: set[str], unpacked: Path
) -> None:
    failed = run(
        "import importlib\nfailed = {}\n"
        f"for module in {sorted(deployed)!r}:\n"
        "    try:\n        importlib.import_module(module)\n"
        "    except Exception as error:\n        failed[module] = getattr(error, 'name', repr(error))\n"
        "print(json.dumps(failed))",
        unpacked,
    )
    assert failed == NEED_WHAT_WAS_NEVER_THERE


def test_nobody_reads_the_docstrings_that_the_zip_does_not_have(
    sources: dict[str, Path], deployed: set[str]
) -> None:
    readers = set()
    for module in deployed & set(sources):
        for node in ast.walk(ast.parse(sources[module].read_bytes())):
            match node:
                case (
                    ast.Attribute(attr="__doc__" | "getdoc", ctx=ast.Load())
                    | ast.Name(id="__doc__" | "getdoc", ctx=ast.Load())
                    | ast.alias(name="__doc__" | "getdoc")
                    | ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value="__doc__"), *_])
                ):
                    readers.add(module)
    assert readers == set(READ_DOCSTRINGS)


def test_nobody_reads_the_types_of_functions_that_the_zip_does_not_have(
    sources: dict[str, Path], deployed: set[str]
) -> None:
    ours = {module_of(path.relative_to(ROOT)): path for path in (ROOT / "chalicelib").rglob("*.py")}
    readers = set()
    for module, source in {**sources, **ours}.items():
        for node in ast.walk(ast.parse(source.read_bytes())) if module in deployed else ():
            match node:
                case ast.Attribute(value=ast.Name(id="inspect" | "typing" | "functools"), attr=name):
                    read = name
                case ast.Attribute(attr="__annotations__" | "__signature__" as name):
                    read = name
                case ast.alias(name=name) | ast.Constant(value="__annotations__" | "__signature__" as name):
                    read = name
                case _:
                    continue
            if read in _READS_TYPES:
                readers.add(module)
    assert readers == set(READ_TYPES)


def test_nothing_in_the_zip_has_a_docstring(unpacked: Path) -> None:
    documented = run(
        "import app, botocore.client, chalicelib.domain.links, icalendar, jinja2, pynamodb.models\n"
        "ours = app, chalicelib.domain.links, chalicelib.domain.links.sign_link\n"
        "others = botocore.client.BaseClient, icalendar.Calendar, jinja2.Environment, pynamodb.models.Model\n"
        "print(json.dumps([one.__doc__ for one in (*ours, *others)]))",
        unpacked,
    )
    assert documented == [None] * 7
