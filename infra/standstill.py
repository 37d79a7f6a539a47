"""``make stop STAGE=live``, ``make start STAGE=live``: hold a deployment still, and let it go on.

While it is held nobody books, nothing is mailed, nothing is lost: requests are answered 5xx with Retry-After,
queues and stream keep what they hold (the stream for 24 hours). What SES says of mails is still recorded.
"""

import os
import sys
from typing import Any, Literal

import boto3

from infra.account import open_account, refusals_in_words
from infra.stack import CannotDeploy, Stack, stage_in

Deed = Literal["stop", "start"]

CALLED = ("APIHandler", "Clock")
"""Functions that are called: they get no place to run. Not so MailFeedback, whose events would go aside."""

ALIAS = "api"
PROVISIONED, RESERVED = "ProvisionedConcurrency", "ReservedConcurrency"
"""What the stack has these parameters at is what a start goes back to."""

FED = ("BookingStream", "Mailer", "FanOut")
"""Functions that Lambda feeds: a message fetched in vain would count as a failure, so none is fetched."""


def hold(deed: Deed, stage: str, session: boto3.Session) -> list[str]:
    """Stop or start this stage's functions, all but the authorizer; return their names."""
    functions = session.client("lambda")
    stack = Stack(session.client("cloudformation"), f"turnout-{stage}")
    names = _functions_of(stack.name, session.client("cloudformation"))
    set_for = {name: int(stack.parameters.get(name, "0")) for name in (PROVISIONED, RESERVED)}
    if deed == "stop" and set_for[PROVISIONED]:
        # Lambda reserves no less for a function than is kept started for it.
        functions.delete_provisioned_concurrency_config(FunctionName=names["APIHandler"], Qualifier=ALIAS)
    for logical_id in CALLED:
        reserved = set_for[RESERVED] if deed == "start" and logical_id == "APIHandler" else 0
        if deed == "stop" or reserved:
            functions.put_function_concurrency(
                FunctionName=names[logical_id], ReservedConcurrentExecutions=reserved
            )
        else:
            functions.delete_function_concurrency(FunctionName=names[logical_id])
    if deed == "start" and set_for[PROVISIONED]:
        functions.put_provisioned_concurrency_config(
            FunctionName=names["APIHandler"],
            Qualifier=ALIAS,
            ProvisionedConcurrentExecutions=set_for[PROVISIONED],
        )
    for logical_id in FED:
        mappings = functions.list_event_source_mappings(FunctionName=names[logical_id])
        for mapping in mappings["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=deed == "start")
    return [names[logical_id] for logical_id in (*CALLED, *FED)]


def _functions_of(stack: str, cloudformation: Any) -> dict[str, str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    names = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    if missing := {*CALLED, *FED} - names.keys():
        raise CannotDeploy(f"{stack} has no function {', '.join(sorted(missing))}.")
    return names


def main(deed: Deed) -> None:
    """Do this deed to the stage that the environment names."""
    with refusals_in_words():
        stage = stage_in(os.environ, f"make {deed} STAGE=live")
        for name in hold(deed, stage, open_account(os.environ)):
            print(f"{'stopped' if deed == 'stop' else 'started'} {name}")


if __name__ == "__main__":
    main("start" if sys.argv[1:] == ["start"] else "stop")
