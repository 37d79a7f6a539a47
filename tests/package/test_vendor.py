"""What is installed for the zip is taken by its hash alone."""

import re
import subprocess
from pathlib import Path

import pytest

from infra.lock import wheels
from infra.package import BUILD
from infra.vendor import DEPLOYED, Target, _install, lambda_platforms, vendor

HASHES = re.compile(r"(?<=sha256:)[0-9a-f]{64}")
SMALL = re.findall(r"^six==\S+ \\\n    --hash=sha256:[0-9a-f]{64}\n", DEPLOYED.read_text(), re.MULTILINE)[0]
"""One package is enough for pip to refuse."""

FROM_SOURCE = "six==1.17.0 --hash=sha256:ff70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a81\n"
"""A source archive by its right hash."""


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        (HASHES.sub("00" * 32, SMALL), "DO NOT MATCH THE HASHES"),
        (SMALL.partition(" ")[0], "Hashes are required"),
        (FROM_SOURCE, "DO NOT MATCH THE HASHES"),
    ],
    ids=["another hash", "no hash", "source"],
)
def test_only_a_wheel_with_the_listed_hash_is_installed(
    requirements: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "requirements.txt"
    listed.write_text(requirements)
    with pytest.raises(subprocess.CalledProcessError):
        vendor(Target(), tmp_path / "vendors", listed)
    assert said in capfd.readouterr().err
    assert list((tmp_path / "vendors").iterdir()) == []


@pytest.mark.parametrize("install", [True, False], ids=["make package", "make lock"])
def test_what_a_person_has_set_for_pip_changes_neither_what_is_installed_nor_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: bool
) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text("[install]\nuser = true\ndry-run = true\nrequire-hashes = true\nno-binary = :all:\n")
    odd = {name: str(tmp_path / "elsewhere") for name in ("PREFIX", "ROOT", "REQUIREMENT", "EDITABLE")}
    odd |= {"USER": "1", "DRY_RUN": "1", "REQUIRE_HASHES": "1", "ABI": "cp39", "PLATFORM": "win_amd64"}
    odd |= {"CONSTRAINT": str(tmp_path / "elsewhere"), "CONFIG_FILE": str(settings)}
    for name, value in odd.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    pin = SMALL.partition(" ")[0]
    if install:
        listed = tmp_path / "requirements.txt"
        listed.write_text(SMALL)
        _install(Target(), tmp_path / "made", listed)
        assert (tmp_path / "made" / "six.py").exists()
    else:
        found = wheels([pin], "3.14", lambda_platforms("arm64", "3.14"))[pin]
        assert found.sha256 in SMALL
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.usefixtures("here")
def test_what_was_installed_before_is_not_used_for_other_hashes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "requirements.txt"
    listed.write_text(DEPLOYED.read_text().replace(SMALL, HASHES.sub("00" * 32, SMALL)))
    with pytest.raises(subprocess.CalledProcessError):
        vendor(Target(), BUILD / "vendor", listed)
    refused = re.findall(r"^    (\S+==\S+) from ", capfd.readouterr().err, re.MULTILINE)
    assert refused == [SMALL.partition(" ")[0]]
