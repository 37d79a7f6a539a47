"""Deploy the package as one would on AWS: the zip into a bucket, the template through CloudFormation."""

import hashlib
import json
import time
from typing import Any

from infra.local.ministack import MiniStack
from infra.local.places import STAGE, Cannot, Places
from infra.package import Package

STACK = "turnout"
BUCKET = "turnout-code"
DEPLOY_SECONDS_MAX = 120
PARAMETERS = {
    "Stage": STAGE,
    "MailFrom": "bookings@turnout.example",
    # The sink has no quota, and someone is looking on.
    "MailsPerSecond": "50",
    # Everybody here has this machine's address.
    "MailsPerSourceHour": "1000",
    "BookingsPerSourceMinute": "10000",
}


def deploy(ministack: MiniStack, places: Places, package: Package) -> dict[str, str]:
    """Create or update the stack and return its outputs. Raises Cannot with what went wrong."""
    s3 = ministack.client("s3")
    code = _upload(s3, package.zip.read_bytes(), "zip")
    document = _for_here(package, f"s3://{BUCKET}/{code}")
    template = _upload(s3, json.dumps(document).encode(), "json")
    cloudformation = ministack.client("cloudformation")
    request = {
        "StackName": STACK,
        # From the bucket, because in a request it can have 51,200 bytes at most.
        "TemplateURL": f"{places.endpoint}/{BUCKET}/{template}",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in {**PARAMETERS, "BaseUrl": places.base_url}.items()
        ],
    }
    if _exists(cloudformation):
        try:
            cloudformation.update_stack(**request)
        except cloudformation.exceptions.ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
    else:
        cloudformation.create_stack(**request)
    outputs = _wait(cloudformation)
    answers = document["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    _set_gateway_responses(ministack.client("apigateway"), outputs["RestAPIId"], answers)
    return outputs


def _upload(s3: Any, content: bytes, kind: str) -> str:
    # Named by what is in it: CloudFormation sees new code only by its new name.
    key = f"{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return key


def _for_here(package: Package, code: str) -> dict[str, Any]:
    """Return the template as it is, but for where the code is and what MiniStack needs told."""
    document = package.read_template()
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
            _write_out_concurrency(resource["Properties"].get("Events", {}), document["Parameters"])
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                _allow_batches(policy["PolicyDocument"]["Statement"])
    return document


def _write_out_concurrency(events: dict[str, Any], parameters: dict[str, Any]) -> None:
    # A Ref to a number is text to MiniStack, and its queue poller then compares text with a number.
    for event in events.values():
        scaling = event["Properties"].get("ScalingConfig", {})
        if isinstance(concurrency := scaling.get("MaximumConcurrency"), dict):
            scaling["MaximumConcurrency"] = int(parameters[concurrency["Ref"]]["Default"])


def _allow_batches(statements: list[dict[str, Any]]) -> None:
    # On AWS sqs:SendMessage covers SendMessageBatch, which has no action of its own; MiniStack asks for one.
    for statement in statements:
        if "sqs:SendMessage" in statement["Action"]:
            statement["Action"] = [*statement["Action"], "sqs:SendMessageBatch"]


def _set_gateway_responses(apigateway: Any, api_id: str, answers: dict[str, Any]) -> None:
    # On AWS they come with the API's definition; MiniStack knows them, but does not read them from there.
    for kind, answer in answers.items():
        headers = answer["ResponseParameters"]["Headers"]
        apigateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            statusCode=str(answer["StatusCode"]),
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates=answer["ResponseTemplates"],
        )
    apigateway.create_deployment(restApiId=api_id, stageName="api")


def _exists(cloudformation: Any) -> bool:
    listed = cloudformation.list_stacks()["StackSummaries"]
    return any(stack["StackName"] == STACK and "DELETE" not in stack["StackStatus"] for stack in listed)


def _wait(cloudformation: Any) -> dict[str, str]:
    deadline = time.monotonic() + DEPLOY_SECONDS_MAX
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        status: str = stack["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if status.endswith(("_FAILED", "ROLLBACK_COMPLETE")):
            raise Cannot(
                f"The stack could not be deployed ({status}): {_reason(cloudformation)}\n"
                "If it was kept from an earlier run, start afresh: make run"
            )
        time.sleep(0.2)
    raise Cannot(f"The stack was not deployed within {DEPLOY_SECONDS_MAX} s.")


def _reason(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return "; ".join(reasons) or "CloudFormation gave no reason"
