"""Clients for AWS, made by botocore. boto3 would make the same ones, and is not in the zip."""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


def client(service: str, config: Config) -> Any:
    """Return a new client. Keep it: making one is most of the cost of a cold start."""
    return _session().create_client(service, config=config)


@cache
def _session() -> Session:
    # One a process, so that what botocore reads of regions and credentials is read once.
    return get_session()
