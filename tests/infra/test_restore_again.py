"""A restore that was cut off goes on, and waits for what DynamoDB is not ready for yet."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.store.connection import Item
from infra.restore import restore
from infra.stack import CannotDeploy
from tests.engines import client_for, create_table

SOURCE = Item.Meta.table_name
THEN = datetime(2027, 9, 1, 10, tzinfo=UTC)
LINE = {"PK": {"S": "NOTICE#b"}, "SK": {"S": "confirmation#1"}, "state": {"S": "delivered"}}


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        client = client_for("dynamodb")
        create_table(client)
        client.update_table(TableName=SOURCE, DeletionProtectionEnabled=True)
        client.put_item(TableName=SOURCE, Item=LINE)
        _refuse_what_aws_refuses(client, monkeypatch)
        yield client


def _refuse_what_aws_refuses(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    to_live, update = client.update_time_to_live, client.update_table

    def once(**asked: Any) -> Any:
        described = client.describe_time_to_live(TableName=asked["TableName"])["TimeToLiveDescription"]
        assert described["TimeToLiveStatus"] != "ENABLED", "TimeToLive is already enabled"
        return to_live(**asked)

    def stream_once(**asked: Any) -> Any:
        described = client.describe_table(TableName=asked["TableName"])["Table"]
        streams = described.get("StreamSpecification", {}).get("StreamEnabled", False)
        assert not ("StreamSpecification" in asked and streams), "Table already has an enabled stream"
        return update(**asked)

    monkeypatch.setattr(client, "update_time_to_live", once)
    monkeypatch.setattr(client, "update_table", stream_once)


class CutOff(BaseException):
    """What ends the process in the middle."""


@pytest.mark.parametrize(
    "step",
    [
        "restore_table_to_point_in_time",
        "put_item",
        "update_time_to_live",
        "update_continuous_backups",
        "update_table",
    ],
)
def test_the_same_moment_again_goes_on_where_it_was_cut_off(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    does = getattr(dynamodb, step)

    def does_and_dies(**asked: Any) -> None:
        does(**asked)
        raise CutOff

    with monkeypatch.context() as cut_off:
        cut_off.setattr(dynamodb, step, does_and_dies)
        with pytest.raises(CutOff):
            restore(dynamodb, SOURCE, THEN, lambda _: None)
    name = restore(dynamodb, SOURCE, THEN, lambda _: None)
    assert name == f"{SOURCE}-restored-20270901T100000Z"
    assert restore(dynamodb, SOURCE, THEN, lambda _: None) == name
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    to_live = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert to_live["TimeToLiveStatus"] == "ENABLED"
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert dynamodb.scan(TableName=name)["Items"] == [LINE]


def test_without_a_moment_it_says_which_one_goes_on(
    dynamodb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = restore(dynamodb, SOURCE, None, lambda _: None)
    said = capsys.readouterr().out.partition("TO=")[2].split()[0]
    assert restore(dynamodb, SOURCE, datetime.fromisoformat(said), lambda _: None) == name


def test_backups_that_are_still_being_enabled_are_waited_for(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    update, waits = dynamodb.update_continuous_backups, list[float]()
    unavailable = dynamodb.exceptions.ContinuousBackupsUnavailableException

    def not_yet(**asked: Any) -> Any:
        if len(waits) < 3:
            error = {"Code": "ContinuousBackupsUnavailableException", "Message": "Backups are being enabled"}
            raise unavailable({"Error": error}, "UpdateContinuousBackups")
        return update(**asked)

    monkeypatch.setattr(dynamodb, "update_continuous_backups", not_yet)
    name = restore(dynamodb, SOURCE, THEN, waits.append)
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert len(waits) == 3


def test_a_table_that_the_deployment_works_on_is_not_restored_onto_itself(dynamodb: Any) -> None:
    with pytest.raises(CannotDeploy, match="already"):
        restore(dynamodb, f"{SOURCE}-restored-20270901T100000Z", THEN, lambda _: None)
