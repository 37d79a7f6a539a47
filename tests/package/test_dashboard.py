"""The page that an opening is watched on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib import logs
from infra.vendor import ROOT


@pytest.fixture(scope="module")
def widgets(resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The widgets, once everything in them is filled in with its own name."""
    text, _ = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    found: list[dict[str, Any]] = json.loads(re.sub(r"\$\{([^}]+)\}", r"\1", text))["widgets"]
    return found


def metrics(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    return [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]


def test_it_shows_all_that_matters_on_the_day(widgets: list[dict[str, Any]]) -> None:
    shown = {(metric[0], metric[1]) for metric in metrics(widgets)}
    assert shown >= {
        ("Turnout", "Bookings"),
        ("Turnout", "Refusals"),
        ("Turnout", "MailsFailed"),
        ("Turnout", "InvariantDrift"),
        ("Turnout", "ClockNotReached"),
        ("Turnout", "DueLagSeconds"),
        ("AWS/ApiGateway", "Latency"),
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
        ("AWS/DynamoDB", "ConsumedReadCapacityUnits"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ("AWS/SES", "Delivery"),
        ("AWS/Lambda", "ProvisionedConcurrencySpilloverInvocations"),
        ("AWS/SES", "Reputation.BounceRate"),
    }


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration", "ConcurrentExecutions"])
def test_it_shows_every_function(
    widgets: list[dict[str, Any]], functions: dict[str, Any], metric: str
) -> None:
    assert {found[3] for found in metrics(widgets) if found[1] == metric} == set(functions)


def test_what_it_shows_of_ours_is_what_the_code_counts(widgets: list[dict[str, Any]]) -> None:
    files: list[Path] = sorted((ROOT / "chalicelib").rglob("*.py"))
    counted = {name for path in files for name in re.findall(r'logs\.metric\(\s*"(\w+)"', path.read_text())}
    ours = [metric for metric in metrics(widgets) if metric[0] == logs.NAMESPACE]
    assert {metric[1] for metric in ours} <= counted
    assert {tuple(metric[2:4]) for metric in ours} == {("Stage", "Stage")}


def test_no_two_widgets_lie_on_one_another_and_each_knows_its_region(widgets: list[dict[str, Any]]) -> None:
    assert len({(widget["x"], widget["y"]) for widget in widgets}) == len(widgets)
    assert {widget["properties"]["region"] for widget in widgets} == {"AWS::Region"}
