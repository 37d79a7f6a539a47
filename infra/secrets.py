"""The two secrets of a deployment: ``make deploy`` makes them, ``make rotate STAGE=live`` changes one.

They are SSM SecureString parameters, and never in the template, the code, the logs, a command line or the
table. The key secret must never change: without it nobody can tell that an address has booked already. Keep a
copy of it wherever the backups of the table are kept. The token secret rotates: a key is added, and signs new
links once every process has read it. Keys that signed links stay, until ``--drop`` ends all links of one.
"""

import argparse
import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.account import open_account, refusals_in_words
from infra.stack import CannotDeploy

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
    """Take a rotation's next step: add a key, or, once all have read it, make it current. Return which."""
    parameter = ssm.get_parameter(Name=_token_parameter(stage), WithDecryption=True)["Parameter"]
    held = json.loads(parameter["Value"])
    newest = max(held["secrets"], key=_number)
    if newest == held["current"]:
        added = f"k{_number(newest) + 1}"
        held["secrets"][added] = secrets.token_hex(SECRET_BYTES)
        _store(ssm, stage, held)
        return (
            f"Added the key {added}. In {READ_BY_ALL_AFTER.seconds // 60} minutes make it current: once more."
        )
    if now - parameter["LastModifiedDate"] < READ_BY_ALL_AFTER:
        return f"{newest} was added just now; not every process has read it. Once more in a few minutes."
    held["current"] = newest
    _store(ssm, stage, held)
    return f"{newest} signs all new links."


def drop(ssm: Any, stage: str, key: str) -> str:
    """Forget a key: every link that it signed is dead. Return what was done, or why not."""
    held = json.loads(
        ssm.get_parameter(Name=_token_parameter(stage), WithDecryption=True)["Parameter"]["Value"]
    )
    if key == held["current"]:
        return f"{key} signs new links: rotate first."
    if held["secrets"].pop(key, None) is None:
        return f"There is no key {key}, but {', '.join(held['secrets'])}."
    _store(ssm, stage, held)
    return f"Dropped {key}: the links that it signed are dead within five minutes."


def _store(ssm: Any, stage: str, held: dict[str, Any]) -> None:
    ssm.put_parameter(
        Name=_token_parameter(stage), Value=json.dumps(held), Type="SecureString", Overwrite=True
    )


def _token_parameter(stage: str) -> str:
    return f"/turnout/{stage}/token-secret"


def _number(key: str) -> int:
    return int(key.removeprefix("k"))


def main() -> None:
    """Do what the arguments say, in the AWS account and region that the environment names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument(
        "--rotate", action="store_true", help="take the next step of rotating the token secret"
    )
    parser.add_argument("--drop", metavar="KEY", help="forget a key of the token secret, and end its links")
    arguments = parser.parse_args()
    with refusals_in_words():
        ssm = open_account(os.environ).client("ssm")
        try:
            print(_do(ssm, arguments))
        except ssm.exceptions.ParameterNotFound as error:
            raise CannotDeploy(f"There is no deployment {arguments.stage} here.") from error


def _do(ssm: Any, arguments: argparse.Namespace) -> str:
    if arguments.drop:
        return drop(ssm, arguments.stage, arguments.drop)
    if arguments.rotate:
        return rotate(ssm, arguments.stage, datetime.now(UTC))
    made = create_secrets(ssm, arguments.stage)
    return "\n".join(f"made {name}" for name in made) or "Both secrets exist already."


if __name__ == "__main__":
    main()
