"""What we depend on, installed for Lambda: without what Lambda never reads, and as bytecode.

A target is a processor and a Python. What is compiled for one Python is of no use to another, so a package
is compiled by the Python that will run it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from msgspec import Struct

from infra import bytecode, left_out, service_data

ROOT = Path(__file__).resolve().parent.parent
DEPLOYED = ROOT / "requirements-deployed.txt"
"""What the zip holds, with the hash of every wheel. infra/lock.py writes it."""

HERE_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

Machine = Literal["here", "arm64", "x86_64"]

_WHEELS = {"arm64": "aarch64", "x86_64": "x86_64"}

# Lambda's runtimes for Python, and the wheels that the C library of each can load: Amazon Linux 2 has
# glibc 2.26, Amazon Linux 2023 has 2.34. Source: Lambda developer guide, "Lambda runtimes".
_LAMBDA_WHEELS = {
    "3.11": ("manylinux2014",),
    "3.12": ("manylinux2014", "manylinux_2_28"),
    "3.13": ("manylinux2014", "manylinux_2_28"),
    "3.14": ("manylinux2014", "manylinux_2_28"),
}
LAMBDA_PYTHONS = tuple(_LAMBDA_WHEELS)

# What a person may have set for pip that installs something else, or somewhere else, than we ask for.
_NOT_FOR_PIP = (
    "PIP_ABI",
    "PIP_CONSTRAINT",
    "PIP_EDITABLE",
    "PIP_PLATFORM",
    "PIP_PREFIX",
    "PIP_REQUIREMENT",
    "PIP_ROOT",
)
_FLAGS_OFF = ("PIP_DRY_RUN", "PIP_REQUIRE_HASHES", "PIP_USER")
"""Off also if pip's own file says on. An option of the command line counts before these."""


class Target(Struct, frozen=True):
    """For which processor and Python we build. ``here`` is the machine that this runs on."""

    machine: Machine = "here"
    python: str = HERE_PYTHON

    def require_possible(self) -> None:
        """Exit with the reason, if no package can be built for this."""
        if self.machine != "here" and self.python not in LAMBDA_PYTHONS:
            known = ", ".join(LAMBDA_PYTHONS)
            sys.exit(f"Lambda has no runtime for Python {self.python}; it has one for each of {known}.")
        self.compiler()

    def compiler(self) -> str:
        """Return the Python that compiles for this one: itself. Exits if it isn't there."""
        if self.python == HERE_PYTHON:
            return sys.executable
        if found := shutil.which(f"python{self.python}"):
            return found
        sys.exit(
            f"A package for Python {self.python} is compiled by that Python, and there is no "
            f"python{self.python} on the PATH. Install it, or build for {HERE_PYTHON}: leave out --python."
        )


def vendor(target: Target, vendors: Path, requirements: Path = DEPLOYED) -> Path:
    """Return a directory under ``vendors`` with all that we depend on, made at the first call.

    pip takes only wheels whose hashes are in ``requirements``. It never builds from source, so it fails on
    a machine that has no such wheel. Raises CalledProcessError if pip or the compiler fails (they say why on
    stderr).
    """
    made_from = "\n".join(
        (target.machine, target.python, sys.version, requirements.read_text(), _how(), repr(_allowed()))
    )
    directory = vendors / hashlib.sha256(made_from.encode()).hexdigest()[:16]
    if directory.exists():
        return directory
    vendors.mkdir(parents=True, exist_ok=True)
    # Beside its place and then renamed, so that a build that was interrupted is never taken for whole.
    with tempfile.TemporaryDirectory(dir=vendors) as temporary:
        unfinished = Path(temporary) / "vendor"
        _install(target, unfinished, requirements)
        left_out.trim(unfinished, _allowed())
        compile_tree(unfinished, target)
        try:
            unfinished.rename(directory)
        except OSError:
            # Another build made the same at the same time; it is as good as ours.
            if not directory.exists():
                raise
    return directory


def compile_tree(directory: Path, target: Target) -> None:
    """Put bytecode in the place of every source file.

    With bytecode, importing the app costs a quarter of what it does without. Traces name files relative to
    the directory. Raises CalledProcessError if any does not compile (what and why is on stderr).
    """
    subprocess.run(
        [
            # Without the columns that a trace marks below a line: they are a quarter of the bytecode.
            target.compiler(), "-P", "-S", "-X", "no_debug_ranges", bytecode.__file__,
            str(directory),
        ],
        check=True,
        # The order of a set in bytecode hangs on the hash seed: the same sources make the same zip.
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip


@cache
def _how() -> str:
    # What these files leave out is in the name of the directory too, so that no old one is reused.
    modules = (__file__, bytecode.__file__, left_out.__file__, service_data.__file__)
    return "".join(Path(str(module)).read_text() for module in modules)


def _allowed() -> dict[str, list[str]]:
    return service_data.operations((ROOT / ".chalice").glob("policy-*.json"))


def asking_for(python: str, platforms: Iterable[str]) -> list[str]:
    """Return the options by which pip looks for wheels as that Python would there, first platform first."""
    return ["--implementation=cp", "--python-version", python, *(f"--platform={one}" for one in platforms)]


def pip_environment() -> dict[str, str]:
    """Return the environment for pip: the person's own index and network, but not their targets."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_PIP}
    return {**kept, **dict.fromkeys(_FLAGS_OFF, "0")}


def lambda_platforms(machine: Machine, python: str) -> list[str]:
    """Return the platforms whose wheels this runtime of Lambda can load, the preferred one first."""
    return [f"{tag}_{_WHEELS[machine]}" for tag in _LAMBDA_WHEELS[python]]


def _install(target: Target, directory: Path, requirements: Path) -> None:
    # No dependencies: the file names them all, and pip would take others without saying so.
    command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile"]
    command += ["--require-hashes", "--no-deps", "--only-binary=:all:"]
    command += ["--target", str(directory), "--requirement", str(requirements)]
    if target.machine != "here":
        command += asking_for(target.python, lambda_platforms(target.machine, target.python))
    subprocess.run(command, check=True, env=pip_environment())
