"""Spares moto the work that it does over again for every request: it answers as it does without this.

Most quick tests are requests to moto, and what is remembered or left out here was a third of their time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from string import ascii_letters, digits
from typing import Any

import pytest
from botocore.signers import RequestSigner
from moto.core import models as mocking
from moto.core import responses, serialize, utils
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.moto_api._internal.moto_random import MotoRandom
from moto.sqs import models as queues

_patch = pytest.MonkeyPatch()


def quicken() -> None:
    """Remember what follows from names alone, and don't sign for engines on this machine; once a process."""
    for module in (responses, queues):
        _patch.setattr(module, "camelcase_to_underscores", cache(utils.camelcase_to_underscores))
    _patch.setattr(responses, "method_names_from_class", cache(utils.method_names_from_class))
    # Of 0, for every message in a queue.
    _patch.setattr(utils, "utcfromtimestamp", lru_cache(utils.utcfromtimestamp))
    _patch.setattr(serialize.ResponseSerializer, "get_value", _found(serialize.ResponseSerializer.get_value))
    _patch.setattr(DynamoType, "cast_value", _texts_at_once(DynamoType.cast_value))
    _patch.setattr(MotoRandom, "get_random_string", _drawn_at_once)
    _patch.setattr(RequestSigner, "sign", _named_only(RequestSigner.sign))


@contextmanager
def as_it_is_by_itself() -> Iterator[None]:
    """Let moto do all of its work while this lasts."""
    _patch.undo()
    try:
        yield
    finally:
        quicken()


def _found(get_value: Any) -> Any:
    """Look for a part of an answer under names that follow from its kind, and are worked out once."""
    known: dict[Any, tuple[Any, tuple[str, ...]]] = {}

    def found(self: Any, value: Any, key: str, shape: Any) -> Any:
        picker = self._value_picker
        if type(value) is not dict or getattr(picker, "response_transformers", True):
            return get_value(self, value, key, shape)
        asked = key, id(shape)
        if asked not in known:
            context = serialize.AttributePickerContext(value, key, shape)
            # The shape is kept as well: as long as it is there, no other one has its id.
            known[asked] = shape, tuple(dict.fromkeys(picker.get_possible_keys(context)))
        for name in known[asked][1]:
            if name in value:
                return value[name]
        return None

    return found


def _texts_at_once(cast_value: Any) -> Any:
    """Every query sorts the whole table, so it asks most keys for their values some ten times."""
    return property(lambda self: self.value if self.type == "S" else cast_value.fget(self))


def _drawn_at_once(
    self: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False
) -> str:
    """Draw the id of an answer: all letters at once are as random as each alone."""
    drawn = "".join(self.choices(ascii_letters + digits if include_digits else ascii_letters, k=length))
    return drawn.lower() if lower_case else drawn


def _named_only(sign: Any) -> Any:
    """Sign only what leaves this machine: moto looks at nothing, and engines here at the name alone."""

    def signed(self: Any, operation_name: str, request: Any, *how: Any, **named: Any) -> None:
        who = self._credentials
        if mocking.botocore_stubber.enabled and ".amazonaws.com" in request.url:
            return
        if not request.url.startswith("http://127.0.0.1:") or who is None or who.token:
            sign(self, operation_name, request, *how, **named)
            return
        name = f"{who.access_key}/20270901/{self.region_name}/{self.signing_name}/aws4_request"
        del request.headers["Authorization"]
        signature = f"AWS4-HMAC-SHA256 Credential={name}, SignedHeaders=host, Signature=0"
        request.headers["Authorization"] = signature

    return signed
