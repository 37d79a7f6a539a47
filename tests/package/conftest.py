"""The package, built once for all of these tests."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.package import Package, build
from infra.vendor import Target


@pytest.fixture(scope="package")
def package() -> Package:
    """For AWS: what `make package` makes."""
    return build(Target(machine="arm64"))


@pytest.fixture(scope="package")
def template(package: Package) -> dict[str, Any]:
    return package.read_template()


@pytest.fixture(scope="package")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"]
    return found


@pytest.fixture(scope="package")
def functions(resources: dict[str, Any]) -> dict[str, Any]:
    kind = "AWS::Serverless::Function"
    return {name: found["Properties"] for name, found in resources.items() if found["Type"] == kind}


@pytest.fixture(scope="package")
def here() -> Package:
    """For this machine: what `make run` deploys."""
    return build(Target())


@pytest.fixture(scope="package")
def unpacked(here: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of this machine's package, as Lambda unpacks it."""
    directory = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(here.zip) as archive:
        archive.extractall(directory)
    return directory
