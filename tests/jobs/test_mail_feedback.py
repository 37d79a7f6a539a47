"""SES's events, as the queue hands them to the handler."""

import itertools
import json
from typing import Any

import msgspec
import pytest

from chalicelib.domain.notices import Notice, notice_owed
from chalicelib.jobs.mail_feedback import MailEventNotRecorded
from chalicelib.store.mail_limits import suppression
from chalicelib.store.mail_states import states
from chalicelib.store.recounts import watched_sessions
from tests.mail_chain import call, metrics, said_by_ses, ses_event, ses_events, sns_event
from tests.mail_faults import dying, every_death, losing_answers_to
from tests.making import booking_for, make_session

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


UNREADABLE = {
    "no JSON": "ann@example.org",
    "no mail": '{"eventType": "Send"}',
    "no why": '{"eventType": "Bounce", "mail": {"messageId": "m", "destination": []}}',
    "no such kind": (
        '{"eventType": "Send", "mail": {"messageId": "m", "destination": ["ann@example.org"],'
        ' "tags": {"booking_id": ["b"], "kind": ["ann@example.org"], "version": ["1"]}}}'
    ),
}


def returned(event: dict[str, Any]) -> list[str]:
    """Hand this event to the function, and return the ids of the messages that have to come back."""
    failures = call("mail_feedback", event)["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in failures]


def happen(name: str, notice: Notice = NOTICE) -> None:
    assert returned(ses_event(name, notice, ADDRESS)) == []


def state(notice: Notice = NOTICE) -> str:
    return states([notice])[notice].state


@pytest.mark.parametrize(("event", "leads_to"), FURTHEST.items())
def test_each_event_leads_to_its_state(event: str, leads_to: str) -> None:
    happen(event)
    assert state() == leads_to


@pytest.mark.parametrize(
    ("event", "arrives"), [(name, FURTHEST[name] in ("sent", "delivered")) for name in FURTHEST]
)
def test_an_email_that_does_not_arrive_has_its_session_counted_again(event: str, arrives: bool) -> None:
    session = make_session()
    booking = booking_for(session, "ada")
    happen(event, notice_owed(booking))
    happen(event)
    (watched,) = watched_sessions()
    assert watched.asks == (0 if arrives else 1), "a session that is not watched does not come back"


def test_an_event_of_a_mail_from_before_its_tags_named_the_session_is_recorded_all_the_same() -> None:
    session = make_session()
    said = json.loads(said_by_ses("bounce", NOTICE, ADDRESS))
    del said["mail"]["tags"]["session_id"]
    assert returned(ses_events(json.dumps(said))) == []
    assert state() == "bounced"
    assert [watched.session_id for watched in watched_sessions()] == [session.session_id]


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
    said = said_by_ses("complaint", NOTICE, ADDRESS).replace('"abuse"', '"not-spam"')
    assert returned(ses_events(said)) == []
    assert suppression(ADDRESS) is None
    assert states([NOTICE]) == {}


def test_an_event_about_a_mail_of_somebody_elses_is_counted_and_changes_nothing(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said = said_by_ses("bounce", NOTICE, ADDRESS).replace('"booking_id"', '"order_id"')
    assert returned(ses_events(said)) == []
    assert table.scan(TableName="turnout-test")["Count"] == 0
    assert metrics(capsys.readouterr().out) == {"MailEventsWithoutNotice": 1}


def test_the_message_with_which_ses_tries_a_topic_is_no_event() -> None:
    greeting = "Successfully validated SNS topic for Amazon SES event publishing."
    assert returned(ses_events(greeting)) == []


@pytest.mark.parametrize("unreadable", UNREADABLE.values(), ids=UNREADABLE)
def test_an_event_that_cannot_be_read_comes_back_alone_and_is_logged_without_what_it_says(
    unreadable: str, capsys: pytest.CaptureFixture[str]
) -> None:
    notices = [msgspec.structs.replace(NOTICE, booking_id=f"b{number}") for number in range(10)]
    said = [said_by_ses("delivery", notice, ADDRESS) for notice in notices]
    said[3] = unreadable
    assert returned(ses_events(*said)) == ["3"]
    recorded = [notice.booking_id for notice in states(notices)]
    assert sorted(recorded) == [f"b{number}" for number in range(10) if number != 3]
    printed = capsys.readouterr().out
    assert printed.count("mail_event_not_recorded") == 1
    assert '"queue_message_id": "3"' in printed
    assert "ann" not in printed


def test_a_batch_that_tells_of_a_mail_backwards_ends_in_the_furthest_state() -> None:
    said = [said_by_ses(name, NOTICE, ADDRESS) for name in reversed(FURTHEST)]
    assert returned(ses_events(*said)) == []
    assert state() == "complained"


def test_an_event_whose_write_is_not_answered_comes_back_and_its_neighbours_do_not() -> None:
    notices = [msgspec.structs.replace(NOTICE, booking_id=f"b{number}") for number in range(3)]
    events = ses_events(*(said_by_ses("send", notice, ADDRESS) for notice in notices))
    with losing_answers_to("UpdateItem", only=1):
        assert returned(events) == ["1"]
    assert returned(events) == []
    assert set(states(notices)) == set(notices)


def test_while_a_deployment_changes_over_events_of_the_topic_itself_are_recorded_too() -> None:
    assert call("mail_feedback", sns_event(said_by_ses("bounce", NOTICE, ADDRESS)))
    assert (state(), suppression(ADDRESS)) == ("bounced", "bounced")
    # Lambda calls again for a crash alone.
    with pytest.raises(MailEventNotRecorded):
        call("mail_feedback", sns_event("ann@example.org"))


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
    assert request == len(["suppress", "advance", "ask for a recount"])
