"""``make deploy STAGE=live``: build the package, check it, show what would change on AWS, ask, change it."""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from infra.account import open_account
from infra.bucket import CodeBucket
from infra.command import add_stage
from infra.edge import hash_of_edge_secret
from infra.levers import require_possible
from infra.package import Package, build
from infra.parameters import UNKNOWN_YET, asked_for, pairs_in, parameters_for, values_of
from infra.secrets import create_secrets
from infra.shut_out import is_shut, set_public
from infra.stack import CannotDeploy, Change, Stack
from infra.template import name_version
from infra.vendor import Target

if TYPE_CHECKING:
    import boto3

    from infra.command import Commands

DESCRIPTION = """\
Put Turnout onto AWS, or change a deployment.

Builds and checks the package, shows what would change, asks, and changes it. It needs credentials
of an AWS account, and for the first deployment an address that SES may send from. What you don't
give keeps the value that the deployment has. docs/deploy.md explains all of it."""


def add_command(commands: "Commands") -> None:
    """Add ``deploy``."""
    parser = commands.add_parser(
        "deploy",
        help="put Turnout onto AWS, or change a deployment",
        description=DESCRIPTION,
        example="make deploy STAGE=live MAIL_FROM=bookings@your.org",
    )
    add_stage(parser)
    parser.add_argument(
        "--mail-from",
        default="",
        metavar="ADDRESS",
        help="the sender of emails; the first deployment needs it",
    )
    parser.add_argument(
        "--base-url",
        default="",
        metavar="URL",
        help="the public address of the API, if it isn't API Gateway's",
    )
    parser.add_argument(
        "--parameters",
        default=[],
        action="extend",
        type=pairs_in,
        metavar="NAME=VALUE",
        help='other parameters of the template, as "Name=value Name=value"; may be given several times',
    )
    parser.add_argument(
        "--bucket", default="", metavar="NAME", help="where to put the code, if not in a bucket made for it"
    )
    parser.add_argument(
        "--restored-table",
        metavar="TABLE",
        help="work on this restored table; empty: work on the deployment's own table again",
    )
    parser.add_argument("--yes", action="store_true", help="change it without asking")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Deploy what the arguments say."""
    deploy(arguments, open_account(os.environ))


def deploy(arguments: argparse.Namespace, session: "boto3.Session") -> dict[str, str]:
    """Deploy and return the stack's outputs. Raises CannotDeploy, or what AWS refused."""
    stage: str = arguments.stage
    account: str = session.client("sts").get_caller_identity()["Account"]
    stack = Stack(session.client("cloudformation"), f"turnout-{stage}")
    print(f"account {account}, region {session.region_name}, stack {stack.name}", flush=True)
    asked = asked_for(arguments, session)
    if not stack.exists and "MailFrom" not in asked:
        raise CannotDeploy("The first deployment needs MAIL_FROM=..., an address that SES may send from.")

    print("Building and checking the package ...", flush=True)
    package = build(Target(machine="arm64"))
    require_valid(package)
    declared = package.read_template()["Parameters"]
    parameters = parameters_for(stage, asked, known=stack.parameters.keys(), declared=declared.keys())
    values = values_of(parameters, declared, stack.parameters)
    require_possible(values, stack.parameters)
    if values["Distribution"] == "on":
        parameters["EdgeSecretHash"] = hash_of_edge_secret(session.client("secretsmanager"), stage)
    bucket = CodeBucket(session, arguments.bucket or f"turnout-code-{account}-{session.region_name}", account)
    code_uri = bucket.code_uri(bucket.put(package.zip.read_bytes(), "zip"))
    for made in create_secrets(session.client("ssm"), stage):
        print(f"Made the secret {made}. Keep a copy: see docs/deploy.md.", flush=True)

    was_shut = stack.exists and is_shut(stack.outputs, session)
    if was_shut:
        print(f"The public is shut out. If this is cut off: make shut STAGE={stage} again, when all is done.")

    def change(*, ask: bool) -> None:
        template = _filled_in(package, code_uri, values_of(parameters, declared, stack.parameters))
        url = bucket.url(bucket.put(template, "json"))
        session.client("cloudformation").validate_template(TemplateURL=url)
        _change(stack, url, parameters, ask=ask)

    try:
        change(ask=not arguments.yes)
        # What it has, not what was asked for: an earlier first deployment may have been cut off here.
        if address := _new_address(stack):
            parameters["BaseUrl"] = address
            print(f"Telling the functions where the API is: {address}", flush=True)
            # What was asked for is only half done without it.
            change(ask=False)
    finally:
        if was_shut:
            # CloudFormation may have put the stage's variable back, also where it rolled back what failed:
            # only `make reopen` may let the public in.
            set_public("shut", stage, session)
            if stack.is_changing:
                print(
                    "CloudFormation goes on without this command, and may let the public in as it ends. "
                    f"Once the stack is done: make shut STAGE={stage}",
                    flush=True,
                )
            else:
                print(f"The public is still shut out: make reopen STAGE={stage}", flush=True)
    _tell(stack, session.region_name)
    return stack.outputs


