"""``make shut STAGE=live`` and ``make reopen STAGE=live``: shut the public out, and let it in again.

A variable of API Gateway's stage names the function that answers the public. A key in the distribution's
store says whether the distribution answers by itself. So this takes two calls, and seconds.
"""

import argparse
import os
from typing import TYPE_CHECKING, Any, Literal

from infra.account import open_account
from infra.command import add_for_stage
from infra.stack import CannotDeploy, Stack

if TYPE_CHECKING:
    import boto3

    from infra.command import Commands

Command = Literal["shut", "reopen"]

KEY = "shut"

SHUT = """\
Show the public a page that says booking is closed for the moment. It takes seconds.

All else goes on: bookings stay, emails go out, organisers and door staff can work. A queue goes on
too: docs/launch-day.md says how to hold it. `make reopen` lets the public in again, and `make stop`
holds all of a deployment."""

REOPEN = """\
Let the public in again after `make shut`. It takes seconds."""


def add_command(commands: "Commands") -> None:
    """Add ``shut`` and ``reopen``."""
    add_for_stage(
        commands,
        "shut",
        words="show the public that booking is closed; all else goes on",
        description=SHUT,
        run=run,
    )
    add_for_stage(commands, "reopen", words="let the public in again", description=REOPEN, run=run)


def run(arguments: argparse.Namespace) -> None:
    """Shut the public out, or let it in, as the command's name says."""
    print(*set_public(arguments.command, arguments.stage, open_account(os.environ)), sep="\n")
    if arguments.command == "shut":
        print("\nThe public is shut out. Admin calls and emails go on.")
        print(f"To let the public in again: make reopen STAGE={arguments.stage}")
        print("A queue goes on meanwhile. To hold it: docs/launch-day.md, How do I use the kill switch?")


def set_public(command: Command, stage: str, session: "boto3.Session") -> list[str]:
    """Shut the public out of this stage, or let it in again; return what now answers where."""
    stack = Stack(session.client("cloudformation"), f"turnout-{stage}")
    if not stack.exists:
        raise CannotDeploy(f"There is no deployment {stack.name} here.")
    outputs = stack.outputs
    if "ShutName" not in outputs:
        raise CannotDeploy(
            f"{stack.name} can't be shut yet. Deploy it once more, or hold it still: make stop STAGE={stage}"
        )
    function = outputs["ShutName"] if command == "shut" else f"{outputs['APIHandlerName']}:api"
    session.client("apigateway").update_stage(
        restApiId=outputs["RestAPIId"],
        stageName="api",
        patchOperations=[{"op": "replace", "path": "/variables/public", "value": function}],
    )
    done = [f"{outputs['EndpointURL'].rstrip('/')}  is answered by {function}"]
    if store := outputs.get("EdgeStoreArn"):
        _set_key(session.client("cloudfront-keyvaluestore"), store, command)
        at_the_edge = "answers by itself" if command == "shut" else "passes requests on"
        done.append(f"{outputs['DistributionURL']}  {at_the_edge}")
    return done


def is_shut(outputs: dict[str, str], session: "boto3.Session") -> bool:
    """Return whether the public of the stack with these outputs is shut out."""
    if "ShutName" not in outputs:
        return False
    stage = session.client("apigateway").get_stage(restApiId=outputs["RestAPIId"], stageName="api")
    answers: str = stage.get("variables", {}).get("public", "")
    return answers == outputs["ShutName"]


def _set_key(store: Any, arn: str, command: Command) -> None:
    version = store.describe_key_value_store(KvsARN=arn)["ETag"]
    if command == "shut":
        store.put_key(KvsARN=arn, Key=KEY, Value="yes", IfMatch=version)
        return
    try:
        store.delete_key(KvsARN=arn, Key=KEY, IfMatch=version)
    except store.exceptions.ResourceNotFoundException:
        # It was not shut, or is reopened for the second time.
        return
