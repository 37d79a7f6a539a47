"""How the API knows what comes through our own CloudFront distribution: by a header that only that sends.

The secret is made here and lies in Secrets Manager; CloudFormation fetches it from there into the
distribution, so it is in no template, no parameter and no log. The API is given its hash, which opens
nothing: it needs no permission and no call to know the secret when it hears it.
"""

import hashlib
import secrets
from typing import Any

SECRET_BYTES = 32


def secret_name(stage: str) -> str:
    """Return what the secret is called; infra/resources/edge.yaml names it so as well."""
    return f"turnout/{stage}/edge"


def hash_of_edge_secret(secretsmanager: Any, stage: str) -> str:
    """Return the hash of this stage's secret, which is made if there is none."""
    name = secret_name(stage)
    try:
        value: str = secretsmanager.get_secret_value(SecretId=name)["SecretString"]
    except secretsmanager.exceptions.ResourceNotFoundException:
        value = secrets.token_hex(SECRET_BYTES)
        secretsmanager.create_secret(Name=name, SecretString=value)
        print(f"Made the secret {name} in Secrets Manager.", flush=True)
    return hashlib.sha256(value.encode()).hexdigest()
