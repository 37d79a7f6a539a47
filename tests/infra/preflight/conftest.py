"""A DNS server for each test, and an AWS whose answers a test writes down."""

from collections.abc import Iterator

import pytest

from tests.infra.preflight.dns_server import DnsServer
from tests.infra.preflight.written import WrittenAws


@pytest.fixture
def dns_server() -> Iterator[DnsServer]:
    with DnsServer() as running:
        yield running


@pytest.fixture
def written() -> WrittenAws:
    return WrittenAws("eu-west-2")
