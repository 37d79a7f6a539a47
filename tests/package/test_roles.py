"""What each function's role allows."""

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
