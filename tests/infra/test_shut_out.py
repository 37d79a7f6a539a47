"""`make shut` and `make reopen`, with and without a distribution, on an AWS played on this machine."""

import hashlib
import json
import re
import subprocess
from typing import Any

import pytest

from infra.__main__ import parsers
from infra.deploy import deploy as deploy_here
from infra.edge import hash_of_edge_secret, secret_name
from infra.local.ministack import MiniStack
from infra.shut_out import set_public
from infra.stack import CannotDeploy, Stack
from tests.infra.playing import deploy, described, outputs, parameters, run

AGAIN = parsers()[0].parse_args(["deploy", "--stage=live", "--yes"])


def answers_the_public(played_aws: MiniStack) -> str:
    """Return the name of the function that the stage gives the public's requests to."""
    stage = played_aws.client("apigateway").get_stage(
        restApiId=outputs(played_aws, "live")["RestAPIId"], stageName="api"
    )
    name: str = stage["variables"]["public"]
    return name


class Account:
    """A session in the played account, for what has to run in this process."""

    region_name = "us-east-1"

    def __init__(self, played_aws: MiniStack) -> None:
        self._played_aws = played_aws

    def client(self, service: str) -> Any:
        found = self._played_aws.client(service)
        if service == "cloudfront-keyvaluestore":
            # AWS has a host for each account there, as no machine has below its own name.
            found.meta.events.register("before-send", _to_this_machine)
        return found


def _to_this_machine(request: Any, **_: Any) -> None:
    request.url = re.sub(r"//\d+\.127\.", "//127.", request.url)


def keys_at_the_edge(played_aws: MiniStack) -> set[str]:
    store = Account(played_aws).client("cloudfront-keyvaluestore")
    listed = store.list_keys(KvsARN=outputs(played_aws, "live")["EdgeStoreArn"])
    return {item["Key"] for item in listed.get("Items", [])}


