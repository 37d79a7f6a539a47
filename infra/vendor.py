"""What we depend on, installed for Lambda: without what Lambda never reads, and with bytecode.

botocore brings the description of every AWS service, nine tenths of it all; we use five.
"""

import compileall
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Literal

from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
HERE_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

Machine = Literal["here", "arm64", "x86_64"]

_WHEELS = {"arm64": "aarch64", "x86_64": "x86_64"}
_SERVICES = {"dynamodb", "sesv2", "sqs", "ssm", "sts"}
_LAYOUT = "1"
"""Raise it when this file puts something else into the directory, so that old ones aren't reused."""


class Target(Struct, frozen=True):
    """For which processor and Python we build. ``here`` is the machine that this runs on."""

    machine: Machine = "here"
    python: str = HERE_PYTHON

    @property
    def runs_here(self) -> bool:
        """Whether this Python can compile for that one: bytecode differs from version to version."""
        return self.python == HERE_PYTHON


def vendor(target: Target, vendors: Path) -> Path:
    """Return a directory under ``vendors`` with all that we depend on, made at the first call.

    Raises CalledProcessError if pip fails (it says why on stderr).
    """
    requirements = _requirements()
    made_from = "\n".join((_LAYOUT, target.machine, target.python, sys.version, requirements))
    directory = vendors / hashlib.sha256(made_from.encode()).hexdigest()[:16]
    if directory.exists():
        return directory
    vendors.mkdir(parents=True, exist_ok=True)
    # Beside its place and then renamed, so that a build that was interrupted is never taken for whole.
    with tempfile.TemporaryDirectory(dir=vendors) as temporary:
        unfinished = Path(temporary) / "vendor"
        _install(requirements, target, unfinished)
        _trim(unfinished)
        if target.runs_here:
            _add_chalice(unfinished)
            compile_tree(unfinished, unfinished)
            for source in (unfinished / "chalice").glob("*.py"):
                source.unlink()
        unfinished.rename(directory)
    return directory


def compile_tree(directory: Path, root: Path) -> bool:
    """Put bytecode beside every source file; return whether all of them compile.

    With bytecode, importing the app costs a quarter of what it does without. It is unchecked because
    a zip's time stamps say nothing of what the source was. Traces name files relative to ``root``.
    """
    return bool(
        compileall.compile_dir(
            directory,
            quiet=1,
            force=True,
            stripdir=str(root),
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
    )


def _requirements() -> str:
    # `chalice package` adds the two modules of Chalice that run in Lambda; the rest is its command line.
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return "\n".join(line for line in lines if line and not line.startswith(("#", "chalice==")))


def _install(requirements: str, target: Target, directory: Path) -> None:
    listed = directory.with_suffix(".txt")
    listed.write_text(requirements)
    # No dependencies: requirements.txt names them all, and pip would take others without saying so.
    command = [sys.executable, "-m", "pip", "install", "-qq", "--no-compile", "--no-deps"]
    command += ["--disable-pip-version-check", "--target", str(directory), "--requirement", str(listed)]
    if target.machine != "here":
        wheels = _WHEELS[target.machine]
        command += ["--only-binary=:all:", "--implementation=cp", "--python-version", target.python]
        command += [f"--platform=manylinux2014_{wheels}", f"--platform=manylinux_2_28_{wheels}"]
    subprocess.run(command, check=True)


def _trim(directory: Path) -> None:
    shutil.rmtree(directory / "bin", ignore_errors=True)
    for data in (directory / "botocore" / "data").iterdir():
        if data.is_dir() and data.name not in _SERVICES:
            shutil.rmtree(data)
    # boto3's own data describes its resources and examples; we use clients only.
    for data in (directory / "boto3" / "data").iterdir():
        if data.is_dir():
            shutil.rmtree(data)
    shutil.rmtree(directory / "boto3" / "examples", ignore_errors=True)
    for unused in [*directory.rglob("tests"), *directory.rglob("__pycache__")]:
        shutil.rmtree(unused, ignore_errors=True)
    for file in [*directory.rglob("*.pyi"), *directory.rglob("examples-1.json*")]:
        file.unlink()
    for file in directory.glob("*.dist-info/**/*"):
        if file.is_file() and file.name != "METADATA":
            file.unlink()


def _add_chalice(directory: Path) -> None:
    import chalice
    import chalice.app

    # `chalice package` adds the sources of both; their bytecode is ours to add.
    sources = directory / "chalice"
    sources.mkdir()
    for module in (chalice, chalice.app):
        shutil.copy(str(module.__file__), sources)
