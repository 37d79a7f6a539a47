"""How fields are stored for which PynamoDB has no attribute. What they read, msgspec makes the field of.

What is sparse is left out of the item where it is empty: no text, 0, an empty list.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import MAP, NUMBER, STRING


class Json(Attribute[Any]):
    """What is only ever read whole. Its struct says what the lists and dicts are that come back."""

    attr_type = STRING

    def serialize(self, value: Any) -> Any:
        """Return the JSON."""
        return msgspec.json.encode(value).decode()

    def deserialize(self, value: Any) -> Any:
        """Return what is in the JSON."""
        return msgspec.json.decode(value)


class LocalTime(Attribute[datetime]):
    """A time without a zone, as ISO 8601 writes it."""

    attr_type = STRING

    def serialize(self, value: Any) -> Any:
        """Return the text."""
        return value.isoformat()

    def deserialize(self, value: Any) -> Any:
        """Return the time."""
        return datetime.fromisoformat(value)


class Counts(Attribute[Mapping[str, int]]):
    """How many, by name."""

    attr_type = MAP

    def serialize(self, value: Any) -> Any:
        """Return the map."""
        return {name: {NUMBER: str(count)} for name, count in value.items()}

    def deserialize(self, value: Any) -> Any:
        """Return the counts."""
        return {name: int(count[NUMBER]) for name, count in value.items()}


class _Sparse(Attribute[Any]):
    null = True

    def serialize(self, value: Any) -> Any:
        return super().serialize(value) if value else None


class SparseText(_Sparse, UnicodeAttribute):
    """Text, left out where there is none."""


class SparseNumber(_Sparse, NumberAttribute):
    """A number, left out where it is 0."""


class SparseJson(_Sparse, Json):
    """JSON, left out where it would hold nothing."""


class Questions(SparseJson):
    """An event's questions, without ``sensitive`` where it is false.

    Code from before that field can still read them, should somebody go back to it.
    """

    def serialize(self, value: Any) -> Any:
        """Return the JSON."""
        return super().serialize(
            [
                {name: said for name, said in question.items() if name != "sensitive" or said}
                for question in msgspec.to_builtins(value)
            ]
        )
