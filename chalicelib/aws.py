"""Clients for AWS, made by botocore. boto3 would make the same ones, and is not in the zip."""

from threading import local
from typing import Any

from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session

_SERVICES = {"dynamodb", "sesv2", "sqs", "ssm"}

_of_thread = local()


def client(service: str, config: Config) -> Any:
    """Return a new client. Keep it: making one is most of the cost of a cold start."""
    return session().create_client(service, config=config)


def session() -> Session:
    """Return this thread's session: what botocore reads of regions and credentials is read once.

    One for each thread, since making clients is not safe for several; Lambda has but one.
    """
    if not hasattr(_of_thread, "session"):
        _of_thread.session = _new_session()
    made: Session = _of_thread.session
    return made


def _new_session() -> Session:
    """Return a session as botocore makes it, without what it does for services that we don't call.

    That is nine in ten of its handlers; to look through the signatures of all was half of making a client.
    """
    made = Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:
        # "before-call" is of all services, "before-call.s3.DeleteObjects" is of one, "docs.*" of its manuals.
        _, _, service = event.partition(".")
        if not service or service.partition(".")[0] in _SERVICES:
            made.register(event, handler)
    # Of its own accord botocore spells out its User-Agent anew, twice for every request: a seventh of each.
    made.set_default_client_config(Config(user_agent=made.user_agent()))
    return made
