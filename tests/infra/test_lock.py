"""requirements-deployed.txt: the versions of requirements.txt, with a hash for each Python and machine."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.tags import compatible_tags, cpython_tags, parse_tag
from packaging.utils import canonicalize_name

from infra import package
from infra.lock import COMMAND, Wheel, wheels, written
from infra.vendor import DEPLOYED, ROOT, Target, lambda_platforms

NOT_DEPLOYED = {"boto3", "s3transfer", "typing_extensions"}
OF_CHALICES_COMMAND_LINE = {"click", "inquirer", "pip", "pyyaml", "setuptools", "wheel"}
"""What Chalice asks for, and the two modules of it that are in the zip do not."""

WHEELS_OF = {
    "3.11": ("manylinux2014",),
    "3.12": ("manylinux2014", "manylinux_2_28"),
    "3.13": ("manylinux2014", "manylinux_2_28"),
    "3.14": ("manylinux2014", "manylinux_2_28"),
}
PROCESSORS = {"arm64": "aarch64", "x86_64": "x86_64"}


def pins(text: str) -> set[str]:
    return {line for line in text.splitlines() if line and not line.startswith("#")}


@pytest.fixture(scope="module")
def locked() -> dict[str, set[Wheel]]:
    """The wheels that the file names, by pin."""
    found = {}
    for block in DEPLOYED.read_text().split("\n\n")[1:]:
        named = re.findall(r"^# ([0-9a-f]{8}) (\S+)$", block, re.MULTILINE)
        [pin] = re.findall(r"^(\S+==\S+) \\$", block, re.MULTILINE)
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
        assert [one[:8] for one in hashes] == [begin for begin, _ in named]
        found[pin] = {Wheel(tags, one) for (_, tags), one in zip(named, hashes, strict=True)}
    return found


def test_the_locked_versions_are_those_of_requirements_txt(locked: dict[str, set[Wheel]]) -> None:
    pinned = pins((ROOT / "requirements.txt").read_text())
    deployed = {pin for pin in pinned if pin.partition("==")[0] not in NOT_DEPLOYED}
    assert set(locked) == deployed, f"Run: {COMMAND}"
    assert {pin.partition("==")[0] for pin in pinned - deployed} == NOT_DEPLOYED


def test_the_file_is_as_the_command_writes_it(locked: dict[str, set[Wheel]]) -> None:
    assert list(locked) == sorted(locked, key=str.lower)
    assert DEPLOYED.read_text() == written(locked)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-local.txt"])
def test_no_hash_turns_on_hash_mode_for_what_is_installed_here(name: str) -> None:
    assert "--hash" not in (ROOT / name).read_text()


@pytest.mark.parametrize("machine", PROCESSORS)
@pytest.mark.parametrize("python", WHEELS_OF)
def test_every_package_has_a_hash_of_a_wheel_for_each_runtime_of_lambda(
    locked: dict[str, set[Wheel]], python: str, machine: str
) -> None:
    platforms = [f"{tag}_{PROCESSORS[machine]}" for tag in WHEELS_OF[python]]
    version = tuple(int(part) for part in python.split("."))
    interpreter = f"cp{python.replace('.', '')}"
    loads = {
        *cpython_tags(version, abis=[interpreter], platforms=platforms),
        *compatible_tags(version, interpreter, platforms),
    }
    without = [pin for pin, found in locked.items() if not any(parse_tag(one.tags) & loads for one in found)]
    assert without == []


def test_everything_that_a_locked_package_asks_for_is_locked_too(locked: dict[str, set[Wheel]]) -> None:
    names = {canonicalize_name(pin.partition("==")[0]) for pin in locked}
    asked = {
        (str(name), canonicalize_name(needed.name))
        for name in names
        for needed in map(Requirement, requires(name) or ())
        for python in WHEELS_OF
        if not needed.marker
        or needed.marker.evaluate({"python_version": python, "sys_platform": "linux", "extra": ""})
    }
    # tests/package/test_left_out.py shows that the zip does without the last one.
    assert {(name, needed) for name, needed in asked if needed not in names} == {
        *(("chalice", name) for name in OF_CHALICES_COMMAND_LINE),
        ("icalendar", "typing-extensions"),
    }


@pytest.mark.parametrize(
    ("was", "now"),
    [("six==1.17.0", "six==1.17.1"), ("six==1.17.0\n", ""), ("six==1.17.0", "six==1.17.0\nseven==7.0.0")],
    ids=["another version", "one less", "one more"],
)
def test_a_package_is_not_built_from_a_lock_that_does_not_fit(
    was: str, now: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in (ROOT / "requirements.txt", DEPLOYED):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "requirements.txt").write_text((ROOT / "requirements.txt").read_text().replace(was, now))
    monkeypatch.setattr(package, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match=r"(six==1.17|seven==7).*\. Bring it up to date: make lock$"):
        package.build(Target(), tmp_path / "build")
    assert not (tmp_path / "build").exists()


def test_the_command_finds_the_wheel_that_a_runtime_would_take(locked: dict[str, set[Wheel]]) -> None:
    [compiled] = [pin for pin in locked if pin.startswith("MarkupSafe==")]
    [pure] = [pin for pin in locked if pin.startswith("python-dateutil==")]
    found = wheels([pure, compiled], "3.14", lambda_platforms("arm64", "3.14"))
    assert found[compiled].tags.startswith("cp314-cp314-manylinux2014_aarch64")
    assert found[pure].tags == "py2.py3-none-any"
    assert found[compiled] in locked[compiled]
    assert {found[pure]} == locked[pure]
