"""``make shut STAGE=live``, ``make reopen STAGE=live``: the public sees a page that says so.

All else goes on: bookings stay, mails go out, organisers and doors are let in (``make stop`` holds all).
Which function answers the public's routes is a variable of API Gateway's stage, and whether the distribution
answers by itself is a key in its store: two calls, and seconds.
"""

import os
import sys
from typing import Any, Literal

import boto3

from infra.account import open_account, refusals_in_words
from infra.stack import CannotDeploy, Stack, stage_in

Deed = Literal["shut", "reopen"]

KEY = "shut"


def set_public(deed: Deed, stage: str, session: boto3.Session) -> list[str]:
    """Shut the public out of this stage, or let it in again; return what now answers where."""
    stack = Stack(session.client("cloudformation"), f"turnout-{stage}")
    if not stack.exists:
        raise CannotDeploy(f"There is no deployment {stack.name} here.")
    outputs = stack.outputs
    if "ShutName" not in outputs:
        raise CannotDeploy(
            f"{stack.name} can't be shut yet: deploy it once more, or hold it still (make stop)."
        )
    function = outputs["ShutName"] if deed == "shut" else f"{outputs['APIHandlerName']}:api"
    session.client("apigateway").update_stage(
        restApiId=outputs["RestAPIId"],
        stageName="api",
        patchOperations=[{"op": "replace", "path": "/variables/public", "value": function}],
    )
    done = [f"{outputs['EndpointURL'].rstrip('/')}  is answered by {function}"]
    if store := outputs.get("EdgeStoreArn"):
        _set_key(session.client("cloudfront-keyvaluestore"), store, deed)
        at_the_edge = "answers by itself" if deed == "shut" else "passes requests on"
        done.append(f"{outputs['DistributionURL']}  {at_the_edge}")
    return done


def is_shut(outputs: dict[str, str], session: boto3.Session) -> bool:
    """Return whether the public of the stack with these outputs is shut out."""
    if "ShutName" not in outputs:
        return False
    stage = session.client("apigateway").get_stage(restApiId=outputs["RestAPIId"], stageName="api")
    answers: str = stage.get("variables", {}).get("public", "")
    return answers == outputs["ShutName"]


def _set_key(store: Any, arn: str, deed: Deed) -> None:
    version = store.describe_key_value_store(KvsARN=arn)["ETag"]
    if deed == "shut":
        store.put_key(KvsARN=arn, Key=KEY, Value="yes", IfMatch=version)
        return
    try:
        store.delete_key(KvsARN=arn, Key=KEY, IfMatch=version)
    except store.exceptions.ResourceNotFoundException:
        # It was not shut, or is reopened for the second time.
        return


def main(deed: Deed) -> None:
    """Do this deed to the stage that the environment names."""
    with refusals_in_words():
        stage = stage_in(os.environ, f"make {deed} STAGE=live")
        print(*set_public(deed, stage, open_account(os.environ)), sep="\n")
        if deed == "shut":
            print(f"\nThe public is shut out; admin calls and mails go on. Back: make reopen STAGE={stage}")
            print("A queue goes on meanwhile. To hold it: docs/launch-day.md, The kill switch.")


if __name__ == "__main__":
    main("reopen" if sys.argv[1:] == ["reopen"] else "shut")
