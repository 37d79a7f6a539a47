"""Many at once at one line of the ledger, on DynamoDB Local."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.notices import Notice
from chalicelib.store.mail_limits import (
    MAILS_PER_RECIPIENT_DAY_MAX,
    count_for_recipient,
    suppress,
    suppression_of,
)
from chalicelib.store.mail_states import states
from chalicelib.store.sent_mail import Lease, SettledState, advance, take_lease
from tests.mail.samples import BOOKING

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("dynamodb_local")


def notice(number: int) -> Notice:
    return Notice(session_id="s", key="k", booking_id=f"b{number}", kind="confirmation", version=1)


def test_of_many_mailers_with_the_same_notice_one_gets_the_lease() -> None:
    with ThreadPoolExecutor(16) as pool:
        for number in range(20):
            answers = list(pool.map(lambda _, n=number: take_lease(notice(n), NOW), range(16)))
            assert sum(isinstance(answer, Lease) for answer in answers) == 1
            assert answers.count("leased") == 15


@pytest.mark.parametrize(
    ("sources", "most"), [(1, MAILS_PER_RECIPIENT_DAY_MAX), (8, 5 * MAILS_PER_RECIPIENT_DAY_MAX)]
)
def test_of_many_mails_to_one_address_at_once_no_more_than_the_limits_pass(sources: int, most: int) -> None:
    def count(number: int) -> bool:
        source = f"source{number % sources}"
        return count_for_recipient(notice(number), BOOKING, source, NOW, owed_since=NOW)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(count, range(80))) == most


def test_of_many_mails_at_once_one_tries_out_an_address_that_bounced() -> None:
    owing = replace(BOOKING, mailed_at=NOW)
    suppress(owing.address, "bounced", NOW - timedelta(days=7))

    def may_go(number: int) -> bool:
        assert isinstance(take_lease(notice(number), NOW), Lease)
        return suppression_of(notice(number), owing, NOW) is None

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(may_go, range(16))) == 1


def test_events_that_arrive_at_once_end_in_the_furthest_state() -> None:
    events: list[SettledState] = ["sent", "delivered", "bounced", "complained"]
    with ThreadPoolExecutor(16) as pool:
        for number in range(20):
            notice_id = (f"b{number}", "confirmation", 1)
            list(pool.map(lambda state, line=notice_id: advance(line, state, NOW), events * 4))
        lines = states([notice(number) for number in range(20)])
    assert {line.state for line in lines.values()} == {"complained"}
    assert len(lines) == 20
