"""Going back to the table as it was: the new table is whole, mails stay sent, and the functions follow."""

import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from infra.local.ministack import MiniStack
from infra.restore import carry_over, restore
from tests.engines import client_for
from tests.infra.playing import deploy, outputs, run

BOOKING = {"PK": {"S": "BOOKINGS#s#0"}, "SK": {"S": "BOOKING#k"}, "status": {"S": "confirmed"}}
LINE = {"PK": {"S": "NOTICE#b"}, "SK": {"S": "confirmation#1"}, "state": {"S": "delivered"}}
DEAD = {"PK": {"S": "SUPPRESSED#h"}, "SK": {"S": "SUPPRESSED"}}
COUNTED = {"PK": {"S": "RECIPIENT#o#h"}, "SK": {"S": "2027-09-01"}}


def items(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dynamodb.scan(TableName=table)["Items"]
    return sorted(found, key=lambda item: (str(item["PK"]), str(item["SK"])))


def test_what_happened_to_mails_stays_true_and_nothing_else_does() -> None:
    with mock_aws():
        dynamodb = client_for("dynamodb")
        for name in ("as-it-is", "as-it-was"):
            dynamodb.create_table(
                TableName=name,
                KeySchema=[
                    {"AttributeName": "PK", "KeyType": "HASH"},
                    {"AttributeName": "SK", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": "PK", "AttributeType": "S"},
                    {"AttributeName": "SK", "AttributeType": "S"},
                ],
                BillingMode="PAY_PER_REQUEST",
            )
        for item in (BOOKING, LINE, DEAD, COUNTED):
            dynamodb.put_item(TableName="as-it-is", Item=item)
        dynamodb.put_item(TableName="as-it-was", Item={**LINE, "state": {"S": "sending"}})
        assert carry_over(dynamodb, "as-it-is", "as-it-was") == 3
        assert items(dynamodb, "as-it-was") == [LINE, COUNTED, DEAD]


@pytest.fixture(scope="module")
def restored(played_aws: MiniStack, first: subprocess.CompletedProcess[str]) -> str:
    """The name of a table that was restored from the deployment's own."""
    dynamodb, source = played_aws.client("dynamodb"), outputs(played_aws, "live")["TableName"]
    dynamodb.put_item(TableName=source, Item=BOOKING)
    then = datetime(2027, 9, 1, 10, tzinfo=UTC)
    name = restore(dynamodb, source, then, lambda _: None)
    assert name == f"{source}-restored-20270901T100000Z"
    return name


def test_a_restored_table_has_all_that_the_stack_s_own_has(played_aws: MiniStack, restored: str) -> None:
    dynamodb = played_aws.client("dynamodb")
    # Its neighbours have used that deployment as well.
    source = outputs(played_aws, "live")["TableName"]
    assert BOOKING in items(dynamodb, restored) == items(dynamodb, source)
    table = dynamodb.describe_table(TableName=restored)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["DeletionProtectionEnabled"] is True
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    to_live = dynamodb.describe_time_to_live(TableName=restored)["TimeToLiveDescription"]
    assert (to_live["TimeToLiveStatus"], to_live["AttributeName"]) == ("ENABLED", "expires")
    backups = dynamodb.describe_continuous_backups(TableName=restored)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def works_on(played_aws: MiniStack) -> tuple[set[str], set[str], set[str]]:
    """Return the tables that the functions are given, read the stream of, and may use."""
    functions, iam = played_aws.client("lambda"), played_aws.client("iam")
    listed = [f for f in functions.list_functions()["Functions"] if "turnout-live-" in f["FunctionName"]]
    # What answers while the public is shut out works on nothing.
    ours = [function for function in listed if "turnout-live-Shut" not in function["FunctionName"]]
    assert len(ours) == 7
    given = {function["Environment"]["Variables"]["TURNOUT_TABLE"] for function in ours}
    sources = [
        mapping["EventSourceArn"]
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]
        if ":dynamodb:" in mapping["EventSourceArn"]
    ]
    allowed = set()
    for role in (function["Role"].rpartition("/")[2] for function in ours):
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            allowed |= {
                str(statement["Resource"]).partition(":table/")[2].partition("/")[0]
                for statement in document["Statement"]
                if ":table/" in str(statement["Resource"])
            }
    return given, {source.partition(":table/")[2].partition("/")[0] for source in sources}, allowed


def test_the_functions_follow_to_the_restored_table_and_back(played_aws: MiniStack, restored: str) -> None:
    own = outputs(played_aws, "live")["TableName"]
    moved = deploy(played_aws, f"--restored-table={restored}")
    assert moved.returncode == 0, moved.stdout + moved.stderr
    assert works_on(played_aws) == ({restored}, {restored}, {restored})
    assert outputs(played_aws, "live")["TableName"] == restored
    back = deploy(played_aws, "--restored-table=")
    assert back.returncode == 0, back.stdout + back.stderr
    assert works_on(played_aws) == ({own}, {own}, {own})


def test_a_deployment_that_is_held_still_runs_nothing_until_it_goes_on(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    functions = played_aws.client("lambda")

    def held() -> tuple[set[int | None], set[str]]:
        names = {
            function["FunctionName"].split("-")[2]: function["FunctionName"]
            for function in functions.list_functions()["Functions"]
        }
        places = {
            functions.get_function_concurrency(FunctionName=names[name]).get("ReservedConcurrentExecutions")
            for name in ("APIHandler", "Clock")
        }
        mappings = functions.list_event_source_mappings()["EventSourceMappings"]
        return places, {mapping["State"] for mapping in mappings}

    assert run(played_aws, "stop", "--stage=live").returncode == 0
    assert held() == ({0}, {"Disabled"})
    assert run(played_aws, "start", "--stage=live").returncode == 0
    assert held() == ({None}, {"Enabled"})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "required: --stage"),
        (["--stage=nowhere"], "no deployment turnout-nowhere"),
        (["--stage=live", "--to=yesterday"], "--to: has to be like"),
        (["--stage=live", "--to=2027-09-01T10:00:00"], "offset from UTC"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_restored(
    played_aws: MiniStack, options: list[str], said: str
) -> None:
    refused = run(played_aws, "restore", *options)
    assert refused.returncode != 0
    assert (said in refused.stderr, "Traceback" in refused.stderr) == (True, False), refused.stderr
