"""What the template's parameters will be: what is asked for, what the stack has, and the defaults."""

import argparse
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from infra.stack import CannotDeploy

if TYPE_CHECKING:
    import boto3

UNKNOWN_YET = "https://not-known-yet.invalid"
"""Stands for the API's address until API Gateway has named it."""


def pairs_in(text: str) -> list[tuple[str, str]]:
    """Return the names and values in "Name=value Name=value". Raises ArgumentTypeError."""
    pairs = []
    for pair in text.split():
        name, given, value = pair.partition("=")
        if not given:
            raise argparse.ArgumentTypeError(f'has to be "Name=value Name=value"; {pair!r} is not')
        pairs.append((name, value))
    return pairs


def asked_for(arguments: argparse.Namespace, session: "boto3.Session") -> dict[str, str]:
    """Return the template's parameters that the arguments give."""
    asked: dict[str, str] = dict(arguments.parameters)
    for name, given in (("MailFrom", arguments.mail_from), ("BaseUrl", arguments.base_url)):
        if value := given.strip():
            asked[name] = value.rstrip("/")
    if (table := arguments.restored_table) is not None:
        asked |= {"RestoredTable": table, "RestoredStream": _stream_of(table, session) if table else ""}
    return asked


def _stream_of(table: str, session: "boto3.Session") -> str:
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
