"""Organisers and their tokens."""

from typing import cast

from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from chalicelib.domain.organiser import Organiser, Role, Token
from chalicelib.domain.refusals import Busy
from chalicelib.store.connection import connection
from chalicelib.store.table import OrganiserItem, TokenItem
from chalicelib.store.writing import writing


def find_token(organiser_id: str, token_id: str) -> Token | None:
    """Return the token as it is now, or None."""
    try:
        item = TokenItem.get(f"ORG#{organiser_id}", f"TOKEN#{token_id}", consistent_read=True)
    except DoesNotExist:
        return None
    return Token(
        token_id=item.token_id,
        organiser_id=item.organiser_id,
        name=item.name,
        role=cast(Role, item.role),
        scope=item.scope,
        token_hash=item.token_hash,
        created_at=item.created_at,
        expires_at=item.expires_at,
    )


def create_organiser(organiser: Organiser, token: Token) -> None:
    """Store a new organiser with its first token, or raise Busy."""
    organiser_item = OrganiserItem(
        f"ORG#{organiser.organiser_id}",
        "ORG",
        organiser_id=organiser.organiser_id,
        name=organiser.name,
        created_at=organiser.created_at,
    )
    token_item = TokenItem(
        f"ORG#{token.organiser_id}",
        f"TOKEN#{token.token_id}",
        token_hash=token.token_hash,
        token_id=token.token_id,
        organiser_id=token.organiser_id,
        name=token.name,
        role=token.role,
        scope=token.scope,
        created_at=token.created_at,
        expires_at=token.expires_at,
    )
    with writing(lambda _: Busy()), TransactWrite(connection=connection()) as transaction:
        transaction.save(organiser_item, condition=OrganiserItem.PK.does_not_exist())
        transaction.save(token_item, condition=TokenItem.PK.does_not_exist())
