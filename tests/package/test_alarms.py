"""What rings, and what for."""

from typing import Any

import pytest

from chalicelib import logs
from infra.vendor import ROOT


def test_something_in_a_dead_letter_queue_raises_an_alarm(resources: dict[str, Any]) -> None:
    queues = {name for name in resources if name.endswith("DeadLetters")}
    alarms = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in alarms
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
        for dimension in alarm["Dimensions"]
    }
    assert watched == queues
    assert all(alarm["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in alarms)


@pytest.mark.parametrize(
    ("alarm", "action", "threshold"),
    [("InvariantDriftAlarm", "recount_session", 0), ("MailsFailedAlarm", "send_notice", 10)],
)
def test_what_the_code_counts_raises_an_alarm(
    resources: dict[str, Any], alarm: str, action: str, threshold: int
) -> None:
    found = resources[alarm]["Properties"]
    assert (found["Namespace"], found["Statistic"]) == (logs.NAMESPACE, "Sum")
    assert (found["Threshold"], found["ComparisonOperator"]) == (threshold, "GreaterThanThreshold")
    # The metric's name is the code's: an alarm on another would stay silent for ever.
    source = (ROOT / "chalicelib" / "actions" / f"{action}.py").read_text()
    assert f'logs.metric("{found["MetricName"]}"' in source


@pytest.mark.parametrize(
    ("alarm", "metric", "dimension", "threshold"),
    [
        (
            "MailsLateAlarm",
            ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
            ("QueueName", {"Fn::GetAtt": ["MailQueue", "QueueName"]}),
            3600,
        ),
        (
            "BookingStreamLateAlarm",
            ("AWS/Lambda", "IteratorAge", "Maximum"),
            ("FunctionName", {"Ref": "BookingStream"}),
            300_000,
        ),
        (
            "APIHandlerErrorsAlarm",
            ("AWS/Lambda", "Errors", "Sum"),
            ("FunctionName", {"Ref": "APIHandler"}),
            0,
        ),
    ],
)
def test_what_is_late_or_crashes_raises_an_alarm(
    resources: dict[str, Any],
    alarm: str,
    metric: tuple[str, str, str],
    dimension: tuple[str, object],
    threshold: int,
) -> None:
    found = resources[alarm]["Properties"]
    assert (found["Namespace"], found["MetricName"], found["Statistic"]) == metric
    assert [(one["Name"], one["Value"]) for one in found["Dimensions"]] == [dimension]
    assert (found["Threshold"], found["ComparisonOperator"]) == (threshold, "GreaterThanThreshold")
