"""`make deploy`, against an AWS that is played on this machine."""

import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.deploy import require_valid
from infra.local.ministack import MiniStack
from infra.package import Package
from infra.parameters import UNKNOWN_YET
from infra.stack import CannotDeploy, Change, Stack
from tests.e2e.stack import eventually
from tests.infra.playing import deploy, described, parameters, run


def test_the_first_deployment_tells_the_functions_where_the_api_turned_out_to_be(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described(played_aws, "live")["Outputs"]}
    base_url = outputs["EndpointURL"].rstrip("/")
    assert parameters(played_aws, "live")["BaseUrl"] == base_url
    functions = played_aws.client("lambda").list_functions()["Functions"]
    given = {
        function.get("Environment", {}).get("Variables", {}).get("TURNOUT_BASE_URL")
        for function in functions
        if "turnout-live-" in function["FunctionName"]
    }
    assert base_url in given
    assert UNKNOWN_YET not in given
    assert f"the API      {base_url}" in first.stdout
    assert outputs["AlarmsTopic"] in first.stdout


def test_the_table_of_a_deployment_for_keeps_refuses_to_be_deleted(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described(played_aws, "live")["Outputs"]}
    dynamodb = played_aws.client("dynamodb")
    assert (
        dynamodb.describe_table(TableName=outputs["TableName"])["Table"]["DeletionProtectionEnabled"] is True
    )
    with pytest.raises(dynamodb.exceptions.ClientError, match="protect"):
        dynamodb.delete_table(TableName=outputs["TableName"])


def test_no_secret_is_printed_or_given_to_cloudformation(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    ssm = played_aws.client("ssm")
    values = [
        ssm.get_parameter(Name=f"/turnout/live/{name}", WithDecryption=True)["Parameter"]["Value"]
        for name in ("key-secret", "token-secret")
    ]
    words = [word for value in values for word in re.findall(r"[0-9a-f]{64}", value)]
    assert len(words) == 2
    template = played_aws.client("cloudformation").get_template(StackName="turnout-live")["TemplateBody"]
    seen = first.stdout + first.stderr + str(template) + str(described(played_aws, "live"))
    assert not [word for word in words if word in seen]


def test_deploying_the_same_again_changes_nothing_and_keeps_all_parameters(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    before = parameters(played_aws, "live")
    again = run(played_aws, "deploy", "--stage=live")
    assert (again.returncode, "Nothing to change." in again.stdout) == (0, True), again.stdout + again.stderr
    assert "Made the secret" not in again.stdout
    assert parameters(played_aws, "live") == before


def test_what_would_change_is_shown_and_without_a_yes_stays_as_it_is(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    before = parameters(played_aws, "live")
    shown = run(played_aws, "deploy", "--stage=live", "--parameters=RequestsPerSecond=50")
    assert (shown.returncode, "Nothing was changed" in shown.stderr) == (1, True), shown.stderr
    assert re.search(r"modify\s+RestAPI\w*Stage", shown.stdout), shown.stdout
    assert parameters(played_aws, "live") == before
    done = deploy(played_aws, "--parameters=RequestsPerSecond=50")
    assert done.returncode == 0, done.stdout + done.stderr
    assert parameters(played_aws, "live") == {**before, "RequestsPerSecond": "50"}


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    [
        ([], {}, "required: --stage"),
        (["--stage=Live!"], {}, "'Live!' can't"),
        (["--stage=new"], {}, "needs MAIL_FROM"),
        (["--stage=new", "--mail-from=a@b.example", "--parameters=Speed"], {}, "'Speed' is not"),
        (["--stage=new", "--mail-from=a@b.example"], {"AWS_DEFAULT_REGION": ""}, "Say where"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_made(
    played_aws: MiniStack, options: list[str], variables: dict[str, str], said: str
) -> None:
    refused = run(played_aws, "deploy", *options, **variables)
    assert refused.returncode != 0
    assert (said in refused.stderr, "Traceback" in refused.stderr) == (True, False), refused.stderr
    assert "/turnout/new/key-secret" not in str(played_aws.client("ssm").describe_parameters())


GOOD = "Resources: {Queue: {Type: AWS::SQS::Queue}}"
BAD = "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {Speed: 1}}}"


def test_a_template_is_checked_once_unless_it_was_refused_or_has_changed(tmp_path: Path) -> None:
    package, note = Package(tmp_path), tmp_path / "linted"
    package.template.write_text(BAD)
    for _ in range(2):
        with pytest.raises(CannotDeploy, match="would take"):
            require_valid(package)
    package.template.write_text(GOOD)
    require_valid(package)
    noted = note.stat().st_mtime_ns
    require_valid(package)
    assert note.stat().st_mtime_ns == noted
    package.template.write_text(BAD)
    with pytest.raises(CannotDeploy, match="would take"):
        require_valid(package)


class _Replaces:
    """A CloudFormation whose change would make another table."""

    def __init__(self, action: str, replacement: str) -> None:
        self.exceptions = boto3.client("cloudformation").exceptions
        self._change = {
            "Action": action,
            "LogicalResourceId": "Table",
            "ResourceType": "AWS::DynamoDB::Table",
        }
        self._change["Replacement"] = replacement

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}

    def create_change_set(self, **_: Any) -> None: ...

    def describe_change_set(self, **_: Any) -> Any:
        return {"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": self._change}]}


@pytest.mark.parametrize(("action", "replacement"), [("Modify", "True"), ("Remove", "False")])
def test_a_change_that_would_leave_the_data_behind_is_refused(action: str, replacement: str) -> None:
    stack = Stack(_Replaces(action, replacement), "turnout-live")
    with pytest.raises(CannotDeploy, match="leave its data behind"):
        stack.prepare("https://bucket/template", {}, "change")


def test_a_change_says_what_becomes_of_a_resource() -> None:
    assert str(Change("Modify", "Clock", "AWS::Lambda::Function", "True")) == (
        "modify  Clock  AWS::Lambda::Function  (replaced)"
    )
    assert (
        str(Change("Add", "Clock", "AWS::Lambda::Function", "False"))
        == "add     Clock  AWS::Lambda::Function"
    )


@pytest.mark.parametrize(
    ("status", "changing"),
    [
        ("UPDATE_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("REVIEW_IN_PROGRESS", False),
        ("UPDATE_COMPLETE", False),
        ("UPDATE_ROLLBACK_COMPLETE", False),
    ],
)
def test_a_stack_says_whether_cloudformation_is_at_work_on_it(status: str, changing: bool) -> None:
    class CloudFormation:
        def describe_stacks(self, **_: Any) -> Any:
            return {"Stacks": [{"StackStatus": status}]}

    assert Stack(CloudFormation(), "turnout-live").is_changing == changing


def test_a_first_deployment_that_was_cut_off_between_its_passes_is_finished_by_the_next(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    before, cloudformation = parameters(played_aws, "live"), played_aws.client("cloudformation")
    cut_off = {**dict.fromkeys(before), "BaseUrl": UNKNOWN_YET}
    cloudformation.update_stack(
        StackName="turnout-live",
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": name, **({"ParameterValue": value} if value else {"UsePreviousValue": True})}
            for name, value in cut_off.items()
        ],
    )
    eventually(lambda: described(played_aws, "live")["StackStatus"] == "UPDATE_COMPLETE", "update")
    assert parameters(played_aws, "live")["BaseUrl"] == UNKNOWN_YET
    again = deploy(played_aws)
    assert again.returncode == 0, again.stdout + again.stderr
    assert parameters(played_aws, "live") == before
