"""DynamoDB's expressions: each text is read once into functions, which are then called for every item.

What the product sends is understood, and nothing is guessed: an expression with more in it ends the run.
tests/bench/test_launch_engine.py compares the answers with those of DynamoDB Local.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

Value = dict[str, Any]
"""As on the wire: {"S": "..."}, {"N": "1"}, ..."""
Item = dict[str, Value]


class Scope(NamedTuple):
    """What an expression looks at."""

    item: Item
    names: Mapping[str, str]
    values: Mapping[str, Value]


class Unreadable(ValueError):
    """An expression that this model doesn't know."""


class MissingAttribute(ValueError):
    """An update that computes with an attribute which the item hasn't got: a ValidationException."""


Operand = Callable[[Scope], Value | None]
Condition = Callable[[Scope], bool]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),.+\-]|[#:]?\w+)")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@cache
def condition(text: str) -> Condition:
    """Return a condition or key condition as a function."""
    words = Words(text)
    found = _any_of(words)
    words.require_end()
    return found


class Words:
    """An expression, word by word."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = _TOKEN.findall(text)
        self._next = 0
        if "".join(self._words) != "".join(text.split()):
            raise Unreadable(text)

    def at_end(self) -> bool:
        """Return whether nothing is left."""
        return self._next == len(self._words)

    def require_end(self) -> None:
        """Refuse what is left."""
        if not self.at_end():
            raise Unreadable(self._text)

    def peek(self, ahead: int = 0) -> str:
        """Return a word to come."""
        at = self._next + ahead
        return self._words[at] if at < len(self._words) else ""

    def take(self) -> str:
        """Return the next word and pass it."""
        word = self.peek()
        self._next += 1
        return word

    def take_if(self, word: str) -> bool:
        """Pass the next word if it is this one."""
        if self.peek().upper() != word:
            return False
        self._next += 1
        return True

    def require(self, word: str) -> None:
        """Pass this word, which has to come next."""
        if not self.take_if(word):
            raise Unreadable(self._text)


def number(value: Value) -> int | Decimal:
    """Return a number as one that can be counted with."""
    text: str = value["N"]
    return int(text) if text.lstrip("-").isdigit() else Decimal(text)


def _any_of(words: Words) -> Condition:
    parts = [_all_of(words)]
    while words.take_if("OR"):
        parts.append(_all_of(words))
    return parts[0] if len(parts) == 1 else lambda scope: any(part(scope) for part in parts)


def _all_of(words: Words) -> Condition:
    parts = [_one(words)]
    while words.take_if("AND"):
        parts.append(_one(words))
    return parts[0] if len(parts) == 1 else lambda scope: all(part(scope) for part in parts)


def _one(words: Words) -> Condition:
    if words.take_if("NOT"):
        inner = _one(words)
        return lambda scope: not inner(scope)
    if words.take_if("("):
        inner = _any_of(words)
        words.require(")")
        return inner
    if words.peek(1) == "(" and words.peek().lower() != "size":
        return _function(words)
    return _comparison(words)


def _function(words: Words) -> Condition:
    name = words.take()
    words.require("(")
    about = operand(words)
    other = operand(words) if words.take_if(",") else None
    words.require(")")
    if other is None:
        if name == "attribute_exists":
            return lambda scope: about(scope) is not None
        if name == "attribute_not_exists":
            return lambda scope: about(scope) is None
    elif name == "begins_with":
        return lambda scope: _begins_with(about(scope), other(scope))
    elif name == "contains":
        return lambda scope: _contains(about(scope), other(scope))
    raise Unreadable(name)


def _begins_with(whole: Value | None, start: Value | None) -> bool:
    return bool(whole and start and "S" in whole and whole["S"].startswith(start["S"]))


def _contains(whole: Value | None, part: Value | None) -> bool:
    if whole is None or part is None:
        return False
    (kind, held), (sought_kind, sought) = *whole.items(), *part.items()
    if kind == "L":
        return part in held
    return kind in {sought_kind, f"{sought_kind}S"} and sought in held


def _comparison(words: Words) -> Condition:
    left = operand(words)
    sign = words.take().upper()
    if sign == "IN":
        words.require("(")
        choices = [operand(words)]
        while words.take_if(","):
            choices.append(operand(words))
        words.require(")")
        return lambda scope: any(_equal(left(scope), choice(scope)) for choice in choices)
    if sign == "BETWEEN":
        low = operand(words)
        words.require("AND")
        high = operand(words)
        return lambda scope: (
            _ordered("<=", low(scope), left(scope)) and _ordered("<=", left(scope), high(scope))
        )
    right = operand(words)
    if sign == "=":
        return lambda scope: _equal(left(scope), right(scope))
    if sign == "<>":
        return lambda scope: not _equal(left(scope), right(scope))
    if sign in _ORDER:
        return lambda scope: _ordered(sign, left(scope), right(scope))
    raise Unreadable(sign)


def _equal(left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return False
    if "N" in left and "N" in right:
        return number(left) == number(right)
    return left == right


def _ordered(sign: str, left: Value | None, right: Value | None) -> bool:
    if left is None or right is None or left.keys() != right.keys():
        return False
    if "N" in left:
        return _ORDER[sign](number(left), number(right))
    return _ORDER[sign](left["S"].encode(), right["S"].encode())


def operand(words: Words) -> Operand:
    """Read a path, a value, or what is computed of these."""
    word = words.take()
    if word.lower() in {"size", "if_not_exists", "list_append"} and words.take_if("("):
        return _computed(word.lower(), words)
    if word.startswith(":"):
        return lambda scope: scope.values[word]
    if words.peek() == ".":
        raise Unreadable(f"{word}.{words.peek(1)}")
    return lambda scope: scope.item.get(scope.names.get(word, word))


def _computed(function: str, words: Words) -> Operand:
    first = operand(words)
    if function == "size":
        words.require(")")
        return lambda scope: _size(first(scope))
    words.require(",")
    second = operand(words)
    words.require(")")
    if function == "if_not_exists":
        return lambda scope: first(scope) or second(scope)
    return lambda scope: {"L": [*present(first(scope))["L"], *present(second(scope))["L"]]}


def _size(value: Value | None) -> Value | None:
    return None if value is None else {"N": str(len(next(iter(value.values()))))}


def present(value: Value | None) -> Value:
    """Return the value, or raise MissingAttribute."""
    if value is None:
        raise MissingAttribute
    return value
