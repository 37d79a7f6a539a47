"""``make organiser NAME="..."``: create an organiser, and print its first token.

Only the token goes to stdout. What to know about it goes to stderr.
"""

import argparse
import os
import secrets
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.account import open_account
from infra.stack import CannotDeploy

if TYPE_CHECKING:
    from infra.command import Commands

DESCRIPTION = """\
Create an organiser and print its first token, or print one more token of an organiser.

A token is shown once, and ends after a year. The organiser is created in the stack that `make run`
started. To create it in a deployment, put the table that `make deploy` named into TURNOUT_TABLE, and
the region into AWS_REGION."""


def add_command(commands: "Commands") -> None:
    """Add ``organiser``."""
    parser = commands.add_parser(
        "organiser",
        help="create an organiser, and print its token once",
        description=DESCRIPTION,
        example='make organiser NAME="Social Care Curry"',
    )
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("name", nargs="?", metavar="NAME", help="the organiser's name, as attendees know it")
    who.add_argument("--id", help="an organiser's id: make one more token for everything that it has")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Create an organiser or one more token, and print the token."""
    if "TURNOUT_TABLE" not in os.environ:
        _use_the_local_stack()
    _require_table(arguments.id)
    print(_another_token(arguments.id) if arguments.id else _new_organiser(arguments.name))


def _use_the_local_stack() -> None:
    # Imported here, for it imports boto3: --help doesn't wait for that.
    from infra.local.ministack import CREDENTIALS
    from infra.local.places import Cannot, read_notes, read_places, require_running

    places = read_places()
    try:
        require_running(places)
    except Cannot as cannot:
        sys.exit(str(cannot))
    notes = read_notes(places)
    os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=notes["endpoint"], TURNOUT_TABLE=notes["table"])
    for theirs in ("AWS_REGION", "AWS_PROFILE"):
        os.environ.pop(theirs, None)


def _require_table(organiser_id: str | None) -> None:
    """Read from the table once: our own code says Busy to all that can be wrong with an account."""
    session, table = open_account(os.environ), os.environ["TURNOUT_TABLE"]
    os.environ["AWS_DEFAULT_REGION"] = session.region_name
    dynamodb = session.client("dynamodb")
    try:
        key = {"PK": {"S": f"ORG#{organiser_id}"}, "SK": {"S": "ORG"}}
        found = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
    except dynamodb.exceptions.ResourceNotFoundException as error:
        raise CannotDeploy(
            f"There is no table {table!r} in {session.region_name}. `make deploy` prints its name at the end."
        ) from error
    if organiser_id is not None and "Item" not in found:
        raise CannotDeploy(f"{table} has no organiser {organiser_id}.")


def _new_organiser(name: str) -> str:
    # Imported here: it reads the environment as it is imported.
    from chalicelib.actions.people.create_organiser import create_organiser
    from chalicelib.domain.ids import SHORT_ID_ENTROPY_BYTES, new_id
    from chalicelib.domain.organiser import TOKEN_LIFETIME
    from chalicelib.domain.refusals import Invalid, Refusal

    organiser_id, now = new_id(secrets.token_bytes(SHORT_ID_ENTROPY_BYTES)), datetime.now(UTC)
    try:
        token = create_organiser(name, now=now, organiser_id=organiser_id, **_chance())
    except Invalid as invalid:
        raise CannotDeploy("; ".join(error.detail for error in invalid.errors)) from invalid
    except Refusal as refusal:
        raise CannotDeploy(refusal.detail) from refusal
    print(
        f"The organiser's id is {organiser_id}. Its token is below. It is shown once, and ends on "
        f"{now + TOKEN_LIFETIME:%Y-%m-%d}.\nMake a second token now, and keep it in another place "
        f"in case you lose this one: make organiser ID={organiser_id}",
        file=sys.stderr,
    )
    return token


def _another_token(organiser_id: str) -> str:
    from chalicelib.actions.people.create_token import create_token
    from chalicelib.domain.organiser import EVERYTHING, Caller
    from chalicelib.domain.refusals import Refusal
    from chalicelib.domain.token_request import TokenRequest

    # A person who may write to the table may do all that the organiser may.
    operator = Caller(
        organiser_id=organiser_id,
        role="organiser",
        scope=EVERYTHING,
        token_id="",
        token_name="make organiser",
    )
    request = TokenRequest(name="Made by make organiser", role="organiser")
    try:
        token, text = create_token(operator, request, now=datetime.now(UTC), once=None, **_chance())
    except Refusal as refusal:
        raise CannotDeploy(refusal.detail) from refusal
    print(f"One more token. It is shown once, and ends on {token.expires_at:%Y-%m-%d}.", file=sys.stderr)
    return text


def _chance() -> dict[str, str]:
    """Return a new token's id and secret."""
    from chalicelib.domain.ids import ID_ENTROPY_BYTES, SHORT_ID_ENTROPY_BYTES, new_id

    return {
        "token_id": new_id(secrets.token_bytes(SHORT_ID_ENTROPY_BYTES)),
        "secret": new_id(secrets.token_bytes(ID_ENTROPY_BYTES)),
    }
