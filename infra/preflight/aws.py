"""Asking AWS without changing anything: each answer, or in words why there is none."""

import math
import re
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

from infra.preflight.check import CannotTell

_NOT_ACCEPTED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_TIME_IS_WRONG = {"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"}
_OF_TIME = re.compile("signature expired|not yet current", re.IGNORECASE)
"""How AWS says it where it has no code of its own for it."""

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_ANYWHERE = "us-east-1"
"""Where credentials are looked at while no region is chosen: they are the same everywhere."""

_PATIENCE = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 2})


class NoAnswers(CannotTell):
    """Why AWS would not answer any other question either."""


class NoCredentials(NoAnswers):
    """AWS does not know who asks."""


class SignInEnded(NoCredentials):
    """AWS knew who asks until the sign-in ended."""


class Aws:
    """The account and region of this session."""

    def __init__(self, session: boto3.Session, clients: dict[str, Any] | None = None) -> None:
        self.session = session
        self._clients = clients or {}
        self._answers: dict[str, Any] = {}
        self._silent = False

    @property
    def region(self) -> str | None:
        """The region that the environment or the profile names."""
        return self.session.region_name

    def ask(
        self, service: str, operation: str, permission: str, nothing: str = "", **parameters: str
    ) -> dict[str, Any] | None:
        """Return the answer; None if AWS refuses with the code ``nothing``. The same question is asked once.

        Raises CannotTell.
        """
        if self._silent:
            # Waiting for each of a dozen questions would take minutes.
            raise NoAnswers("not asked, because of the problem above")
        question = f"{service} {operation} {sorted(parameters.items())}"
        if question not in self._answers:
            try:
                self._answers[question] = self._ask(service, operation, permission, nothing, parameters)
            except NoAnswers:
                self._silent = True
                raise
        answer: dict[str, Any] | None = self._answers[question]
        return answer

    def _ask(
        self, service: str, operation: str, permission: str, nothing: str, parameters: dict[str, str]
    ) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = getattr(self._client(service), operation)(**parameters)
        except ClientError as error:
            code: str = error.response["Error"]["Code"]
            if nothing and code == nothing:
                return None
            if code in _TIME_IS_WRONG or _OF_TIME.search(error.response["Error"].get("Message", "")):
                raise NoAnswers("AWS refuses all requests: this computer's clock is wrong") from error
            raise _refusal(code, permission) from error
        except BotoCoreError as error:
            raise _reason(error, self.region) from error
        return answer

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service,  # type: ignore[call-overload]  # the stubs want one literal name
                region_name=self.region or (_ANYWHERE if service == "sts" else None),
                config=_PATIENCE,
            )
        return self._clients[service]


def number_in(answer: Mapping[str, Any], *path: str) -> float:
    """Return the number that stands there in AWS's answer. Raises CannotTell if none does."""
    found: Any = answer
    try:
        for name in path:
            found = found[name]
        number = float(found)
    except (KeyError, TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise CannotTell(f"AWS's answer has no number for {path[-1]}")
    return number


def _refusal(code: str, permission: str) -> CannotTell:
    # AWS's own sentence is left out: it names the person who asks.
    if code in _DENIED:
        return CannotTell(f"these credentials lack the permission {permission}")
    if code in _NOT_ACCEPTED:
        return NoCredentials(f"AWS does not accept these credentials ({code})")
    return CannotTell(f"AWS answered {code}")


def _reason(error: BotoCoreError, region: str | None) -> CannotTell:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return NoCredentials("there are no AWS credentials on this computer")
    if isinstance(error, SSOError | TokenRetrievalError):
        return SignInEnded("your sign-in to AWS has ended")
    if isinstance(error, NoRegionError):
        return CannotTell("no region is chosen")
    if isinstance(error, HTTPClientError | NoConnection):
        where = f" in {region}" if region else ""
        return NoAnswers(f"this computer can't reach AWS{where}: check its network, and the region")
    return CannotTell(f"AWS can't be asked ({type(error).__name__})")
