"""DynamoDB's update expressions, each read once into a function."""

from collections.abc import Callable
from functools import cache

from bench.launch.expressions import Item, Scope, Unreadable, Words, number, operand, present

Update = Callable[[Scope], Item]
"""Returns the changed item and leaves the old one alone."""


@cache
def update(text: str) -> Update:
    """Return an update expression as a function."""
    words = Words(text)
    changes: list[Callable[[Scope, Item], None]] = []
    while not words.at_end():
        verb = words.take().upper()
        read = {"SET": _set, "REMOVE": _remove, "ADD": _add, "DELETE": _delete}.get(verb)
        if read is None:
            raise Unreadable(text)
        changes.append(read(words))
        while words.take_if(","):
            changes.append(read(words))

    def run(scope: Scope) -> Item:
        changed = dict(scope.item)
        for change in changes:
            change(scope, changed)
        return changed

    return run


def _path(words: Words) -> Callable[[Scope], str]:
    word = words.take()
    if words.peek() == ".":
        raise Unreadable(f"{word}.{words.peek(1)}")
    return lambda scope: scope.names.get(word, word)


def _set(words: Words) -> Callable[[Scope, Item], None]:
    path = _path(words)
    words.require("=")
    value = operand(words)
    if words.peek() not in {"+", "-"}:

        def put(scope: Scope, item: Item) -> None:
            item[path(scope)] = present(value(scope))

        return put
    sign = 1 if words.take() == "+" else -1
    other = operand(words)

    def put_sum(scope: Scope, item: Item) -> None:
        total = number(present(value(scope))) + sign * number(present(other(scope)))
        item[path(scope)] = {"N": str(total)}

    return put_sum


def _remove(words: Words) -> Callable[[Scope, Item], None]:
    path = _path(words)

    def remove(scope: Scope, item: Item) -> None:
        item.pop(path(scope), None)

    return remove


def _add(words: Words) -> Callable[[Scope, Item], None]:
    path, more = _path(words), operand(words)

    def add(scope: Scope, item: Item) -> None:
        (kind, extra) = next(iter(present(more(scope)).items()))
        there = scope.item.get(path(scope))
        if kind == "N":
            item[path(scope)] = {"N": str((number(there) if there else 0) + number({"N": extra}))}
        else:
            held = there[kind] if there else []
            item[path(scope)] = {kind: [*held, *(one for one in extra if one not in held)]}

    return add


def _delete(words: Words) -> Callable[[Scope, Item], None]:
    path, less = _path(words), operand(words)

    def delete(scope: Scope, item: Item) -> None:
        (kind, gone) = next(iter(present(less(scope)).items()))
        left = [one for one in scope.item.get(path(scope), {kind: []})[kind] if one not in gone]
        if left:
            item[path(scope)] = {kind: left}
        else:
            item.pop(path(scope), None)

    return delete
