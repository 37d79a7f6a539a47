"""What each function's role allows; tests/e2e/test_roles.py holds it to that."""

from typing import Any

from tests.package.reading import FUNCTIONS, actions, statements


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


def test_only_finding_streams_is_allowed_on_everything_since_it_has_no_resource(
    resources: dict[str, Any],
) -> None:
    on_all = [s for name in FUNCTIONS for s in statements(resources, name) if s["Resource"] == "*"]
    assert [statement["Action"] for statement in on_all] == [["dynamodb:ListStreams"]]


def test_mail_goes_from_our_address_and_through_our_configuration_set_only(resources: dict[str, Any]) -> None:
    (sends,) = [found for found in statements(resources, "Mailer") if found["Sid"] == "SendMail"]
    assert sends["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}
    assert sends["Resource"][1]["Fn::Sub"].endswith(":configuration-set/${MailConfiguration}")


def test_what_ses_says_is_written_and_nothing_of_anybody_is_read(resources: dict[str, Any]) -> None:
    on_table = [s for s in statements(resources, "MailFeedback") if s["Action"][0].startswith("dynamodb:")]
    assert [(s["Action"], s["Condition"]) for s in on_table] == [
        (["dynamodb:PutItem", "dynamodb:UpdateItem"], only("NOTICE#*", "SUPPRESSED#*")),
        (["dynamodb:UpdateItem"], only("RECOUNT")),
    ]


def test_the_mailer_reads_what_it_mails_and_writes_down_that_it_did(resources: dict[str, Any]) -> None:
    on_table = [s for s in statements(resources, "Mailer") if s["Action"][0].startswith("dynamodb:")]
    assert [(s["Action"], s["Condition"]) for s in on_table] == [
        (["dynamodb:GetItem"], only("BOOKINGS#*", "EVENT#*", "NOTICE#*", "SUPPRESSED#*")),
        (["dynamodb:BatchGetItem"], only("BOOKINGS#*", "EVENT#*")),
        (["dynamodb:Query"], only("NOTICE#*")),
        (["dynamodb:UpdateItem"], only("NOTICE#*", "RECIPIENT#*", "SOURCE#*", "SUPPRESSED#*")),
    ]


def test_the_stream_owes_mail_again_keeps_directory_and_deadlines_and_writes_nothing_else(
    resources: dict[str, Any],
) -> None:
    sids = ("See", "Owe", "Write", "Keep")
    on_table = [s for s in statements(resources, "BookingStream") if s["Sid"].startswith(sids)]
    assert [(s["Action"], s["Condition"]) for s in on_table] == [
        (["dynamodb:GetItem"], only("BOOKINGS#*")),
        (["dynamodb:BatchGetItem"], only("BOOKINGS#*", "NOTICE#*")),
        (["dynamodb:UpdateItem"], only("BOOKINGS#*", "RECOUNT")),
        (["dynamodb:PutItem"], only("DUE#*")),
        (["dynamodb:BatchWriteItem"], only("GUESTS#*", "REF#*")),
    ]


def test_the_clock_moves_lines_on_and_ends_them_and_mends_only_the_directory(
    resources: dict[str, Any],
) -> None:
    allowed = [s for s in statements(resources, "Clock") if s["Action"][0].startswith("dynamodb:")]
    reads, writes, deletes, due, lists = allowed
    assert set(reads["Action"]) == {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
    read = ("RECOUNT", "LINES", "LINE#*", "EVENT#*", "POOL#*", "BOOKINGS#*", "NOTICE#*", "GUESTS#*", "REF#*")
    assert reads["Condition"] == only(*read)
    assert (writes["Action"], writes["Condition"]) == (
        ["dynamodb:UpdateItem"],
        only("RECOUNT", "FIGURES#*", "LINES"),
    )
    assert (deletes["Action"], deletes["Condition"]) == (["dynamodb:DeleteItem"], only("LINES"))
    assert set(due["Action"]) == {
        f"dynamodb:{name}" for name in ("GetItem", "Query", "PutItem", "DeleteItem")
    }
    assert due["Condition"] == only("DUE", "DUE#*")
    assert (lists["Action"], lists["Condition"]) == (["dynamodb:BatchWriteItem"], only("GUESTS#*", "REF#*"))


def test_the_fan_out_works_on_sessions_their_counters_and_bookings_alone(resources: dict[str, Any]) -> None:
    (found,) = [s for s in statements(resources, "FanOut") if s["Action"][0].startswith("dynamodb:")]
    assert set(found["Action"]) == {
        f"dynamodb:{name}" for name in ("GetItem", "Query", "PutItem", "UpdateItem")
    }
    assert found["Condition"] == only("EVENT#*", "POOL#*", "BOOKINGS#*")


def test_the_api_deletes_tokens_lines_and_what_nobody_booked(resources: dict[str, Any]) -> None:
    (deletes,) = [s for s in statements(resources, "APIHandler") if "dynamodb:DeleteItem" in s["Action"]]
    assert (deletes["Action"], deletes["Condition"]) == (
        ["dynamodb:DeleteItem"],
        only("ORG#*", "LINES", "EVENT#*", "SLUG#*", "POOL#*", "RECOUNT", "FIGURES#*"),
    )


def only(*partitions: str) -> dict[str, Any]:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(partitions)}}


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


def test_each_function_may_send_to_the_queues_it_is_told_of_and_to_no_other(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    for name in FUNCTIONS:
        variables = functions[name].get("Environment", {}).get("Variables", {})
        told = {value["Ref"] for key, value in variables.items() if key.endswith("_QUEUE_URL")}
        may = {
            queue["Fn::GetAtt"][0]
            for statement in statements(resources, name)
            if "sqs:SendMessage" in statement["Action"]
            for queue in statement["Resource"]
        }
        # Where Lambda puts what failed is no business of the code's.
        assert {queue for queue in may if not queue.endswith("DeadLetters")} == told, name
