"""The package as it is deployed: what CloudFormation is given, and what is in the zip."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib import logs
from chalicelib.jobs.mail_queue import WAIT_SECONDS_MAX
from chalicelib.mail.ses import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS
from chalicelib.store.sent_mail import LEASE_MILLISECONDS
from infra.package import Package, build
from infra.vendor import ROOT, Target

FUNCTIONS = {"APIHandler", "Authorizer", "BookingStream", "Mailer", "FanOut", "MailFeedback", "Clock"}
FORTNIGHT_SECONDS = 14 * 24 * 3600
ZIP_BYTES_MAX = 8 * 1024 * 1024
API_GATEWAY_WAITS_SECONDS = 29


@pytest.fixture(scope="module")
def package() -> Package:
    """For AWS: what `make package` makes."""
    return build(Target(machine="arm64"))


@pytest.fixture(scope="module")
def template(package: Package) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(package.template.read_text())
    return document


@pytest.fixture(scope="module")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"]
    return found


@pytest.fixture(scope="module")
def functions(resources: dict[str, Any]) -> dict[str, Any]:
    kind = "AWS::Serverless::Function"
    return {name: found["Properties"] for name, found in resources.items() if found["Type"] == kind}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of this machine's package, as Lambda unpacks it."""
    directory = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(build(Target()).zip) as archive:
        archive.extractall(directory)
    return directory


