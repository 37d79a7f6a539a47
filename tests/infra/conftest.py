"""One AWS, played on this machine, and one deployment in it, for all tests of what is done to deployments."""

import subprocess
from collections.abc import Iterator

import pytest

from infra.local.ministack import MiniStack
from infra.local.places import Places, clear_unless_kept
from tests.e2e.stack import free_ports
from tests.infra.playing import deploy


@pytest.fixture(scope="package")
def played_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    port, inbox_port, aws_port = map(int, free_ports(3))
    build = tmp_path_factory.mktemp("aws")
    places = Places(port=port, inbox_port=inbox_port, aws_port=aws_port, build=build, keep=False)
    clear_unless_kept(places)
    with MiniStack(places) as running:
        yield running


@pytest.fixture(scope="package")
def first(played_aws: MiniStack) -> subprocess.CompletedProcess[str]:
    done = deploy(played_aws, "--mail-from=bookings@turnout.example")
    assert done.returncode == 0, done.stdout + done.stderr
    return done
