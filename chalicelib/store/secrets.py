"""The two secrets, read from SSM SecureString parameters made at deploy.

The *key secret* keys bookings by address; it never rotates: without it the guard against
double booking is gone. The *token secret* signs links; it rotates, so it holds several:
``{"current": "k2", "secrets": {"k1": "<hex>", "k2": "<hex>"}}``. To rotate it, add the new one, wait
until every process has read it (TOKEN_SECRETS_KEPT_SECONDS), and only then make it the current one.
"""

import json
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from chalicelib import aws
from chalicelib.domain.refusals import Busy
from chalicelib.domain.signing import TokenSecret
from chalicelib.settings import settings
from chalicelib.store.outcomes import kind_of_cause
from chalicelib.store.recent import Recent

TOKEN_SECRETS_KEPT_SECONDS = 300.0


class _TokenSecrets(Struct, frozen=True):
    by_id: dict[str, TokenSecret]
    current: TokenSecret


_token_secrets: Recent[_TokenSecrets] = Recent(TOKEN_SECRETS_KEPT_SECONDS, entries_max=1)


@cache
def key_secret() -> bytes:
    """Return the secret behind ids.booking_key."""
    return bytes.fromhex(_parameter(settings().key_secret_parameter))


def token_secrets() -> dict[str, TokenSecret]:
    """Return every secret that a link may still be signed with, by its id."""
    return _token_secrets.get("", _read_token_secrets).by_id


def current_token_secret() -> TokenSecret:
    """Return the secret that signs new links."""
    return _token_secrets.get("", _read_token_secrets).current


def forget() -> None:
    """Read the secrets anew at the next use."""
    key_secret.cache_clear()
    _token_secrets.forget()


def _read_token_secrets() -> _TokenSecrets:
    held = json.loads(_parameter(settings().token_secret_parameter))
    by_id = {name: TokenSecret(name, bytes.fromhex(secret)) for name, secret in held["secrets"].items()}
    return _TokenSecrets(by_id, by_id[held["current"]])


def _parameter(name: str) -> str:
    """Return a parameter's value, or raise Busy: on launch day all new processes ask at once."""
    try:
        value: str = _client().get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except (BotoCoreError, ClientError) as error:
        if kind_of_cause(error) is None:
            raise
        raise Busy from error
    return value


@cache
def _client() -> Any:
    config = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 4})
    return aws.client("ssm", config)
