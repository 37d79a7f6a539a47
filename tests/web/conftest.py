"""The time at which every request here is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from chalicelib.web.http import describe
from infra.apidoc.write import write

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


class Clock:
    """What the routes take for the time."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session", autouse=True)
def written_description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the routes hand out what a package would hold: in the tree it is never written."""
    folder = tmp_path_factory.mktemp("described")
    write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(describe, "FOLDER", folder)
        yield


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the routes take this for the time: sessions in tests have dates, and those pass."""
    clock = Clock()
    monkeypatch.setattr("chalicelib.web.http.utc_now.datetime", SimpleNamespace(now=lambda _: clock()))
    return clock
