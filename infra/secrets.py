"""Make the two secrets of a deployment, before it is made: ``python -m infra.secrets --stage live``.

They are SSM SecureString parameters, and never in the template, the code, the logs or the table.
The key secret must never change: without it nobody can tell that an address has booked already. Keep a copy
of it wherever the backups of the table are kept. The token secret rotates: add a key, make it current.
"""

import argparse
import json
import secrets
from typing import Any

import boto3

SECRET_BYTES = 32


def create_secrets(ssm: Any, stage: str) -> list[str]:
    """Make those secrets of this stage that don't exist yet; return the names of those made."""
    token_secrets = {"current": "k1", "secrets": {"k1": secrets.token_hex(SECRET_BYTES)}}
    values = {
        f"/turnout/{stage}/key-secret": secrets.token_hex(SECRET_BYTES),
        f"/turnout/{stage}/token-secret": json.dumps(token_secrets),
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


def main() -> None:
    """Make the secrets in the AWS account and region that the environment names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", default="live")
    made = create_secrets(boto3.client("ssm"), parser.parse_args().stage)
    print("\n".join(f"made {name}" for name in made) or "Both secrets exist already.")


if __name__ == "__main__":
    main()
