"""The two secrets, read once a process from SSM SecureString parameters made at deploy.

The *key secret* keys bookings by address; it never rotates: without it the guard against
double booking is gone. The *token secret* signs links; it rotates, so it holds several:
``{"current": "k2", "secrets": {"k1": "<hex>", "k2": "<hex>"}}``.
"""

import json
from functools import cache
from typing import Any

from chalicelib.domain.links import TokenSecret
from chalicelib.settings import settings


@cache
def key_secret() -> bytes:
    """Return the secret behind ids.booking_key."""
    return bytes.fromhex(_parameter(settings().key_secret_parameter))


@cache
def token_secrets() -> dict[str, TokenSecret]:
    """Return every secret that a link may still be signed with, by its id."""
    secrets: dict[str, str] = json.loads(_parameter(settings().token_secret_parameter))["secrets"]
    return {name: TokenSecret(name, bytes.fromhex(secret)) for name, secret in secrets.items()}


@cache
def current_token_secret() -> TokenSecret:
    """Return the secret that signs new links."""
    current: str = json.loads(_parameter(settings().token_secret_parameter))["current"]
    return token_secrets()[current]


def forget() -> None:
    """Read the secrets anew at the next use."""
    key_secret.cache_clear()
    token_secrets.cache_clear()
    current_token_secret.cache_clear()
    _parameter.cache_clear()


@cache
def _parameter(name: str) -> str:
    value: str = _client().get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    return value


@cache
def _client() -> Any:
    # Imported here: the authorizer and the clock read the table but no secret.
    import boto3  # noqa: PLC0415

    return boto3.client("ssm")