def statements(resources: dict[str, Any], function: str) -> Iterator[dict[str, Any]]:
    """Yield what this function's role allows."""
    role = resources[function]["Properties"]["Role"]["Fn::GetAtt"][0]
    for policy in resources[role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def actions(resources: dict[str, Any], function: str) -> set[str]:
    """Return all that this function's role allows."""
    return {action for statement in statements(resources, function) for action in statement["Action"]}


def event_source(functions: dict[str, Any], function: str) -> dict[str, Any]:
    """Return the one event source of this function."""
    (source,) = functions[function]["Events"].values()
    properties: dict[str, Any] = source["Properties"]
    return properties


def environment(template: dict[str, Any], function: str) -> set[str]:
    """Return the names of the variables that this function is given."""
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    own = template["Resources"][function]["Properties"].get("Environment", {}).get("Variables", {})
    return {*common, *own}


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Yield every mapping in the template."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def test_the_template_is_clean_for_cfn_lint(package: Package) -> None:
    lint = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([lint, package.template], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_every_resource_has_a_type_so_none_is_a_misspelt_function(resources: dict[str, Any]) -> None:
    assert [name for name, resource in resources.items() if "Type" not in resource] == []


def test_the_functions_are_these_and_no_others(functions: dict[str, Any]) -> None:
    assert set(functions) == FUNCTIONS


def test_no_merge_left_two_intrinsics_in_one_place(template: dict[str, Any]) -> None:
    intrinsics = [
        {key for key in node if key == "Ref" or key.startswith("Fn::")}
        | ({"more"} if len(node) > 1 else set())
        for node in walk(template)
        if any(key == "Ref" or key.startswith("Fn::") for key in node)
    ]
    assert all(len(keys) == 1 for keys in intrinsics)


def test_no_placeholder_is_left(package: Package) -> None:
    names = ("BOOKING_STREAM", "FAN_OUT_QUEUE", "MAIL_QUEUE", "MAIL_EVENTS")
    text = re.sub(r"TURNOUT_\w+", "", package.template.read_text())
    assert [name for name in names if name in text] == []


def test_the_table_streams_expires_items_can_be_restored_and_is_encrypted(resources: dict[str, Any]) -> None:
    table = resources["Table"]
    properties = table["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("function", ["BookingStream", "Mailer", "FanOut"])
def test_a_batch_that_fails_in_part_brings_back_that_part_only(
    functions: dict[str, Any], function: str
) -> None:
    assert event_source(functions, function)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_record_that_always_fails_does_not_block_the_stream(functions: dict[str, Any]) -> None:
    source = event_source(functions, "BookingStream")
    assert 0 < source["MaximumRetryAttempts"] <= 20
    assert 0 < source["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert source["BisectBatchOnFunctionError"] is True
    assert source["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["StreamDeadLetters", "Arn"]
    }


def test_the_stream_is_read_from_its_beginning(functions: dict[str, Any]) -> None:
    source = event_source(functions, "BookingStream")
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["Stream"] == {"Fn::GetAtt": ["Table", "StreamArn"]}


def test_the_stream_passes_on_bookings_and_sessions_only(functions: dict[str, Any]) -> None:
    filters = event_source(functions, "BookingStream")["FilterCriteria"]["Filters"]
    patterns = [json.loads(found["Pattern"])["dynamodb"]["Keys"]["SK"]["S"] for found in filters]
    assert patterns == [[{"prefix": "BOOKING#"}], [{"prefix": "SESSION#"}]]


@pytest.mark.parametrize("queue", ["MailQueue", "FanOutQueue"])
def test_a_queue_keeps_what_fails_for_a_fortnight(resources: dict[str, Any], queue: str) -> None:
    properties = resources[queue]["Properties"]
    dead_letters = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    assert properties["MessageRetentionPeriod"] == FORTNIGHT_SECONDS
    assert resources[dead_letters]["Properties"]["MessageRetentionPeriod"] == FORTNIGHT_SECONDS


def test_a_mail_comes_back_only_when_its_lease_is_over_and_the_lease_outlasts_the_mailer(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    visibility = resources["MailQueue"]["Properties"]["VisibilityTimeout"]
    mailer = functions["Mailer"]["Timeout"]
    hears_ses_out = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS
    assert visibility > LEASE_MILLISECONDS / 1000 > mailer + hears_ses_out
    # What is left is for the table and for rendering.
    assert mailer >= WAIT_SECONDS_MAX + hears_ses_out + 5


def test_the_rate_of_mails_cannot_be_nothing(template: dict[str, Any]) -> None:
    rate, mailers = (template["Parameters"][name] for name in ("MailsPerSecond", "MailersAtOnce"))
    assert rate["MinValue"] > 0
    # At the slowest, the fewest mailers can keep to it.
    assert mailers["MinValue"] / rate["MinValue"] <= WAIT_SECONDS_MAX


def test_a_page_of_work_does_not_come_back_while_it_is_being_done(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    assert resources["FanOutQueue"]["Properties"]["VisibilityTimeout"] >= 6 * functions["FanOut"]["Timeout"]


def test_the_functions_are_arm64_and_have_the_memory_that_starts_them_fast(functions: dict[str, Any]) -> None:
    assert all(function["Architectures"] == ["arm64"] for function in functions.values())
    assert all(function["MemorySize"] >= 512 for function in functions.values())
    assert functions["APIHandler"]["MemorySize"] == 1024
    # One whole vCPU: a recount decodes every booking of a session.
    assert functions["Clock"]["MemorySize"] == 1769


def test_the_api_gives_up_before_api_gateway_does(functions: dict[str, Any]) -> None:
    waits = functions["APIHandler"]["Timeout"] + functions["Authorizer"]["Timeout"]
    assert waits < API_GATEWAY_WAITS_SECONDS


def test_one_tick_of_the_clock_is_over_before_the_next(functions: dict[str, Any]) -> None:
    assert functions["Clock"]["Timeout"] < 60


def test_each_function_has_a_role_of_its_own(functions: dict[str, Any]) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0] for function in functions.values()}
    assert len(roles) == len(FUNCTIONS)


def test_no_role_may_do_everything_or_read_the_whole_table(resources: dict[str, Any]) -> None:
    for function in FUNCTIONS:
        allowed = actions(resources, function)
        assert not [action for action in allowed if "*" in action], function
        assert "dynamodb:Scan" not in allowed, function


def test_the_authorizer_reads_tokens_and_does_nothing_else(resources: dict[str, Any]) -> None:
    assert {action for action in actions(resources, "Authorizer") if not action.startswith("logs:")} == {
        "dynamodb:GetItem"
    }
    (reads,) = [found for found in statements(resources, "Authorizer") if found["Sid"] == "ReadTokens"]
    assert reads["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["ORG#*"]}}


def test_what_ses_says_is_written_and_nothing_of_anybody_is_read(resources: dict[str, Any]) -> None:
    assert {found for found in actions(resources, "MailFeedback") if found.startswith("dynamodb:")} == {
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    }


def test_only_the_mailer_sends_mail(resources: dict[str, Any]) -> None:
    assert [name for name in FUNCTIONS if "ses:SendEmail" in actions(resources, name)] == ["Mailer"]


def test_a_secret_is_read_by_those_who_use_it(resources: dict[str, Any]) -> None:
    def secrets(function: str) -> set[str]:
        (found,) = [s for s in statements(resources, function) if s["Sid"] == "ReadSecrets"]
        return {resource["Fn::Sub"].rpartition("/")[2] for resource in found["Resource"]}

    readers = {name for name in FUNCTIONS if "ssm:GetParameter" in actions(resources, name)}
    assert readers == {"APIHandler", "Mailer"}
    assert secrets("APIHandler") == {"key-secret", "token-secret"}
    assert secrets("Mailer") == {"token-secret"}


def test_the_functions_are_given_the_variables_that_settings_reads(template: dict[str, Any]) -> None:
    read = set(re.findall(r'"(TURNOUT_\w+)"', (ROOT / "chalicelib" / "settings.py").read_text()))
    given = set().union(*(environment(template, function) for function in FUNCTIONS))
    assert given == read


def test_mail_events_reach_the_ledger_or_wait_where_somebody_sees_them(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    destination = resources["MailEventsDestination"]["Properties"]["EventDestination"]
    assert {"send", "delivery", "bounce", "complaint", "reject", "deliveryDelay"} == set(
        destination["MatchingEventTypes"]
    )
    failed = functions["MailFeedback"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert failed["Destination"] == {"Fn::GetAtt": ["MailEventDeadLetters", "Arn"]}


def test_every_handler_that_the_template_names_can_be_imported_from_the_zip(
    functions: dict[str, Any], unpacked: Path
) -> None:
    handlers = [function["Handler"].rpartition(".") for function in functions.values()]
    lines = [f"import {module}; assert callable({module}.{name})" for module, _, name in handlers]
    # Isolated: nothing is to be found but what is in the zip and in Python itself.
    code = (
        f"import sys; sys.path[:] = [{str(unpacked)!r}] + [p for p in sys.path if 'site-packages' not in p]\n"
    )
    run([sys.executable, "-I", "-c", code + "\n".join(lines)], unpacked)


def test_importing_the_app_loads_nothing_that_renders(unpacked: Path) -> None:
    code = (
        f"import sys; sys.path[:] = [{str(unpacked)!r}] + [p for p in sys.path if 'site-packages' not in p]\n"
        "import app\n"
        "loaded = {'jinja2', 'icalendar', 'segno'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    run([sys.executable, "-I", "-c", code], unpacked)


def run(command: list[str], task: Path) -> None:
    """Run this where the zip is unpacked; fail with what it said."""
    variables = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "TURNOUT_TABLE": "turnout",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(command, cwd=task, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_zip_is_small_and_holds_bytecode_and_no_tests(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as archive:
        names = archive.namelist()
    assert package.zip.stat().st_size < ZIP_BYTES_MAX
    assert len(names) == len(set(names))
    assert not [name for name in names if "/tests/" in name or name.startswith(("infra/", "tests/"))]
    for module in ("pynamodb/models", "chalice/app", "chalicelib/settings", "msgspec/__init__"):
        folder, _, name = module.rpartition("/")
        assert any(re.fullmatch(rf"{folder}/__pycache__/{name}\.cpython-\d+\.pyc", path) for path in names), (
            module
        )


def test_the_zip_for_arm64_holds_no_code_for_another_processor(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as archive:
        libraries = [name for name in archive.namelist() if name.endswith(".so")]
    assert libraries
    assert [name for name in libraries if "aarch64" not in name] == []


def test_the_bytecode_is_never_compared_with_time_stamps(unpacked: Path) -> None:
    unchecked = (0b01).to_bytes(4, "little")
    (compiled,) = (unpacked / "chalicelib" / "__pycache__").glob("settings.*.pyc")
    # PEP 552: after the magic number, 1 says hash-based, and without the second bit never checked.
    assert compiled.read_bytes()[4:8] == unchecked


def test_something_in_a_dead_letter_queue_raises_an_alarm(resources: dict[str, Any]) -> None:
    queues = {name for name in resources if name.endswith("DeadLetters")}
    alarms = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in alarms
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
        for dimension in alarm["Dimensions"]
    }
    assert watched == queues
    assert all(alarm["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in alarms)


@pytest.mark.parametrize(
    ("alarm", "action", "threshold"),
    [("InvariantDriftAlarm", "recount_session", 0), ("MailsFailedAlarm", "send_notice", 10)],
)
def test_what_the_code_counts_raises_an_alarm(
    resources: dict[str, Any], alarm: str, action: str, threshold: int
) -> None:
    found = resources[alarm]["Properties"]
    assert (found["Namespace"], found["Statistic"]) == (logs.NAMESPACE, "Sum")
    assert (found["Threshold"], found["ComparisonOperator"]) == (threshold, "GreaterThanThreshold")
    # The metric's name is the code's: an alarm on another would stay silent for ever.
    source = (ROOT / "chalicelib" / "actions" / f"{action}.py").read_text()
    assert f'logs.metric("{found["MetricName"]}"' in source


@pytest.mark.parametrize(
    ("alarm", "metric", "dimension", "threshold"),
    [
        (
            "MailsLateAlarm",
            ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
            ("QueueName", {"Fn::GetAtt": ["MailQueue", "QueueName"]}),
            3600,
        ),
        (
            "BookingStreamLateAlarm",
            ("AWS/Lambda", "IteratorAge", "Maximum"),
            ("FunctionName", {"Ref": "BookingStream"}),
            300_000,
        ),
        (
            "APIHandlerErrorsAlarm",
            ("AWS/Lambda", "Errors", "Sum"),
            ("FunctionName", {"Ref": "APIHandler"}),
            0,
        ),
    ],
)
def test_what_is_late_or_crashes_raises_an_alarm(
    resources: dict[str, Any],
    alarm: str,
    metric: tuple[str, str, str],
    dimension: tuple[str, object],
    threshold: int,
) -> None:
    found = resources[alarm]["Properties"]
    assert (found["Namespace"], found["MetricName"], found["Statistic"]) == metric
    assert [(one["Name"], one["Value"]) for one in found["Dimensions"]] == [dimension]
    assert (found["Threshold"], found["ComparisonOperator"]) == (threshold, "GreaterThanThreshold")