def test_the_public_is_shut_out_and_let_in_again_as_often_as_one_likes(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    named = outputs(played_aws, "live")
    assert answers_the_public(played_aws) == f"{named['APIHandlerName']}:api"
    for _ in range(2):
        shut = run(played_aws, "shut", "--stage=live")
        assert shut.returncode == 0, shut.stderr
        assert answers_the_public(played_aws) == named["ShutName"]
        assert "make reopen STAGE=live" in shut.stdout
        assert "A queue goes on meanwhile" in shut.stdout
    said = played_aws.client("lambda").invoke(
        FunctionName=named["ShutName"], Payload=b'{"httpMethod": "GET"}'
    )
    assert json.loads(said["Payload"].read())["statusCode"] == 503
    for _ in range(2):
        reopened = run(played_aws, "reopen", "--stage=live")
        assert reopened.returncode == 0, reopened.stderr
        assert answers_the_public(played_aws) == f"{named['APIHandlerName']}:api"


def test_a_deployment_lets_nobody_in(played_aws: MiniStack, first: subprocess.CompletedProcess[str]) -> None:
    assert run(played_aws, "shut", "--stage=live").returncode == 0
    done = deploy(played_aws, "--parameters=RequestsBurst=77")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "still shut out" in done.stdout
    assert answers_the_public(played_aws) == outputs(played_aws, "live")["ShutName"]
    assert run(played_aws, "reopen", "--stage=live").returncode == 0
    again = deploy(played_aws)
    assert "still shut out" not in again.stdout


def test_a_deployment_that_fails_lets_nobody_in_either(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account: Any = Account(played_aws)
    set_public("shut", "live", account)

    def rolled_back(*_: Any, **__: Any) -> None:
        # As CloudFormation does: the stage is as the template has it, which lets the public in.
        set_public("reopen", "live", account)
        raise CannotDeploy("The stack is UPDATE_ROLLBACK_COMPLETE")

    monkeypatch.setattr("infra.deploy._change", rolled_back)
    with pytest.raises(CannotDeploy, match="UPDATE_ROLLBACK_COMPLETE"):
        deploy_here(AGAIN, account)
    assert answers_the_public(played_aws) == outputs(played_aws, "live")["ShutName"]
    set_public("reopen", "live", account)


def test_a_deployment_that_is_cut_off_says_that_the_public_has_to_be_shut_out_once_more(
    played_aws: MiniStack,
    first: subprocess.CompletedProcess[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    account: Any = Account(played_aws)
    set_public("shut", "live", account)

    def cut_off(*_: Any, **__: Any) -> None:
        # Ctrl-C ends this command, and CloudFormation knows nothing of it.
        monkeypatch.setattr(Stack, "is_changing", True)
        raise KeyboardInterrupt

    monkeypatch.setattr("infra.deploy._change", cut_off)
    with pytest.raises(KeyboardInterrupt):
        deploy_here(AGAIN, account)
    told = capfd.readouterr().out
    assert "If this is cut off: make shut STAGE=live again" in told
    assert "Once the stack is done: make shut STAGE=live" in told
    assert "still shut out" not in told
    set_public("reopen", "live", account)


def test_mails_and_the_clock_go_on_while_the_public_is_shut_out(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    functions = played_aws.client("lambda")

    def at_work() -> list[Any]:
        mappings = functions.list_event_source_mappings()["EventSourceMappings"]
        return sorted((mapping["EventSourceArn"], mapping["State"]) for mapping in mappings)

    before = at_work()
    assert {state for _, state in before} == {"Enabled"}
    assert run(played_aws, "shut", "--stage=live").returncode == 0
    assert at_work() == before
    assert run(played_aws, "reopen", "--stage=live").returncode == 0


@pytest.fixture(scope="module")
def distributed(played_aws: MiniStack, first: subprocess.CompletedProcess[str]) -> Any:
    before = parameters(played_aws, "live")
    done = deploy(played_aws, "--parameters=Distribution=on")
    assert done.returncode == 0, done.stdout + done.stderr
    yield done
    done = deploy(played_aws, "--parameters=Distribution=off", f"--base-url={before['BaseUrl']}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_distribution_is_where_the_public_is_sent_from_then_on(
    played_aws: MiniStack, distributed: subprocess.CompletedProcess[str]
) -> None:
    address = outputs(played_aws, "live")["DistributionURL"]
    assert address.startswith("https://")
    assert parameters(played_aws, "live")["BaseUrl"] == address
    assert f"the API      {address}" in distributed.stdout
    again = deploy(played_aws)
    assert "Nothing to change." in again.stdout, again.stdout + again.stderr


def test_what_the_distribution_proves_itself_by_is_known_to_nobody_else(
    played_aws: MiniStack, distributed: subprocess.CompletedProcess[str]
) -> None:
    manager = played_aws.client("secretsmanager")
    secret = manager.get_secret_value(SecretId=secret_name("live"))["SecretString"]
    assert len(secret) == 64
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    assert parameters(played_aws, "live")["EdgeSecretHash"] == hashed
    # Asked for again, it is the same one.
    assert hash_of_edge_secret(manager, "live") == hashed
    template = played_aws.client("cloudformation").get_template(StackName="turnout-live")["TemplateBody"]
    told = str(played_aws.client("lambda").list_functions())
    seen = distributed.stdout + distributed.stderr + str(template) + str(described(played_aws, "live")) + told
    assert secret not in seen
    (found,) = played_aws.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    config = played_aws.client("cloudfront").get_distribution_config(Id=found["Id"])["DistributionConfig"]
    (origin,) = config["Origins"]["Items"]
    assert origin["CustomHeaders"]["Items"] == [{"HeaderName": "X-Turnout-Edge", "HeaderValue": secret}]


def test_with_a_distribution_both_doors_are_shut_and_opened(
    played_aws: MiniStack, distributed: subprocess.CompletedProcess[str]
) -> None:
    named = outputs(played_aws, "live")
    account: Any = Account(played_aws)
    for _ in range(2):
        told = set_public("shut", "live", account)
        assert keys_at_the_edge(played_aws) == {"shut"}
        assert answers_the_public(played_aws) == named["ShutName"]
        assert [line.partition(" ")[0] for line in told] == [
            named["EndpointURL"].rstrip("/"),
            named["DistributionURL"],
        ]
    for _ in range(2):
        set_public("reopen", "live", account)
        assert keys_at_the_edge(played_aws) == set()
        assert answers_the_public(played_aws) == f"{named['APIHandlerName']}:api"


@pytest.mark.parametrize(
    ("options", "said"), [([], "required: --stage"), (["--stage=nowhere"], "no deployment")]
)
def test_what_is_missing_is_said(played_aws: MiniStack, options: list[str], said: str) -> None:
    refused = run(played_aws, "shut", *options)
    assert refused.returncode != 0
    assert (said in refused.stderr, "Traceback" in refused.stderr) == (True, False), refused.stderr
