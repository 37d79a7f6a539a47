"""The mailer's pace."""

from unittest import mock

import msgspec
import pytest

from chalicelib.jobs import mail_queue
from chalicelib.settings import Settings, settings


def test_the_mailers_together_keep_to_the_rate_that_ses_lets_the_account_send(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours: Settings = msgspec.structs.replace(settings(), mails_per_second=4.0, mailers_at_once=2)
    monkeypatch.setattr(mail_queue, "settings", lambda: ours)
    clock = [100.0]
    pace = mail_queue._Pace()
    with (
        mock.patch("time.monotonic", side_effect=lambda: clock[0]),
        mock.patch("time.sleep", side_effect=lambda seconds: clock.__setitem__(0, clock[0] + seconds)),
    ):
        sent_at = []
        for took_seconds in (0.1, 0.1, 3.0, 0.1):
            pace.wait()
            sent_at.append(clock[0])
            clock[0] += took_seconds
    # Two mailers at four a second: half a second between two mails of each. The slow one is not made up for.
    assert sent_at == pytest.approx([100.0, 100.5, 101.0, 104.0])
