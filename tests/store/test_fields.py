"""A field is a line in its struct and one in its item class: this tells which of them was forgotten."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import NODEFAULT, Struct, inspect, structs

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.figures import Figures
from chalicelib.domain.organiser import Organiser, Token
from chalicelib.domain.queue import Queue
from chalicelib.domain.session import Session
from chalicelib.store.connection import Item
from chalicelib.store.figures_items import FiguresItem
from chalicelib.store.mapping import changes, item_of, struct_from, struct_from_image
from chalicelib.store.queue_items import QueueItem
from chalicelib.store.table import (
    BookingItem,
    EventItem,
    OrganiserItem,
    SessionItem,
    TokenItem,
)

PAIRS: list[tuple[type[Struct], type[Item]]] = [
    (Booking, BookingItem),
    (Event, EventItem),
    (Figures, FiguresItem),
    (Organiser, OrganiserItem),
    (Queue, QueueItem),
    (Session, SessionItem),
    (Token, TokenItem),
]
OF_THE_TABLE = {"PK", "SK", "schema"}
ITEMS_ONLY: dict[type[Item], set[str]] = {TokenItem: {"expires"}, QueueItem: {"looked_at"}}
"""When DynamoDB removes a token is worked out from when it expires (store/tokens.py).
When the clock looked at a queue is no part of the queue."""

every_pair = pytest.mark.parametrize(("struct", "item_class"), PAIRS)


def filled(struct: type[Struct]) -> Struct:
    """Return one with a value in every field, which is no field's default."""
    kind = inspect.type_info(struct)
    assert isinstance(kind, inspect.StructType)
    made: Struct = _value("", kind, None)
    for field in structs.fields(struct):
        empty = field.default if field.default_factory is NODEFAULT else field.default_factory()
        assert getattr(made, field.name) != empty, f"{field.name} is at its default"
    return made


def _value(name: str, kind: inspect.Type, default: object) -> Any:
    value: Any
    match kind:
        case inspect.StrType():
            value = name
        case inspect.IntType() | inspect.FloatType():
            value = 7 if isinstance(kind, inspect.IntType) else 7.5
        case inspect.DateTimeType():
            value = datetime(2027, 9, 5, 19, 30, 15, 250_000, None if name.endswith("_local") else UTC)
        case inspect.BoolType():
            value = not default
        case inspect.LiteralType(values=values):
            value = next(one for one in values if one != default)
        case inspect.UnionType(types=types):
            value = _value(name, next(one for one in types if not isinstance(one, inspect.NoneType)), default)
        case inspect.VarTupleType(item_type=one):
            value = (_value(name, one, default[0] if isinstance(default, tuple) and default else None),)
        case inspect.TupleType(item_types=types):
            value = tuple(_value(name, one, None) for one in types)
        case inspect.DictType(key_type=key, value_type=one):
            value = {_value(name, key, None): _value(name, one, None)}
        case inspect.StructType(cls=cls, fields=fields):
            value = cls(**{field.name: _value(field.name, field.type, field.default) for field in fields})
        case inspect.Metadata(type=inner):
            value = _value(name, inner, default)
        case _:
            raise NotImplementedError(f"Say here what {name} may hold: {kind}")
    return value


@every_pair
def test_a_struct_and_its_item_have_the_same_fields(struct: type[Struct], item_class: type[Item]) -> None:
    stored = item_class.get_attributes().keys() - OF_THE_TABLE - ITEMS_ONLY.get(item_class, set())
    assert stored == set(struct.__struct_fields__)


@every_pair
def test_every_field_comes_back_as_it_was_stored(
    table: Any, struct: type[Struct], item_class: type[Item]
) -> None:
    whole = filled(struct)
    item_of(item_class, ("PK", "SK"), whole).save()
    image = table.get_item(TableName="turnout-test", Key={"PK": {"S": "PK"}, "SK": {"S": "SK"}})["Item"]
    assert struct_from_image(struct, item_class, image) == whole
    assert struct_from(struct, item_class.get("PK", "SK")) == whole


@every_pair
def test_whatever_has_a_default_may_be_missing_from_an_older_item(
    struct: type[Struct], item_class: type[Item]
) -> None:
    whole = filled(struct)
    image = item_of(item_class, ("PK", "SK"), whole).serialize()
    needed = {field.name for field in structs.fields(struct) if field.required}
    older = {name: value for name, value in image.items() if name in needed}
    sparse = struct(**{name: getattr(whole, name) for name in needed})
    assert struct_from_image(struct, item_class, older) == sparse
    assert struct_from(struct, item_class.from_raw_data(older)) == sparse


@every_pair
def test_reading_an_image_leaves_it_as_it_was(struct: type[Struct], item_class: type[Item]) -> None:
    image = item_of(item_class, ("PK", "SK"), filled(struct)).serialize()
    kept = repr(image)
    struct_from_image(struct, item_class, image)
    assert repr(image) == kept


@every_pair
def test_an_update_sets_what_a_put_stores_and_removes_what_it_leaves_out(
    struct: type[Struct], item_class: type[Item]
) -> None:
    whole = filled(struct)
    needed = {field.name: getattr(whole, field.name) for field in structs.fields(struct) if field.required}
    for one in (whole, struct(**needed)):
        written = item_of(item_class, ("PK", "SK"), one).serialize()
        for name in struct.__struct_fields__:
            (change,) = changes(item_class, one, [name])
            path = item_class.get_attributes()[name]
            assert change == (path.set(written[name]) if name in written else path.remove()), name
