"""SES's events, as SNS hands them to the handler."""

import itertools
from typing import Any

import msgspec
import pytest

from chalicelib.domain.notices import Notice
from chalicelib.store.mail_limits import suppression
from chalicelib.store.sent_mail import states
from tests.mail_chain import call, metrics, ses_event, sns_event
from tests.mail_faults import dying, every_death

pytestmark = pytest.mark.usefixtures("table")

ADDRESS = "ann@example.org"
NOTICE = Notice(session_id="s", key="k", booking_id="mzxw6ytb", kind="confirmation", version=1)

FURTHEST = {
    "send": "sent",
    "delivery_delay": "sent",
    "rendering_failure": "failed",
    "reject": "failed",
    "bounce_transient": "failed",
    "delivery": "delivered",
    "bounce": "bounced",
    "complaint": "complained",
}
"""What each event leads to, from the least to the furthest."""


def happen(name: str, notice: Notice = NOTICE) -> None:
    call("mail_feedback", ses_event(name, notice, ADDRESS))


def state(notice: Notice = NOTICE) -> str:
    return states([notice])[notice].state


@pytest.mark.parametrize(("event", "leads_to"), FURTHEST.items())
def test_each_event_leads_to_its_state(event: str, leads_to: str) -> None:
    happen(event)
    assert state() == leads_to


def test_events_that_come_twice_and_in_any_order_end_in_the_furthest_state() -> None:
    names = ("send", "delivery", "bounce", "complaint")
    for number, order in enumerate(itertools.permutations(names)):
        notice = msgspec.structs.replace(NOTICE, booking_id=f"b{number}")
        for name in (*order, *order):
            happen(name, notice)
        assert state(notice) == "complained", order


def test_an_out_of_office_reply_does_not_undo_a_delivery_whichever_comes_first() -> None:
    happen("bounce_transient")
    happen("delivery")
    happen("bounce_transient")
    assert state() == "delivered"
    assert suppression(ADDRESS) is None


def test_the_ledger_keeps_why_a_mail_bounced_and_ses_message_id() -> None:
    happen("bounce")
    line = states([NOTICE])[NOTICE]
    assert line.reason == "permanent_noemail"
    assert line.message_id == "0100018f3c2d1b0a-5d1c2b3a-4e5f-6071-8293-a4b5c6d7e8f9-000000"


@pytest.mark.parametrize(("event", "reason"), [("bounce", "bounced"), ("complaint", "complained")])
def test_a_permanent_bounce_and_a_complaint_suppress_the_address_that_we_mailed(
    event: str, reason: str
) -> None:
    happen(event)
    assert suppression(ADDRESS) == reason
    # The bounce came from where that address forwards to; mailing *that* was never our doing.
    assert suppression("forwarded-to@example.net") is None


def test_someone_who_says_that_it_is_no_spam_is_mailed_on() -> None:
    event = ses_event("complaint", NOTICE, ADDRESS)
    sns = event["Records"][0]["Sns"]
    sns["Message"] = sns["Message"].replace('"abuse"', '"not-spam"')
    call("mail_feedback", event)
    assert suppression(ADDRESS) is None
    assert states([NOTICE]) == {}


def test_an_event_about_a_mail_of_somebody_elses_is_counted_and_changes_nothing(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    event = ses_event("bounce", NOTICE, ADDRESS)
    sns = event["Records"][0]["Sns"]
    sns["Message"] = sns["Message"].replace('"booking_id"', '"order_id"')
    call("mail_feedback", event)
    assert table.scan(TableName="turnout-test")["Count"] == 0
    assert metrics(capsys.readouterr().out) == {"MailEventsWithoutNotice": 1}


def test_the_message_with_which_ses_tries_a_topic_is_no_event() -> None:
    call("mail_feedback", sns_event("Successfully validated SNS topic for Amazon SES event publishing."))


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("ann@example.org", id="no JSON"),
        pytest.param('{"eventType": "Send"}', id="no mail"),
        pytest.param('{"eventType": "Bounce", "mail": {"messageId": "m", "destination": []}}', id="no why"),
        pytest.param(
            '{"eventType": "Send", "mail": {"messageId": "m", "destination": ["ann@example.org"],'
            ' "tags": {"booking_id": ["b"], "kind": ["ann@example.org"], "version": ["1"]}}}',
            id="no such kind",
        ),
    ],
)
def test_an_event_that_cannot_be_read_crashes_and_is_logged_without_what_it_says(
    message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=r"^((?!ann@).)*$"):
        call("mail_feedback", sns_event(message))
    printed = capsys.readouterr().out
    assert "mail_event_not_recorded" in printed
    assert "ann@" not in printed


def test_no_line_that_is_logged_spells_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    for event in FURTHEST:
        happen(event)
    assert "ann" not in capsys.readouterr().out


def test_dying_anywhere_in_a_bounce_loses_neither_the_state_nor_the_suppression() -> None:
    for request, applied in every_death():
        notice = msgspec.structs.replace(NOTICE, booking_id=f"b{request}-{applied}")
        address = f"person{request}{int(applied)}@example.org"
        event = ses_event("bounce", notice, address)
        with dying(request, applied=applied) as process:
            call("mail_feedback", event)
        if not process.died:
            break
        call("mail_feedback", event)
        assert state(notice) == "bounced"
        assert suppression(address) == "bounced"
    assert request == len(["suppress", "advance"])
