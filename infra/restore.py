"""``make restore STAGE=live TO=2027-09-01T10:00:00Z``: the table as it was then, as a new table beside it.

Nothing works on the new table until `make deploy STAGE=live RESTORED_TABLE=...` says so; docs/restore.md has
all the steps, and what they mean. A restored table comes without time to live, stream, point-in-time recovery
and protection, so they are set. What happened to mails can't be undone by a restore, so it is carried over.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from infra.stack import CannotDeploy, Stack, stage_in
from infra.template import RESOURCES

CARRIED_OVER = ("NOTICE#", "SUPPRESSED#", "RECIPIENT#", "SOURCE#")
"""What was sent, to whom nothing may be sent, and how much each got: true whatever the rest goes back to."""

RESTORE_SECONDS_MAX = 12 * 3600


def main() -> None:
    """Restore what the environment says."""
    try:
        stage = stage_in(os.environ, "make restore STAGE=live TO=2027-09-01T10:00:00Z")
        then = _time(os.environ.get("TO", ""))
        session = boto3.Session()
        restored = restore(session.client("dynamodb"), _table_of(stage, session), then)
    except (CannotDeploy, BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    print(f"\nNext, when you have looked at it:  make deploy STAGE={stage} RESTORED_TABLE={restored}")


def restore(
    dynamodb: Any, source: str, then: datetime | None, wait: Callable[[float], None] = time.sleep
) -> str:
    """Make the table as it was then, or as lately as can be; return its name. Raises CannotDeploy."""
    stamp = f"{then or datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    target = f"{source.partition('-restored-')[0]}-restored-{stamp}"
    print(f"Restoring {source} as {target} ...", flush=True)
    moment = {"UseLatestRestorableTime": True} if then is None else {"RestoreDateTime": then}
    dynamodb.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, **moment)
    _await_active(dynamodb, target, wait)
    print("Carrying over what happened to mails since ...", flush=True)
    print(f"  {carry_over(dynamodb, source, target)} items", flush=True)
    _set_up(dynamodb, source, target, wait)
    return target


def _table_of(stage: str, session: boto3.Session) -> str:
    table = Stack(session.client("cloudformation"), f"turnout-{stage}").outputs.get("TableName")
    if table is None:
        raise CannotDeploy(f"There is no deployment turnout-{stage} here.")
    return table


def carry_over(dynamodb: Any, source: str, target: str) -> int:
    """Copy what happened to mails from the table as it is to the one as it was; return how many items."""
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
    """Give the restored table what the template gives the stack's own."""
    declared = yaml.safe_load((RESOURCES / "table.yaml").read_text())["Resources"]["Table"]["Properties"]
    was = dynamodb.describe_table(TableName=source)["Table"]
    dynamodb.update_time_to_live(
        TableName=target, TimeToLiveSpecification=declared["TimeToLiveSpecification"]
    )
    dynamodb.update_continuous_backups(
        TableName=target, PointInTimeRecoverySpecification=declared["PointInTimeRecoverySpecification"]
    )
    dynamodb.update_table(
        TableName=target, StreamSpecification={"StreamEnabled": True, **declared["StreamSpecification"]}
    )
    _await_active(dynamodb, target, wait)
    dynamodb.update_table(
        TableName=target, DeletionProtectionEnabled=was.get("DeletionProtectionEnabled", False)
    )
    _await_active(dynamodb, target, wait)


def _await_active(dynamodb: Any, table: str, wait: Callable[[float], None]) -> None:
    waited = 0
    while dynamodb.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        if waited >= RESTORE_SECONDS_MAX:
            raise CannotDeploy(f"{table} is not there after {RESTORE_SECONDS_MAX // 3600} hours; look at it.")
        wait(5)
        waited += 5


def _time(text: str) -> datetime | None:
    """Return the time that this text says, None if it says nothing. Raises CannotDeploy."""
    if not text:
        return None
    try:
        then = datetime.fromisoformat(text)
    except ValueError as error:
        raise CannotDeploy(f"TO has to be like 2027-09-01T10:00:00Z; {text!r} is not.") from error
    if then.tzinfo is None:
        raise CannotDeploy("TO needs its offset from UTC, as in 2027-09-01T10:00:00Z.")
    return then.astimezone(UTC)


if __name__ == "__main__":
    main()
