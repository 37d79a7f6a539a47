"""The mailer's pace."""

from unittest import mock

import msgspec
import pytest

from chalicelib.jobs import mailer
from chalicelib.settings import settings


@pytest.fixture
def rate(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Set how many mails a second SES allows, and how many mailers share them."""
    mails_per_second, mailers_at_once = request.param
    ours = msgspec.structs.replace(
        settings(), mails_per_second=mails_per_second, mailers_at_once=mailers_at_once
    )
    monkeypatch.setattr(mailer, "settings", lambda: ours)


def turns(*took_seconds: float) -> list[float]:
    """Return when one mailer sends mails that take so long each, counted from the first."""
    return [sent_at for sent_at, _ in turns_and_waits(*took_seconds)]


def turns_and_waits(*took_seconds: float) -> list[tuple[float, bool]]:
    """Return that, and of each mail whether the mailer says that it waited."""
    clock = [100.0]
    pace = mailer._Pace()
    sent_at: list[tuple[float, bool]] = []
    with (
        mock.patch("time.monotonic", side_effect=lambda: clock[0]),
        mock.patch("time.sleep", side_effect=lambda seconds: clock.__setitem__(0, clock[0] + seconds)),
    ):
        for took in took_seconds:
            waited = pace.wait()
            sent_at.append((clock[0] - 100, waited))
            clock[0] += took
    return sent_at


@pytest.mark.parametrize("rate", [(4.0, 2)], indirect=True)
def test_the_mailers_together_keep_to_the_rate_that_ses_lets_the_account_send(rate: None) -> None:
    # Two mailers at four a second: half a second between two mails of each. The slow one is not made up for.
    assert turns(0.1, 0.1, 3.0, 0.1) == pytest.approx([0.0, 0.5, 1.0, 4.0])


@pytest.mark.parametrize("rate", [(4.0, 2)], indirect=True)
def test_a_mailer_says_whether_a_mail_waited_however_short_that_was(rate: None) -> None:
    assert [waited for _, waited in turns_and_waits(0.1, 0.499, 3.0, 0.1)] == [False, True, True, False]


@pytest.mark.parametrize("rate", [(0.0, 2), (0.01, 2), (1.0, 1000)], indirect=True)
def test_no_setting_makes_a_mail_wait_longer_than_the_mailer_has_time_for(rate: None) -> None:
    longest = mailer.WAIT_SECONDS_MAX
    assert turns(0.0, 0.0, 0.0) == pytest.approx([0.0, longest, 2 * longest])
