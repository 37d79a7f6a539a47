"""The template as CloudFormation is given it, and above all what the local emulator would let pass."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.jobs.mailer import WAIT_SECONDS_MAX
from chalicelib.mail.ses import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS
from chalicelib.store.connection import Item
from chalicelib.store.sent_mail import LEASE_MILLISECONDS
from infra.package import Package
from infra.template import our_half
from infra.vendor import ROOT
from tests.package.reading import FUNCTIONS, environment, event_source, walk

FORTNIGHT_SECONDS = 14 * 24 * 3600
API_GATEWAY_WAITS_SECONDS = 29


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
    names = ("BOOKING_STREAM", "FAN_OUT_QUEUE", "MAIL_QUEUE", "MAIL_EVENT_QUEUE")
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


def test_the_table_can_be_deleted_in_development_and_nowhere_else(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    protected = resources["Table"]["Properties"]["DeletionProtectionEnabled"]
    assert protected == {"Fn::If": ["IsForKeeps", True, False]}
    (unless,) = template["Conditions"]["IsForKeeps"]["Fn::Not"]
    assert [tuple(one["Fn::Equals"]) for one in map(_by_name, unless["Fn::Or"])] == [
        ("DeletionProtection", "off"),
        ("Stage", "dev"),
        ("Stage", "test"),
        ("Stage", "local"),
    ]
    assert template["Parameters"]["DeletionProtection"]["Default"] == "on"


def _by_name(condition: dict[str, Any]) -> dict[str, Any]:
    parameter, value = condition["Fn::Equals"]
    return {"Fn::Equals": [parameter["Ref"], value]}


def test_all_logs_are_kept_for_a_while_and_no_longer(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    groups = [found["Properties"] for found in resources.values() if found["Type"] == "AWS::Logs::LogGroup"]
    assert [group["RetentionInDays"] for group in groups] == [{"Ref": "LogDays"}]
    assert template["Parameters"]["LogDays"]["Default"] == 30
    assert template["Globals"]["Function"]["LoggingConfig"] == {"LogGroup": {"Ref": "Logs"}}


def test_whatever_names_the_table_follows_it_when_another_was_restored(template: dict[str, Any]) -> None:
    choices = [node["Fn::If"] for node in walk(template) if "Fn::If" in node]
    restored = [choice for choice in choices if choice[0] == "TableIsRestored"]
    own = [choice[2] for choice in restored]
    named = [
        node
        for node in walk(template)
        if node == {"Ref": "Table"}
        or (isinstance(found := node.get("Fn::GetAtt"), list) and found[0] == "Table")
    ]
    assert len(named) == len(own) > len(FUNCTIONS)
    # A mention inside a text would not follow.
    assert not re.search(r"\$\{Table[}.]", json.dumps(template))
    arn = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTable}"
    for _, other, table in restored:
        assert (
            other
            == {
                '{"Ref": "Table"}': {"Ref": "RestoredTable"},
                '{"Fn::GetAtt": ["Table", "Arn"]}': {"Fn::Sub": arn},
                '{"Fn::GetAtt": ["Table", "StreamArn"]}': {"Fn::Sub": f"{arn}/stream/${{RestoredStream}}"},
            }[json.dumps(table)]
        )


def test_the_template_is_within_what_cloudformation_takes_from_a_bucket(package: Package) -> None:
    assert package.template.stat().st_size < 1_000_000
    # Its reader is not promised to know YAML's aliases.
    assert not re.search(r"(?m)[:-] [&*]\w+$", package.template.read_text())


def test_two_files_of_the_template_never_say_the_same_thing_twice(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("Resources: {A: {Type: x}, B: {Type: y}}")
    (tmp_path / "two.yaml").write_text("Resources: {B: {Type: z}}")
    with pytest.raises(ValueError, match=r"two\.yaml says again .*: B"):
        our_half(tmp_path)


@pytest.mark.parametrize("function", ["BookingStream", "Mailer", "FanOut", "MailFeedback"])
def test_a_batch_that_fails_in_part_brings_back_that_part_only(
    functions: dict[str, Any], function: str
) -> None:
    assert event_source(functions, function)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_record_that_always_fails_does_not_block_the_stream(functions: dict[str, Any]) -> None:
    source = event_source(functions, "BookingStream")
    assert 0 < source["MaximumRetryAttempts"] <= 20
    # Under the day that a stream keeps records, and by far longer than a restore holds it still.
    assert 12 * 3600 < source["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert source["BisectBatchOnFunctionError"] is True
    assert source["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["StreamDeadLetters", "Arn"]
    }


def test_the_stream_is_read_from_its_beginning(functions: dict[str, Any]) -> None:
    source = event_source(functions, "BookingStream")
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["Stream"]["Fn::If"][2] == {"Fn::GetAtt": ["Table", "StreamArn"]}


def test_the_stream_passes_on_bookings_sessions_events_and_who_asks_for_mail_only(
    functions: dict[str, Any],
) -> None:
    filters = event_source(functions, "BookingStream")["FilterCriteria"]["Filters"]
    patterns = [json.loads(found["Pattern"])["dynamodb"]["Keys"]["SK"]["S"] for found in filters]
    assert patterns == [[{"prefix": "BOOKING#"}], [{"prefix": "SESSION#"}], ["EVENT"], ["ASKED"]]


@pytest.mark.parametrize("queue", ["MailQueue", "FanOutQueue", "MailEventQueue"])
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
    topic, queue = {"Ref": "MailEvents"}, {"Fn::GetAtt": ["MailEventQueue", "Arn"]}
    assert destination["SnsDestination"] == {"TopicARN": topic}
    to_queue = resources["MailEventsToQueue"]
    assert to_queue["Properties"] == {
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue, "RawMessageDelivery": True,
    }  # fmt: skip
    assert event_source(functions, "MailFeedback")["Queue"] == queue
    aside = resources["MailEventQueue"]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]
    assert aside == {"Fn::GetAtt": ["MailEventDeadLetters", "Arn"]}


def test_only_the_topic_of_mail_events_may_send_to_their_queue(resources: dict[str, Any]) -> None:
    policies = [found for found in resources.values() if found["Type"] == "AWS::SQS::QueuePolicy"]
    (policy,) = (policy["Properties"] for policy in policies)
    assert policy["Queues"] == [{"Ref": "MailEventQueue"}]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert {name: said for name, said in statement.items() if name != "Sid"} == {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": ["MailEventQueue", "Arn"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "MailEvents"}}},
    }
    # Else the topic's first messages would be refused, and lost.
    assert resources["MailEventsToQueue"]["DependsOn"] == "MailEventQueuePolicy"


def test_mail_events_come_ten_at_a_time_and_take_few_of_the_account_s_places(
    functions: dict[str, Any],
) -> None:
    source = event_source(functions, "MailFeedback")
    assert (source["BatchSize"], source["ScalingConfig"]) == (10, {"MaximumConcurrency": 2})


def test_a_batch_of_mail_events_ends_in_time_though_each_request_takes_as_long_as_it_may(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    request = Item.Meta.connect_timeout_seconds + Item.Meta.read_timeout_seconds
    assert Item.Meta.max_retry_attempts == 0
    # At most two requests an event (tests/jobs/test_mail_feedback.py): the suppression and the ledger.
    batch = event_source(functions, "MailFeedback")["BatchSize"] * 2 * request
    timeout = functions["MailFeedback"]["Timeout"]
    assert batch <= timeout * 2 / 3
    assert resources["MailEventQueue"]["Properties"]["VisibilityTimeout"] >= 6 * timeout
