"""Organisers and their tokens."""

import re
from datetime import timedelta

from pynamodb.exceptions import DeleteError, DoesNotExist
from pynamodb.transactions import TransactWrite

from chalicelib.domain.organiser import Organiser, Token
from chalicelib.domain.refusals import Busy
from chalicelib.store.connection import connection
from chalicelib.store.mapping import item_of, struct_from
from chalicelib.store.outcomes import Kind, kind_of
from chalicelib.store.table import OrganiserItem, TokenItem
from chalicelib.store.writing import writing

LISTED_AFTER_EXPIRY = timedelta(days=30)
"""How long an expired token is still listed: somebody may wonder why theirs stopped."""

_ID = re.compile(r"[a-z2-7]{1,64}")


def find_token(organiser_id: str, token_id: str) -> Token | None:
    """Return the token as it is now, or None."""
    try:
        item = TokenItem.get(f"ORG#{organiser_id}", f"TOKEN#{token_id}", consistent_read=True)
    except DoesNotExist:
        return None
    return struct_from(Token, item)


def tokens_of(organiser_id: str) -> list[Token]:
    """Return all tokens of an organiser, the oldest first."""
    found = TokenItem.query(f"ORG#{organiser_id}", TokenItem.SK.startswith("TOKEN#"), consistent_read=True)
    tokens = (struct_from(Token, item) for item in found)
    return sorted(tokens, key=lambda token: (token.created_at, token.token_id))


def count_tokens(organiser_id: str) -> int:
    """Return how many tokens an organiser has."""
    return TokenItem.count(f"ORG#{organiser_id}", TokenItem.SK.startswith("TOKEN#"), consistent_read=True)


def create_organiser(organiser: Organiser, token: Token) -> None:
    """Store a new organiser with its first token, or raise Busy."""
    organiser_item = item_of(OrganiserItem, (f"ORG#{organiser.organiser_id}", "ORG"), organiser)
    with writing(lambda _: Busy()), TransactWrite(connection=connection()) as transaction:
        transaction.save(organiser_item, condition=OrganiserItem.PK.does_not_exist())
        transaction.save(token_item(token), condition=TokenItem.PK.does_not_exist())


def create_token(token: Token) -> None:
    """Store a new token, or raise Busy. One whose answer was lost is listed, and nobody holds it."""
    try:
        with writing(lambda _: Busy()):
            token_item(token).save(condition=TokenItem.PK.does_not_exist())
    except Busy:
        # Of a lost answer, only the table knows.
        if find_token(token.organiser_id, token.token_id) != token:
            raise


def delete_token(organiser_id: str, token_id: str) -> bool:
    """Remove a token. Returns whether it was there, or raises Busy."""
    if not _ID.fullmatch(token_id):
        return False
    try:
        TokenItem(f"ORG#{organiser_id}", f"TOKEN#{token_id}").delete(condition=TokenItem.PK.exists())
    except DeleteError as error:
        if kind_of(error) is Kind.REFUSED:
            return False
        raise Busy from error
    return True


def token_item(token: Token) -> TokenItem:
    """Return the item that holds this token."""
    item = item_of(TokenItem, (f"ORG#{token.organiser_id}", f"TOKEN#{token.token_id}"), token)
    item.expires = int((token.expires_at + LISTED_AFTER_EXPIRY).timestamp())
    return item