def _new_address(stack: Stack) -> str | None:
    """Return where the public reaches the API, if the functions know no more than API Gateway's address."""
    told, outputs = stack.parameters.get("BaseUrl"), stack.outputs
    api = outputs["EndpointURL"].rstrip("/")
    address = outputs.get("DistributionURL", api)
    return address if told in {UNKNOWN_YET, api} and told != address else None


def require_valid(package: Package) -> None:
    """Have cfn-lint check the template. Raises CannotDeploy if CloudFormation wouldn't take it."""
    # Imported here, for it takes a while, and --help can do without.
    from importlib.metadata import version

    # What this cfn-lint has taken before it takes again, and it is the slowest part of a deployment.
    content = package.template.read_bytes()
    taken = hashlib.sha256(version("cfn-lint").encode() + content).hexdigest()
    note = package.directory / "linted"
    if note.exists() and note.read_text() == taken:
        return
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(package.template)]
    if subprocess.run(command, check=False).returncode != 0:
        raise CannotDeploy("The template is not one that CloudFormation would take (see above).")
    note.write_text(taken)


def _filled_in(package: Package, code_uri: str, values: Mapping[str, str]) -> bytes:
    """Return the template with where the code is, and the version that these parameters make."""
    document = package.read_template()
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code_uri
    name_version(document, values)
    return json.dumps(document, ensure_ascii=False).encode()


def _change(stack: Stack, url: str, parameters: dict[str, str | None], *, ask: bool) -> None:
    name = f"turnout-{datetime.now(UTC):%Y-%m-%d-%H-%M-%S-%f}"
    changes = stack.prepare(url, parameters, name)
    if not changes:
        print("Nothing to change.", flush=True)
        return
    print(
        f"{len(changes)} changes:", *(f"  {change}" for change in _worst_first(changes)), sep="\n", flush=True
    )
    if ask and not _agreed():
        raise CannotDeploy(f"Nothing was changed. The change set {name} is there to look at.")
    stack.carry_out(name)
    print("Done.", flush=True)


def _agreed() -> bool:
    try:
        return input("Carry them out? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        # No person is there to ask.
        return False


def _worst_first(changes: list[Change]) -> list[Change]:
    order = {"Remove": 0, "Modify": 1, "Add": 2}
    return sorted(changes, key=lambda one: (one.replaced == "False", order.get(one.action, 0)))


def _tell(stack: Stack, region: str | None) -> None:
    outputs = stack.outputs
    print(f"""
  the API      {outputs.get("DistributionURL", outputs["EndpointURL"].rstrip("/"))}
  the table    {outputs["TableName"]}
  alarms       {outputs["AlarmsTopic"]}

  # hear the alarms (SNS asks that address to confirm)
  aws sns subscribe --region {region} --topic-arn {outputs["AlarmsTopic"]} \\
    --protocol email --notification-endpoint YOU

  # create an organiser
  AWS_REGION={region} TURNOUT_TABLE={outputs["TableName"]} make organiser NAME="Social Care Curry"
""", flush=True)  # fmt: skip
