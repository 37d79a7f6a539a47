"""What rings, and what for."""

import json
from typing import Any

import pytest

from chalicelib import logs
from infra.vendor import ROOT


@pytest.fixture(scope="module")
def alarms(resources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: found["Properties"]
        for name, found in resources.items()
        if found["Type"] == "AWS::CloudWatch::Alarm"
    }


def test_something_in_a_dead_letter_queue_raises_an_alarm(
    resources: dict[str, Any], alarms: dict[str, dict[str, Any]]
) -> None:
    queues = {name for name in resources if name.endswith("DeadLetters")}
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in alarms.values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
        for dimension in alarm["Dimensions"]
    }
    assert watched == queues


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_that_fails_or_is_held_back_raises_an_alarm(
    alarms: dict[str, dict[str, Any]], functions: dict[str, Any], metric: str
) -> None:
    found = [alarm for alarm in alarms.values() if alarm["MetricName"] == metric]
    watched = [dimension["Value"]["Ref"] for alarm in found for dimension in alarm["Dimensions"]]
    assert sorted(watched) == sorted(functions)
    for alarm in found:
        assert (alarm["Namespace"], alarm["Statistic"], alarm["Threshold"]) == ("AWS/Lambda", "Sum", 0)
        # Once is a second try for somebody; three minutes of five are not going away.
        assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (60, 5, 3)


def test_every_alarm_rings_at_the_one_topic_and_says_what_is_wrong(
    alarms: dict[str, dict[str, Any]],
) -> None:
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}], name
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold", name
        assert alarm["AlarmDescription"].endswith("."), name
        # A metric that is not sent while all is well must not leave its alarm without an opinion.
        assert alarm["TreatMissingData"] == (
            "ignore" if "Reputation" in alarm["MetricName"] else "notBreaching"
        )


@pytest.mark.parametrize(
    ("alarm", "file", "threshold", "periods"),
    [
        ("InvariantDriftAlarm", "actions/event/recount_session.py", 0, 1),
        ("MailsFailedAlarm", "actions/mail/send_notice.py", 10, 1),
        # A minute with too much to do is none yet: what was left out comes first in the next.
        ("ClockNotReachedAlarm", "jobs/clock.py", 0, 15),
    ],
)
def test_what_the_code_counts_raises_an_alarm(
    alarms: dict[str, dict[str, Any]], alarm: str, file: str, threshold: int, periods: int
) -> None:
    found = alarms[alarm]
    assert found["EvaluationPeriods"] == periods
    assert (found["Namespace"], found["Statistic"]) == (logs.NAMESPACE, "Sum")
    assert found["Threshold"] == threshold
    # The metric's name and dimension are the code's: an alarm on another would stay silent for ever.
    assert found["Dimensions"] == [{"Name": "Stage", "Value": {"Ref": "Stage"}}]
    source = (ROOT / "chalicelib" / file).read_text()
    assert f'logs.metric("{found["MetricName"]}"' in source


def test_what_the_code_counts_is_counted_for_its_stage_alone(capsys: pytest.CaptureFixture[str]) -> None:
    logs.metric("InvariantDrift", 2, session_id="s1")
    line = json.loads(capsys.readouterr().out)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Stage"]]
    assert (line["Stage"], line["InvariantDrift"], line["session_id"]) == ("test", 2, "s1")


WATCHED: dict[str, tuple[tuple[str, str, str], list[tuple[str, object]], float]] = {
    "MailsLateAlarm": (
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
        [("QueueName", {"Fn::GetAtt": ["MailQueue", "QueueName"]})],
        3600,
    ),
    "DueLateAlarm": (("Turnout", "DueLagSeconds", "Maximum"), [("Stage", {"Ref": "Stage"})], 900),
    "FanOutLateAlarm": (
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
        [("QueueName", {"Fn::GetAtt": ["FanOutQueue", "QueueName"]})],
        900,
    ),
    "MailEventsLateAlarm": (
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
        [("QueueName", {"Fn::GetAtt": ["MailEventQueue", "QueueName"]})],
        900,
    ),
    "BookingStreamLateAlarm": (
        ("AWS/Lambda", "IteratorAge", "Maximum"),
        [("FunctionName", {"Ref": "BookingStream"})],
        300_000,
    ),
    "APIFailsAlarm": (
        ("AWS/ApiGateway", "5XXError", "Average"),
        [("ApiName", {"Fn::Sub": "turnout-${Stage}"}), ("Stage", "api")],
        0.05,
    ),
    "BounceRateAlarm": (("AWS/SES", "Reputation.BounceRate", "Average"), [], 0.05),
    "ComplaintRateAlarm": (("AWS/SES", "Reputation.ComplaintRate", "Average"), [], 0.001),
}


@pytest.mark.parametrize("alarm", WATCHED)
def test_what_is_late_or_fails_raises_an_alarm(alarms: dict[str, dict[str, Any]], alarm: str) -> None:
    found = alarms[alarm]
    dimensions = [(one["Name"], one["Value"]) for one in found.get("Dimensions", [])]
    metric = (found["Namespace"], found["MetricName"], found["Statistic"])
    assert (metric, dimensions, found["Threshold"]) == WATCHED[alarm]


def test_the_api_has_the_name_that_its_alarm_and_the_dashboard_watch(resources: dict[str, Any]) -> None:
    api = resources["RestAPI"]["Properties"]
    assert (api["Name"], api["StageName"]) == ({"Fn::Sub": "turnout-${Stage}"}, "api")
