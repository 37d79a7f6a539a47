"""``make package``: the zip and the template that CloudFormation deploys.

Prints where they are and how large the zip is.
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import yaml
from msgspec import Struct

from infra.template import finish, our_half
from infra.vendor import HERE_PYTHON, ROOT, Machine, Target, compile_tree, vendor

BUILD = ROOT / ".build"
STAGE = "live"
ZIP_BYTES_MAX = 50 * 1024 * 1024
"""What Lambda takes in a direct upload; ours is far below, and a larger one starts more slowly."""


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


class _Plain(yaml.SafeDumper):
    """Writes everything out: CloudFormation's own reader is not promised to know YAML's aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # yaml's own signature
        return True


def build(target: Target, build: Path = BUILD, vendors: Path = BUILD / "vendor") -> Package:
    """Build the package under ``build``; ``vendors`` is shared by all builds. Return where it is.

    Raises CalledProcessError if pip or Chalice fails (they say why on stderr).
    """
    name = f"{target.machine}-python{target.python}"
    stage = build / "stage" / name
    _stage(target, stage, vendor(target, vendors))
    package = Package(build / "package" / name)
    ours = stage / "resources.yaml"
    ours.write_text(yaml.safe_dump(our_half(), allow_unicode=True))
    subprocess.run(
        [
            str(Path(sys.executable).with_name("chalice")), "--project-dir", str(stage),
            "package", "--stage", STAGE, "--template-format", "yaml",
            "--merge-template", str(ours), str(package.directory),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        # Chalice asks for a region although the template it makes is good in all of them.
        env={"AWS_DEFAULT_REGION": "us-east-1", "PATH": str(Path(sys.executable).parent)},
    )  # fmt: skip
    document: dict[str, Any] = yaml.safe_load(package.template.read_text())
    finish(document, f"python{target.python}")
    package.template.write_text(yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=True))
    if package.zip.stat().st_size > ZIP_BYTES_MAX:
        raise SystemExit(f"{package.zip} is larger than Lambda takes.")
    return package


def _stage(target: Target, stage: Path, vendored: Path) -> None:
    # Chalice keeps the zips it made by a hash of what goes in; only that directory outlives a build.
    if stage.exists():
        for path in stage.iterdir():
            if path.is_symlink() or path.is_file():
                path.unlink()
            elif path.name != ".chalice":
                shutil.rmtree(path)
    shutil.copytree(ROOT / "chalicelib", stage / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    if target.runs_here and not compile_tree(stage / "chalicelib", stage):
        raise SystemExit("The code does not compile (see above), so there is no package.")
    shutil.copy(ROOT / "app.py", stage)
    (stage / "vendor").symlink_to(vendored)
    # Empty, because vendor/ holds everything already, and built the way we want it.
    (stage / "requirements.txt").touch()
    (stage / ".chalice").mkdir(exist_ok=True)
    for policy in (ROOT / ".chalice").glob("policy-*.json"):
        shutil.copy(policy, stage / ".chalice")
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    config["lambda_architecture"] = _architecture(target)
    (stage / ".chalice" / "config.json").write_text(json.dumps(config))


def _architecture(target: Target) -> str:
    if target.machine != "here":
        return target.machine
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def main() -> None:
    """Build for Lambda, or for what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machine", choices=get_args(Machine), default="arm64")
    parser.add_argument("--python", default=HERE_PYTHON, help="Lambda's Python; bytecode only for this one")
    arguments = parser.parse_args()
    package = build(Target(machine=arguments.machine, python=arguments.python))
    print(f"template  {package.template}")
    print(f"zip       {package.zip}  {package.zip.stat().st_size / 1024 / 1024:.1f} MB")


if __name__ == "__main__":
    main()
