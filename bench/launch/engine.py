"""One table in memory that answers as DynamoDB does: what is read, refused and written, without any time.

It holds items as they come over the wire, and never changes one in place. What it can't do it refuses to
guess. bench/launch/region.py adds what takes time and what is limited.
"""

from collections.abc import Callable
from math import ceil
from typing import Any, NamedTuple

from bench.launch.expressions import Condition, Item, MissingAttribute, Scope, Value, condition
from bench.launch.updates import update

Key = tuple[str, str]
Reason = dict[str, Any]
"""Why an item of a transaction was refused, as in CancellationReasons."""

NO_REASON: Reason = {"Code": "None"}
_VERBS = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


class Write(NamedTuple):
    """One item to write, or to check in a transaction."""

    verb: str
    key: Key
    request: dict[str, Any]


class Read(NamedTuple):
    """What was read, and how many read units that is."""

    document: dict[str, Any]
    units: dict[str, float]
    """By partition key."""


class Engine:
    """The table."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Item]] = {}
        self.on_change: Callable[[Key, Item | None, Item | None], None] = lambda *_: None
        """Called with the key, the item before, and the item after."""

    def item(self, key: Key) -> Item | None:
        """Return the item at this key."""
        return self._items.get(key[0], {}).get(key[1])

    def partition(self, partition_key: str) -> list[Item]:
        """Return all items under this partition key, in order."""
        held = self._items.get(partition_key, {})
        return [held[sort_key] for sort_key in sorted(held, key=str.encode)]

    def refusal(self, write: Write) -> Reason | None:
        """Return why this write's condition refuses it, or None."""
        request = write.request
        text = request.get("ConditionExpression")
        there = self.item(write.key)
        if text is None or condition(text)(_scope(request, there or {})):
            return None
        reason = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
        if there is not None and request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
            return {**reason, "Item": there}
        return reason

    def units(self, write: Write) -> float:
        """Return what this write consumes outside of a transaction, whatever comes of it."""
        sizes = [item_bytes(self.item(write.key) or {})]
        if write.verb == "Put":
            sizes.append(item_bytes(write.request["Item"]))
        elif write.verb == "Update":
            sizes.append(item_bytes(self.after(write) or {}))
        return max(1, ceil(max(sizes) / 1024))

    def after(self, write: Write) -> Item | None:
        """Return the item as this write leaves it. Raises MissingAttribute."""
        match write.verb:
            case "Put":
                item: Item = write.request["Item"]
                return item
            case "Update":
                there = self.item(write.key) or dict(write.request["Key"])
                text = write.request.get("UpdateExpression")
                return update(text)(_scope(write.request, there)) if text else there
            case "Delete":
                return None
        return self.item(write.key)

    def apply(self, write: Write) -> dict[str, Any]:
        """Do it; return what a single write answers."""
        if write.verb == "ConditionCheck":
            return {}
        before, after = self.item(write.key), self.after(write)
        if after is None:
            self._items.get(write.key[0], {}).pop(write.key[1], None)
        else:
            self._items.setdefault(write.key[0], {})[write.key[1]] = after
        self.on_change(write.key, before, after)
        shown = {"ALL_NEW": after, "ALL_OLD": before}.get(write.request.get("ReturnValues", "NONE"))
        return {"Attributes": shown} if shown else {}

    def read(self, operation: str, body: dict[str, Any]) -> Read:
        """Answer a GetItem, BatchGetItem or Query."""
        match operation:
            case "GetItem":
                key = key_of(body["Key"])
                item = self.item(key)
                return Read({"Item": item} if item else {}, {key[0]: _read_units(body, [item or {}])})
            case "BatchGetItem":
                ((table, wanted),) = body["RequestItems"].items()
                found, units = [], dict[str, float]()
                for key in map(key_of, wanted["Keys"]):
                    item = self.item(key)
                    found += [_projected(item, wanted)] if item else []
                    units[key[0]] = units.get(key[0], 0) + _read_units(wanted, [item or {}])
                return Read({"Responses": {table: found}, "UnprocessedKeys": {}}, units)
            case "Query":
                return self._query(body)
        raise NotImplementedError(operation)

    def _query(self, body: dict[str, Any]) -> Read:
        if body.keys() & {"FilterExpression", "IndexName", "ProjectionExpression"}:
            raise NotImplementedError(body.keys())
        partition_key = _partition_key(body)
        asked: Condition = condition(body["KeyConditionExpression"])
        found = [item for item in self.partition(partition_key) if asked(_scope(body, item))]
        if body.get("ScanIndexForward") is False:
            found.reverse()
        if start := body.get("ExclusiveStartKey"):
            found = found[1 + [key_of(item) for item in found].index(key_of(start)) :]
        limit = body.get("Limit", len(found) + 1)
        document: dict[str, Any] = {}
        if len(found) >= limit:
            found = found[:limit]
            document["LastEvaluatedKey"] = {name: found[-1][name] for name in ("PK", "SK")}
        if sum(map(item_bytes, found)) > 1_000_000:
            raise NotImplementedError("a query of more than 1 MB")
        counted = {"Count": len(found), "ScannedCount": len(found)}
        items = {} if body.get("Select") == "COUNT" else {"Items": found}
        return Read({**items, **counted, **document}, {partition_key: _read_units(body, found, whole=True)})


