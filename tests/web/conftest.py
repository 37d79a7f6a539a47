"""The time at which every request here is answered."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


class Clock:
    """What the routes take for the time."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the routes take this for the time: sessions in tests have dates, and those pass."""
    clock = Clock()
    monkeypatch.setattr("chalicelib.web.http.utc_now.datetime", SimpleNamespace(now=lambda _: clock()))
    return clock
