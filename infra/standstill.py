"""``make stop STAGE=live`` and ``make start STAGE=live``: hold a deployment still, and let it go on."""

import argparse
import os
from typing import TYPE_CHECKING, Any, Literal

from infra.account import open_account
from infra.command import add_for_stage
from infra.stack import CannotDeploy, Stack

if TYPE_CHECKING:
    import boto3

    from infra.command import Commands

Command = Literal["stop", "start"]

CALLED = ("APIHandler", "Clock")
"""Functions that are called: they get no place to run."""

ALIAS = "api"
PROVISIONED, RESERVED = "ProvisionedConcurrency", "ReservedConcurrency"
"""What the stack has these parameters at is what a start goes back to."""

FED = ("BookingStream", "Mailer", "FanOut", "MailFeedback")
"""Functions that Lambda feeds: a message fetched in vain would count as a failure, so it fetches nothing."""

STOP = """\
Hold a deployment still: no bookings, no emails, nothing lost.

Requests are answered 5xx with Retry-After. Queues and stream keep what they hold, the stream for
24 hours. `make start` lets it go on."""

START = """\
Let a deployment go on after `make stop`."""


def add_command(commands: "Commands") -> None:
    """Add ``stop`` and ``start``."""
    add_for_stage(
        commands,
        "stop",
        words="hold a deployment still: no bookings, no emails, nothing lost",
        description=STOP,
        run=run,
    )
    add_for_stage(commands, "start", words="let a stopped deployment go on", description=START, run=run)


def run(arguments: argparse.Namespace) -> None:
    """Stop or start the functions, as the command's name says."""
    for name in hold(arguments.command, arguments.stage, open_account(os.environ)):
        print(f"{'stopped' if arguments.command == 'stop' else 'started'} {name}")


def hold(command: Command, stage: str, session: "boto3.Session") -> list[str]:
    """Stop or start this stage's functions, all but the authorizer; return their names."""
    functions = session.client("lambda")
    stack = Stack(session.client("cloudformation"), f"turnout-{stage}")
    names = _functions_of(stack.name, session.client("cloudformation"))
    set_for = {name: int(stack.parameters.get(name, "0")) for name in (PROVISIONED, RESERVED)}
    if command == "stop" and set_for[PROVISIONED]:
        # Lambda reserves no less for a function than is kept started for it.
        functions.delete_provisioned_concurrency_config(FunctionName=names["APIHandler"], Qualifier=ALIAS)
    for logical_id in CALLED:
        reserved = set_for[RESERVED] if command == "start" and logical_id == "APIHandler" else 0
        if command == "stop" or reserved:
            functions.put_function_concurrency(
                FunctionName=names[logical_id], ReservedConcurrentExecutions=reserved
            )
        else:
            functions.delete_function_concurrency(FunctionName=names[logical_id])
    if command == "start" and set_for[PROVISIONED]:
        functions.put_provisioned_concurrency_config(
            FunctionName=names["APIHandler"],
            Qualifier=ALIAS,
            ProvisionedConcurrentExecutions=set_for[PROVISIONED],
        )
    for logical_id in FED:
        mappings = functions.list_event_source_mappings(FunctionName=names[logical_id])
        for mapping in mappings["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=command == "start")
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