def writes_of(operation: str, body: dict[str, Any]) -> list[Write]:
    """Return what a PutItem, UpdateItem, DeleteItem or TransactWriteItems is to write."""
    if operation == "TransactWriteItems":
        entries = [next(iter(entry.items())) for entry in body["TransactItems"]]
    else:
        entries = [(_VERBS[operation], body)]
    return [
        Write(verb, key_of(request["Item"] if verb == "Put" else request["Key"]), request)
        for verb, request in entries
    ]


def key_of(item: Item) -> Key:
    """Return an item's key."""
    return item["PK"]["S"], item["SK"]["S"]


def perform(engine: Engine, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Answer a request at once, as a table does that nobody else uses: (HTTP status, document)."""
    if operation in {"GetItem", "BatchGetItem", "Query"}:
        return 200, engine.read(operation, body).document
    writes = writes_of(operation, body)
    try:
        refusals = [engine.refusal(write) for write in writes]
        for write in writes:
            engine.after(write)
    except MissingAttribute:
        return 400, error_document("ValidationException", "An attribute that is computed with is missing")
    if any(refusals):
        return refused(operation, refusals)
    answers = [engine.apply(write) for write in writes]
    return 200, {} if operation == "TransactWriteItems" else answers[0]


def refused(operation: str, reasons: list[Reason | None]) -> tuple[int, dict[str, Any]]:
    """Return how DynamoDB says that it did not do it."""
    if operation == "TransactWriteItems":
        listed = [reason or NO_REASON for reason in reasons]
        codes = ", ".join(reason["Code"] for reason in listed)
        message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        document = error_document("TransactionCanceledException", message, name="Message")
        return 400, {**document, "CancellationReasons": listed}
    (reason,) = reasons
    assert reason is not None
    code: str = reason["Code"]
    if code == "ConditionalCheckFailed":
        code = "ConditionalCheckFailedException"
    item = {"Item": reason["Item"]} if "Item" in reason else {}
    return 400, {**error_document(code, reason["Message"]), **item}


def error_document(code: str, message: str, *, name: str = "message") -> dict[str, Any]:
    """Return an error as it comes over the wire."""
    return {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", name: message}


def item_bytes(item: Item) -> int:
    """Return an item's size. Source: DynamoDB developer guide, "DynamoDB item sizes and formats"."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Value) -> int:
    ((kind, held),) = value.items()
    if kind in _WEIGH:
        return _WEIGH[kind](held)
    return sum(_WEIGH[kind[0]](one) for one in held)


_WEIGH: dict[str, Callable[[Any], int]] = {
    "S": lambda held: len(held.encode()),
    "N": lambda held: (len(held) + 1) // 2 + 1,
    "B": lambda held: len(held) * 3 // 4,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "M": lambda held: 3 + len(held) + item_bytes(held),
    "L": lambda held: 3 + len(held) + sum(map(_value_bytes, held)),
}


def _read_units(body: dict[str, Any], items: list[Item], *, whole: bool = False) -> float:
    """Return what reading these consumes: a Query's items are weighed together."""
    weights = [sum(map(item_bytes, items))] if whole else list(map(item_bytes, items))
    units = sum(max(1, ceil(weight / 4096)) for weight in weights)
    return units if body.get("ConsistentRead") else units / 2


def _projected(item: Item, wanted: dict[str, Any]) -> Item:
    """Return the attributes that are asked for. What is weighed is the whole item."""
    if "ProjectionExpression" not in wanted:
        return item
    names = wanted.get("ExpressionAttributeNames", {})
    asked = [names.get(word.strip(), word.strip()) for word in wanted["ProjectionExpression"].split(",")]
    return {name: item[name] for name in asked if name in item}


def _partition_key(body: dict[str, Any]) -> str:
    names = body["ExpressionAttributeNames"]
    (name,) = [placeholder for placeholder, attribute in names.items() if attribute == "PK"]
    words = body["KeyConditionExpression"].replace("(", " ").replace(")", " ").split()
    placeholder = words[words.index(name) + 2]
    key: str = body["ExpressionAttributeValues"][placeholder]["S"]
    return key


def _scope(request: dict[str, Any], item: Item) -> Scope:
    return Scope(
        item, request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    )
