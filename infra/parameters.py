"""What the template's parameters will be: what is asked for, what the stack has, and the defaults."""

from collections.abc import Mapping, Set
from typing import Any

import boto3

from infra.stack import CannotDeploy

UNKNOWN_YET = "https://not-known-yet.invalid"
"""Where the API is, while nobody knows: API Gateway names it when it is made."""


def asked_for(variables: Mapping[str, str], session: boto3.Session) -> dict[str, str]:
    """Return the parameters that the variables give."""
    asked: dict[str, str] = {}
    for pair in variables.get("PARAMETERS", "").split():
        name, given, value = pair.partition("=")
        if not given:
            raise CannotDeploy(f'PARAMETERS has to be "Name=value Name=value"; {pair!r} is not.')
        asked[name] = value
    for variable, name in (("MAIL_FROM", "MailFrom"), ("BASE_URL", "BaseUrl")):
        if value := variables.get(variable, "").strip():
            asked[name] = value.rstrip("/")
    if (table := variables.get("RESTORED_TABLE")) is not None:
        asked |= {"RestoredTable": table, "RestoredStream": _stream_of(table, session) if table else ""}
    return asked


def _stream_of(table: str, session: boto3.Session) -> str:
    described = session.client("dynamodb").describe_table(TableName=table)["Table"]
    if not described.get("StreamSpecification", {}).get("StreamEnabled"):
        raise CannotDeploy(f"{table} has no stream. `make restore` makes a table with one: docs/restore.md.")
    label: str = described["LatestStreamLabel"]
    return label


def parameters_for(
    stage: str, asked: dict[str, str], *, known: Set[str], declared: Set[str]
) -> dict[str, str | None]:
    """Return the value of every parameter that doesn't just keep its default; None keeps what it has."""
    if unknown := asked.keys() - declared:
        raise CannotDeploy(f"The template has no parameter {', '.join(sorted(unknown))}.")
    parameters: dict[str, str | None] = dict.fromkeys(sorted(known & declared))
    if not known:
        parameters["BaseUrl"] = UNKNOWN_YET
        if stage.partition("-")[0] in {"dev", "test"}:
            parameters["DeletionProtection"] = "off"
    return {**parameters, **asked, "Stage": stage}


def values_of(
    parameters: Mapping[str, str | None], declared: Mapping[str, Any], had: Mapping[str, str]
) -> dict[str, str]:
    """Return what every parameter will be: what it is given, or else had, or else its default."""
    given = {name: value for name, value in parameters.items() if value is not None}
    defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
    return {**defaults, **had, **given}
