"""``make package``: the zip and the template that CloudFormation deploys."""

import argparse
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import yaml
from msgspec import Struct

from infra.lock import require_locked
from infra.template import finish, our_half
from infra.vendor import DEPLOYED, HERE_PYTHON, ROOT, Machine, Target, compile_tree, vendor

if TYPE_CHECKING:
    from infra.command import Commands

BUILD = ROOT / ".build"
STAGE = "live"
SOURCES = [ROOT / name for name in ("app.py", "chalicelib", ".chalice", "infra", DEPLOYED.name)]
"""All that a package is made from, beside Python and what is installed to build it."""

DESCRIBED = Path("chalicelib") / "web" / "pages" / "http"
"""Where in the zip the description of all calls is (infra/apidoc/). It is never in the tree."""

DESCRIPTION = """\
Build the zip and the template that CloudFormation deploys, in .build/package.

Prints where they are, and how large the zip is. It needs no AWS account. `make deploy` does this
itself."""

ZIP_BYTES_MAX = 3 * 1024 * 1024
"""Our budget. Lambda takes fifty times 1 MB, but fetches and unpacks all of it before each cold start."""


class Package(Struct, frozen=True):
    """A package as built: a zip, and a template whose CodeUri is that zip's name beside it."""

    directory: Path

    @property
    def zip(self) -> Path:
        """The code of all functions."""
        return self.directory / "deployment.zip"

    @property
    def template(self) -> Path:
        """The SAM template, merged with infra/resources/*.yaml."""
        return self.directory / "sam.yaml"

    @property
    def is_whole(self) -> bool:
        """Whether both are there."""
        return self.zip.exists() and self.template.exists()

    def read_template(self) -> dict[str, Any]:
        """Return the template, parsed: by libyaml, which takes a fraction of the time."""
        document: dict[str, Any] = yaml.load(self.template.read_text(), Loader=yaml.CSafeLoader)
        return document


class _Plain(yaml.SafeDumper):
    """Writes everything out: CloudFormation's own reader is not promised to know YAML's aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # yaml's own signature
        return True


def build(target: Target, build: Path = BUILD, vendors: Path = BUILD / "vendor") -> Package:
    """Build the package under ``build``; ``vendors`` is shared by all builds. Return where it is.

    Exits if there can be none for this target, if requirements-deployed.txt is out of date, or if the zip is
    too large. Raises CalledProcessError if pip, the compiler or Chalice fails (they say why on stderr).
    """
    target.require_possible()
    require_locked((ROOT / "requirements.txt").read_text(), DEPLOYED.read_text())
    name = f"{target.machine}-python{target.python}"
    stage = build / "stage" / name
    package, made = Package(build / "package" / name), Package(stage / "made")
    package.directory.mkdir(parents=True, exist_ok=True)
    with _alone(package.directory):
        made_from, note = _made_from(target), package.directory / "made-from"
        if not (note.exists() and note.read_text() == made_from and package.is_whole):
            note.unlink(missing_ok=True)
            _make(target, stage, made, vendors)
            # Moved whole: a deployment may read what an earlier build left here.
            made.template.replace(package.template)
            made.zip.replace(package.zip)
            note.write_text(made_from)
    if package.zip.stat().st_size > ZIP_BYTES_MAX:
        raise SystemExit(f"{package.zip} has {package.zip.stat().st_size} bytes, more than {ZIP_BYTES_MAX}.")
    return package


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Wait until no other process builds the same. The lock ends with the process, however that ends."""
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made_from(target: Target) -> str:
    """Return what names all that a package is made from: built again from the same, it would be the same."""
    digest = hashlib.sha256(repr((target, sys.version, version("chalice"))).encode())
    for root in SOURCES:
        files = [root] if root.is_file() else root.rglob("*")
        for file in sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts):
            # With their lengths, so that the end of one is never the beginning of another.
            content = file.read_bytes()
            digest.update(f"{os.path.relpath(file, ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _make(target: Target, stage: Path, made: Package, vendors: Path) -> None:
    _stage(target, stage)
    ours = stage / "resources.yaml"
    ours.write_text(yaml.safe_dump(our_half(), allow_unicode=True))
    subprocess.run(
        [
            str(Path(sys.executable).with_name("chalice")), "--project-dir", str(stage),
            "package", "--stage", STAGE, "--template-format", "yaml",
            "--merge-template", str(ours), str(made.directory),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        env={
            # Chalice asks for a region although the template it makes is good in all of them.
            "AWS_DEFAULT_REGION": "us-east-1",
            "PATH": str(Path(sys.executable).parent),
        },
    )  # fmt: skip
    document = made.read_template()
    finish(document, f"python{target.python}")
    made.template.write_text(yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=True))
    # The template is Chalice's. The zip is ours, because Chalice's holds no bytecode of its own part.
    _write_zip(made.zip, [stage / "app", vendor(target, vendors)])


def _stage(target: Target, stage: Path) -> None:
    """Lay out a Chalice project, without what we depend on, and our own part of the zip in ``app``."""
    shutil.rmtree(stage, ignore_errors=True)
    (stage / ".chalice").mkdir(parents=True)
    code = stage / "app"
    shutil.copytree(ROOT / "chalicelib", code / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", code)
    subprocess.run([sys.executable, "-m", "infra.apidoc", str(code / DESCRIBED)], check=True, cwd=ROOT)
    compile_tree(code, target)
    # Chalice reads the routes off the sources.
    for name in ("app.py", "chalicelib"):
        (stage / name).symlink_to(ROOT / name)
    # Empty, so that Chalice looks for no wheels: those are vendor()'s.
    (stage / "requirements.txt").touch()
    for policy in (ROOT / ".chalice").glob("policy-*.json"):
        shutil.copy(policy, stage / ".chalice")
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    config["lambda_architecture"] = _architecture(target)
    (stage / ".chalice" / "config.json").write_text(json.dumps(config))


def _write_zip(path: Path, roots: list[Path]) -> None:
    """Put all files under these directories into one zip: the same files make the same bytes."""
    files = {
        str(file.relative_to(root)): file for root in roots for file in root.rglob("*") if file.is_file()
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            # Lambda runs as another user, who has to be able to read it.
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())


def _architecture(target: Target) -> str:
    if target.machine != "here":
        return target.machine
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def add_command(commands: "Commands") -> None:
    """Add ``package``."""
    parser = commands.add_parser(
        "package",
        help="build the zip and the template for AWS",
        description=DESCRIPTION,
        example="make package",
    )
    parser.add_argument(
        "--machine",
        choices=get_args(Machine),
        default="arm64",
        help="the processor of Lambda; here: this machine's (default: %(default)s)",
    )
    parser.add_argument(
        "--python",
        default=HERE_PYTHON,
        metavar="VERSION",
        help="the Python of Lambda: the one that runs this, or another on the PATH (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Build what the arguments say, and print where it is."""
    package = build(Target(machine=arguments.machine, python=arguments.python))
    print(f"template  {package.template}")
    print(f"zip       {package.zip}  {package.zip.stat().st_size / 1024 / 1024:.2f} MB")
