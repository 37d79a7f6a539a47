"""Create an organiser and its first token."""

from datetime import datetime

from chalicelib.domain.field_checks import name as checked_name
from chalicelib.domain.ids import token_hash
from chalicelib.domain.organiser import EVERYTHING, TOKEN_LIFETIME, Organiser, Token, token_text
from chalicelib.store import tokens


def create_organiser(name: str, *, now: datetime, organiser_id: str, token_id: str, secret: str) -> str:
    """Create an organiser and return its token: the only time that anybody sees it.

    ``organiser_id`` and ``token_id`` are new_id(SHORT_ID_ENTROPY_BYTES of chance), ``secret`` is
    new_id(ID_ENTROPY_BYTES of chance). Raises Invalid for a name that can't be printed in a mail.
    """
    tidied = checked_name(name, "/name")
    text = token_text(organiser_id, token_id, secret)
    tokens.create_organiser(
        Organiser(organiser_id=organiser_id, name=tidied, created_at=now),
        Token(
            token_id=token_id,
            organiser_id=organiser_id,
            name="First token",
            role="organiser",
            scope=EVERYTHING,
            token_hash=token_hash(text),
            created_at=now,
            expires_at=now + TOKEN_LIFETIME,
        ),
    )
    return text
