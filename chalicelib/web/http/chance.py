"""Where the routes draw by chance: nothing below them does, so tests can say what was drawn."""

import secrets

from chalicelib.domain.admission import SEED_BYTES
from chalicelib.domain.ids import ID_ENTROPY_BYTES, SHORT_ID_ENTROPY_BYTES, new_id, reference


def new_long_id() -> str:
    """Return an id that nobody can guess: a booking's, a token's secret, a form's idempotency key."""
    return new_id(secrets.token_bytes(ID_ENTROPY_BYTES))


def new_short_id() -> str:
    """Return the id of something that its id alone doesn't open."""
    return new_id(secrets.token_bytes(SHORT_ID_ENTROPY_BYTES))


def new_reference() -> str:
    """Return a reference that nobody can work out from what was printed before."""
    return reference(new_short_id())


def new_seed() -> str:
    """Return what a draw hangs on: 32 random bytes, in hex."""
    return secrets.token_bytes(SEED_BYTES).hex()
