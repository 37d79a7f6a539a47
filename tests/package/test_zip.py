"""The zips: what is in them, for this machine and for Lambda's arm64."""

import json
import re
import ssl
import subprocess
import sys
import zipfile
from email import message_from_bytes
from importlib.util import MAGIC_NUMBER
from pathlib import Path, PurePath
from typing import Any

import botocore
import pytest

from chalicelib.web.http.describe import BASE_URL
from infra.package import DESCRIBED, SOURCES, Package, build
from infra.vendor import DEPLOYED, HERE_PYTHON, ROOT, Target

ZIP_BYTES_MAX = 3 * 1024 * 1024

# PEP 552: behind the magic number, 1 says hash-based, and without the second bit never checked.
UNCHECKED = (0b01).to_bytes(4, "little")


@pytest.fixture(params=["package", "here"])
def archive(request: pytest.FixtureRequest) -> zipfile.ZipFile:
    """One zip after the other."""
    package: Package = request.getfixturevalue(request.param)
    return zipfile.ZipFile(package.zip)


def test_the_zip_keeps_to_its_budget(package: Package, here: Package) -> None:
    assert package.zip.stat().st_size <= ZIP_BYTES_MAX
    assert here.zip.stat().st_size <= ZIP_BYTES_MAX


def test_both_zips_hold_the_same_files_but_for_the_processor(package: Package, here: Package) -> None:
    def names(built: Package) -> list[str]:
        with zipfile.ZipFile(built.zip) as archive:
            return [re.sub(r"-(x86_64|aarch64)-linux-gnu\.so$", ".so", name) for name in archive.namelist()]

    assert names(package) == names(here)
    assert len(set(names(here))) == len(names(here))


def test_the_same_sources_make_the_same_names_dates_and_rights(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    # Lambda runs as another user than the one that unpacks it.
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}


