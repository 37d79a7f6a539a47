"""The two secrets of a deployment: ``make deploy`` makes them, ``make rotate STAGE=live`` changes one.

They are SSM SecureString parameters, and never in the template, the code, the logs, a command line or the
table. The key secret must never change: without it Turnout can't tell that an address has booked before. Keep
a copy of it where the backups of the table are kept. The token secret rotates: a key is added, and signs new
links once every process has read it. Keys that signed links stay, until ``--drop`` ends all links of one.
"""

import argparse
import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.account import open_account
from infra.command import add_stage
from infra.stack import CannotDeploy

if TYPE_CHECKING:
    from infra.command import Commands

SECRET_BYTES = 32

READ_BY_ALL_AFTER = timedelta(minutes=6)
"""A process reads the token secret every five minutes (store/secrets.py)."""


def create_secrets(ssm: Any, stage: str) -> list[str]:
    """Make those secrets of this stage that don't exist yet; return the names of those made."""
    token_secrets = {"current": "k1", "secrets": {"k1": secrets.token_hex(SECRET_BYTES)}}
    values = {
        f"/turnout/{stage}/key-secret": secrets.token_hex(SECRET_BYTES),
        _token_parameter(stage): json.dumps(token_secrets),
    }
    made = []
    for name, value in values.items():
        try:
            # Never over one that is there: that would cut every booking off from its address and links.
            ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=False)
        except ssm.exceptions.ParameterAlreadyExists:
            continue
        made.append(name)
    return made


def rotate(ssm: Any, stage: str, now: datetime) -> str:
    """Take a rotation's next step: add a key, or, once all have read it, make it current. Return which.

    Raises CannotDeploy while some process may not have read it.
    """
    parameter = ssm.get_parameter(Name=_token_parameter(stage), WithDecryption=True)["Parameter"]
    held = json.loads(parameter["Value"])
    newest = max(held["secrets"], key=_number)
    if newest == held["current"]:
        added = f"k{_number(newest) + 1}"
        held["secrets"][added] = secrets.token_hex(SECRET_BYTES)
        _store(ssm, stage, held)
        return (
            f"Added the key {added}. "
            f"Run this again in {READ_BY_ALL_AFTER.seconds // 60} minutes: then it signs new links."
        )
    if now - parameter["LastModifiedDate"] < READ_BY_ALL_AFTER:
        raise CannotDeploy(
            f"{newest} was added just now, and not every process has read it. Try again in a few minutes."
        )
    held["current"] = newest
    _store(ssm, stage, held)
    return f"{newest} signs all new links."


def drop(ssm: Any, stage: str, key: str) -> str:
    """Forget a key, so that the links it signed stop working. Return what was done. Raises CannotDeploy."""
    held = json.loads(
        ssm.get_parameter(Name=_token_parameter(stage), WithDecryption=True)["Parameter"]["Value"]
    )
    if key == held["current"]:
        raise CannotDeploy(f"{key} signs new links. Rotate first.")
    if held["secrets"].pop(key, None) is None:
        raise CannotDeploy(f"There is no key {key!r}. There are {', '.join(held['secrets'])}.")
    _store(ssm, stage, held)
    return f"Dropped {key}. The links that it signed stop working within five minutes."


def _store(ssm: Any, stage: str, held: dict[str, Any]) -> None:
    ssm.put_parameter(
        Name=_token_parameter(stage), Value=json.dumps(held), Type="SecureString", Overwrite=True
    )


def _token_parameter(stage: str) -> str:
    return f"/turnout/{stage}/token-secret"


def _number(key: str) -> int:
    return int(key.removeprefix("k"))


DESCRIPTION = f"""\
Take the next step of rotating the secret that signs the links in emails.

The first run adds a key. A second run lets it sign all new links, if it comes at least
{READ_BY_ALL_AFTER.seconds // 60} minutes later. Links that older keys signed go on working. If a key has
leaked, drop it after that: its links stop working. docs/deploy.md explains when to do this."""


def add_command(commands: "Commands") -> None:
    """Add ``rotate``."""
    parser = commands.add_parser(
        "rotate",
        help="take the next step of rotating the secret that signs links",
        description=DESCRIPTION,
        example="make rotate STAGE=live",
    )
    add_stage(parser)
    parser.add_argument(
        "--drop", metavar="KEY", help="instead forget this key, for example k1, and end its links"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Rotate the token secret, or drop a key of it."""
    ssm, stage = open_account(os.environ).client("ssm"), arguments.stage
    try:
        # Also if it is empty: a script whose variable has no value must not rotate instead.
        if arguments.drop is not None:
            print(drop(ssm, stage, arguments.drop))
        else:
            print(rotate(ssm, stage, datetime.now(UTC)))
    except ssm.exceptions.ParameterNotFound as error:
        raise CannotDeploy(f"There is no deployment {stage} here.") from error
