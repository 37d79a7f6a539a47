"""``make restore STAGE=live TO=2027-09-01T10:00:00Z``: the table as it was then, as a new table beside it.

A restored table comes without time to live, stream, point-in-time recovery and protection, so they are set.
What happened to emails can't be undone by a restore, so it is carried over.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import yaml

from infra.account import open_account
from infra.command import add_stage
from infra.stack import CannotDeploy, Stack
from infra.template import RESOURCES

if TYPE_CHECKING:
    import boto3

    from infra.command import Commands

CARRIED_OVER = ("NOTICE#", "SUPPRESSED#", "RECIPIENT#", "SOURCE#")
"""What was sent, to whom nothing may be sent, and how much each got: true whatever the rest goes back to."""

RESTORE_SECONDS_MAX = 12 * 3600
BACKUPS_SECONDS_MAX = 1800


DESCRIPTION = """\
Restore a deployment's table as it was at a time, as a new table beside it.

The deployment goes on with its own table. It works on the new one once you deploy it with
RESTORED_TABLE. docs/restore.md has all the steps, and what they mean."""


def add_command(commands: "Commands") -> None:
    """Add ``restore``."""
    parser = commands.add_parser(
        "restore",
        help="restore a deployment's table to a time, as a new table",
        description=DESCRIPTION,
        example="make restore STAGE=live TO=2027-09-01T10:00:00Z",
    )
    add_stage(parser)
    parser.add_argument(
        "--to",
        type=_time,
        metavar="TIME",
        help="a time like 2027-09-01T10:00:00Z, with its offset from UTC (default: the latest possible)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Restore what the arguments say."""
    stage, session = arguments.stage, open_account(os.environ)
    restored = restore(session.client("dynamodb"), _table_of(stage, session), arguments.to)
    print(f"\nLook at the new table. Then: make deploy STAGE={stage} RESTORED_TABLE={restored}")


def restore(
    dynamodb: Any, source: str, then: datetime | None, wait: Callable[[float], None] = time.sleep
) -> str:
    """Make the table as it was then, or else at the latest possible time; return its name.

    Goes on where an earlier run for the same moment was cut off: all but the first step can be done twice.
    Raises CannotDeploy.
    """
    named = then or datetime.now(UTC)
    target = f"{source.partition('-restored-')[0]}-restored-{named:%Y%m%dT%H%M%SZ}"
    if target == source:
        raise CannotDeploy(f"The deployment already works on {target}.")
    if _is_there(dynamodb, target):
        print(f"{target} is already there. Going on with it ...", flush=True)
    else:
        print(f"Restoring {source} as {target} ...", flush=True)
        print(f"If this is cut off, run it again to go on: TO={named:%Y-%m-%dT%H:%M:%SZ}", flush=True)
        moment = {"UseLatestRestorableTime": True} if then is None else {"RestoreDateTime": then}
        dynamodb.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, **moment)
    _await_active(dynamodb, target, wait)
    print("Carrying over what happened to emails since ...", flush=True)
    print(f"  {carry_over(dynamodb, source, target)} items", flush=True)
    _set_up(dynamodb, source, target, wait)
    return target


def _table_of(stage: str, session: "boto3.Session") -> str:
    table = Stack(session.client("cloudformation"), f"turnout-{stage}").outputs.get("TableName")
    if table is None:
        raise CannotDeploy(f"There is no deployment turnout-{stage} here.")
    return table


def _is_there(dynamodb: Any, table: str) -> bool:
    try:
        dynamodb.describe_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True


def carry_over(dynamodb: Any, source: str, target: str) -> int:
    """Copy what happened to emails from the source to the restored table; return how many items.

    A second time does no harm: the source always has the later truth.
    """
    items = 0
    for item in _facts_of_mails(dynamodb, source):
        dynamodb.put_item(TableName=target, Item=item)
        items += 1
    return items


def _facts_of_mails(dynamodb: Any, source: str) -> Iterator[dict[str, Any]]:
    condition = " OR ".join(f"begins_with(PK, :{number})" for number, _ in enumerate(CARRIED_OVER))
    values = {f":{number}": {"S": prefix} for number, prefix in enumerate(CARRIED_OVER)}
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=source,
        ConsistentRead=True,
        FilterExpression=condition,
        ExpressionAttributeValues=values,
    )
    for page in pages:
        yield from page["Items"]


def _set_up(dynamodb: Any, source: str, target: str, wait: Callable[[float], None]) -> None:
    """Give the restored table what the template gives the stack's own, where it hasn't got it yet."""
    declared = yaml.safe_load((RESOURCES / "table.yaml").read_text())["Resources"]["Table"]["Properties"]
    was = _described(dynamodb, source)
    # DynamoDB refuses to turn on what is on, time to live and the stream.
    to_live = dynamodb.describe_time_to_live(TableName=target)["TimeToLiveDescription"]
    if to_live["TimeToLiveStatus"] not in {"ENABLED", "ENABLING"}:
        dynamodb.update_time_to_live(
            TableName=target, TimeToLiveSpecification=declared["TimeToLiveSpecification"]
        )
    _keep_backups(dynamodb, target, declared["PointInTimeRecoverySpecification"], wait)
    if not _described(dynamodb, target).get("StreamSpecification", {}).get("StreamEnabled"):
        dynamodb.update_table(
            TableName=target, StreamSpecification={"StreamEnabled": True, **declared["StreamSpecification"]}
        )
        _await_active(dynamodb, target, wait)
    protected = was.get("DeletionProtectionEnabled", False)
    if _described(dynamodb, target).get("DeletionProtectionEnabled", False) != protected:
        dynamodb.update_table(TableName=target, DeletionProtectionEnabled=protected)
        _await_active(dynamodb, target, wait)


def _keep_backups(
    dynamodb: Any, target: str, specification: dict[str, Any], wait: Callable[[float], None]
) -> None:
    waited = 0
    while True:
        try:
            dynamodb.update_continuous_backups(
                TableName=target, PointInTimeRecoverySpecification=specification
            )
        except dynamodb.exceptions.ContinuousBackupsUnavailableException:
            # "Backups are being enabled": so it is for a while after a table was made.
            if waited >= BACKUPS_SECONDS_MAX:
                raise
            wait(5)
            waited += 5
        else:
            return


def _described(dynamodb: Any, table: str) -> dict[str, Any]:
    found: dict[str, Any] = dynamodb.describe_table(TableName=table)["Table"]
    return found


def _await_active(dynamodb: Any, table: str, wait: Callable[[float], None]) -> None:
    waited = 0
    while _described(dynamodb, table)["TableStatus"] != "ACTIVE":
        if waited >= RESTORE_SECONDS_MAX:
            raise CannotDeploy(
                f"{table} is not ready after {RESTORE_SECONDS_MAX // 3600} hours. Look in DynamoDB's console."
            )
        wait(5)
        waited += 5


def _time(text: str) -> datetime | None:
    """Return the time in this text, or None if it is empty. Raises ArgumentTypeError."""
    if not text:
        return None
    try:
        then = datetime.fromisoformat(text)
        if then.tzinfo is None:
            raise argparse.ArgumentTypeError("needs its offset from UTC, as in 2027-09-01T10:00:00Z")
        return then.astimezone(UTC)
    # The first and the last hours that Python knows are before and after them in UTC.
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"has to be like 2027-09-01T10:00:00Z; {text!r} is not") from error