def test_all_bytecode_is_of_the_zips_own_python_and_never_compared_with_time_stamps(
    archive: zipfile.ZipFile, template: dict[str, Any]
) -> None:
    compiled = [name for name in archive.namelist() if name.endswith(".pyc")]
    assert {archive.read(name)[:8] for name in compiled} == {MAGIC_NUMBER + UNCHECKED}
    runtimes = {
        resource["Properties"]["Runtime"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert runtimes == {f"python{HERE_PYTHON}"}


def test_all_code_is_bytecode_in_the_place_of_its_source(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    assert not [name for name in names if name.endswith(".py") or "__pycache__" in name]
    ours = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    assert {str(path.relative_to(ROOT).with_suffix(".pyc")) for path in ours} == {
        name for name in names if name == "app.pyc" or re.fullmatch(r"chalicelib/.+\.pyc", name)
    }
    assert {"pynamodb/models.pyc", "chalice/app.pyc", "botocore/client.pyc"} <= names


def test_the_zip_holds_the_description_and_the_tree_does_not(archive: zipfile.ZipFile) -> None:
    described = json.loads(archive.read(f"{DESCRIBED}/openapi.json"))
    assert described["servers"] == [{"url": BASE_URL}]
    page = archive.read(f"{DESCRIBED}/docs.html").decode()
    assert all(path in page.replace("<wbr>", "") for path in described["paths"])
    assert not [name for name in ("openapi.json", "docs.html") if (ROOT / DESCRIBED / name).exists()]


def test_the_zip_holds_nothing_that_lambda_never_reads(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    packages = {name.partition("/")[0] for name in names}
    assert not packages & {"boto3", "s3transfer", "infra", "bench", "tests", "bin", "share", ".chalice"}
    assert "typing_extensions.pyc" not in packages
    ends = (".c", ".pyi", ".gz", ".tab", ".zi")
    assert not [name for name in names if "/tests/" in name or name.endswith(ends)]
    services = {name.split("/")[2] for name in names if re.match(r"botocore/data/[^/]+/", name)}
    assert services == {"dynamodb", "sesv2", "sqs", "ssm"}


def test_a_connection_trusts_whom_botocore_trusts(archive: zipfile.ZipFile) -> None:
    def trusted(certificates: str) -> list[bytes]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=certificates)
        return sorted(context.get_ca_certs(binary_form=True))

    whole = (Path(botocore.__file__).parent / "cacert.pem").read_text()
    trimmed = archive.read("botocore/cacert.pem").decode()
    assert trusted(trimmed) == trusted(whole)
    assert len(trusted(trimmed)) == whole.count("BEGIN CERTIFICATE") > 100


def test_the_zip_says_what_it_holds_in_which_version_and_under_which_licence(
    archive: zipfile.ZipFile,
) -> None:
    files = [name for name in archive.namelist() if ".dist-info/" in name]
    said = [message_from_bytes(archive.read(name)) for name in files]
    assert {PurePath(name).name for name in files} == {"METADATA"}
    pinned = set(re.findall(r"^[\w-]+==\S+", DEPLOYED.read_text(), re.MULTILINE))
    # Two modules of Chalice are there.
    pinned = {pin for pin in pinned if not pin.startswith("chalice==")}
    # How a name is spelled is the package's choice: PEP 503 takes these for the same.
    assert {f"{one['Name']}=={one['Version']}".lower().replace("-", "_") for one in said} == {
        line.lower().replace("-", "_") for line in pinned
    }
    for one in said:
        classified = [name for name in one.get_all("Classifier", ()) if name.startswith("License ::")]
        assert one["License"] or one["License-Expression"] or classified, one["Name"]
        assert one.get_payload() == ""


def test_the_zip_for_arm64_holds_no_code_for_another_processor(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as archive:
        libraries = {name: archive.read(name) for name in archive.namelist() if ".so" in name}
    assert libraries
    for name, content in libraries.items():
        assert "aarch64" in name
        # The ELF header's e_machine: 183 is AArch64.
        assert int.from_bytes(content[18:20], "little") == 183


def test_arm64_is_built_from_wheels_that_the_runtimes_c_library_can_load(package: Package) -> None:
    # Python 3.11 runs on Amazon Linux 2, whose glibc is 2.26; later ones on Amazon Linux 2023: 2.34.
    newest = (2, 26) if HERE_PYTHON == "3.11" else (2, 34)
    with zipfile.ZipFile(package.zip) as archive:
        asked = {
            tuple(int(part) for part in version.split(b"."))
            for name in archive.namelist()
            if name.endswith(".so")
            for version in re.findall(rb"GLIBC_(\d+\.\d+)", archive.read(name))
        }
    assert max(asked) <= newest


def test_there_is_no_package_for_a_python_that_lambda_does_not_have() -> None:
    with pytest.raises(SystemExit, match=r"no runtime for Python 3\.99"):
        Target(machine="arm64", python="3.99").require_possible()


def test_there_is_no_package_without_the_python_that_compiles_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    other = next(python for python in ("3.13", "3.14") if python != HERE_PYTHON)
    with pytest.raises(SystemExit, match=f"python{other} on the PATH"):
        Target(machine="arm64", python=other).require_possible()


def test_of_two_builds_at_once_the_second_waits_and_both_end_well(package: Package) -> None:
    before = package.zip.read_bytes()
    (package.directory / "made-from").unlink()
    command = [sys.executable, "-m", "infra", "package", "--machine=arm64"]
    builds = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    assert [(build.communicate()[1], build.returncode) for build in builds] == [(b"", 0), (b"", 0)]
    assert package.zip.read_bytes() == before


def test_a_package_is_built_anew_only_when_something_it_is_made_from_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "of-ours"
    ours.mkdir()
    (ours / "one.py").write_text("first")
    monkeypatch.setattr("infra.package.SOURCES", [*SOURCES, ours])

    def built() -> int:
        return build(Target(), tmp_path).zip.stat().st_ino

    first = built()
    (ours / "__pycache__").mkdir()
    (ours / "__pycache__" / "one.pyc").write_text("bytecode")
    assert built() == first
    (ours / "one.py").write_text("other")
    second = built()
    assert second != first
    Package(tmp_path / "package" / f"here-python{HERE_PYTHON}").template.unlink()
    assert built() != second


def test_a_package_is_made_from_all_of_the_code_and_of_what_builds_it() -> None:
    files = {
        str(file.relative_to(ROOT))
        for root in SOURCES
        for file in ([root] if root.is_file() else root.rglob("*"))
    }
    assert {
        "app.py", "chalicelib/web/pages/turnout.css", ".chalice/config.json", "infra/apidoc/docs.html",
        "infra/resources/api.yaml", "infra/shut/page.html", "requirements-deployed.txt",
    } <= files  # fmt: skip
