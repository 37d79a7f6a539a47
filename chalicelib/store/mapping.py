"""From the domain's structs to the table's items and back, field by field of the same name.

How a field is stored, its attribute says (table.py, attributes.py); what it is, the struct. No field is
named here, and tests/store/test_fields.py holds the two against each other.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from msgspec import Struct, convert
from msgspec.structs import asdict
from pynamodb.attributes import Attribute
from pynamodb.expressions.update import Action

from chalicelib.store.connection import Item

S = TypeVar("S", bound=Struct)
T = TypeVar("T", bound=Item)

Image = Mapping[str, dict[str, Any]]
"""An item in DynamoDB's own JSON: ``{"PK": {"S": ...}, ...}``."""


def struct_from(struct: type[S], item: Item) -> S:
    """Return what this item holds. A field that came later than the item has the struct's default.

    Raises msgspec.ValidationError for what the struct could never have held.
    """
    return convert(item.attribute_values, struct)


def struct_from_image(struct: type[S], item_class: type[Item], image: Image) -> S:
    """Return what an item holds that is in DynamoDB's own JSON (a stream's image, a cancellation reason).

    A NULL counts as an attribute that is missing. We never write one, but an edit by hand may.
    """
    values = {
        name: attribute.deserialize(attribute.get_value(image[name]))
        for name, attribute in item_class.get_attributes().items()
        if name in image and "NULL" not in image[name]
    }
    return convert(values, struct)


def item_of(item_class: type[T], key: tuple[str, str], struct: Struct) -> T:
    """Return the item of this key that holds this struct."""
    return item_class(*key, **asdict(struct))


def changes(item_class: type[Item], struct: Struct, names: Iterable[str]) -> list[Action]:
    """Return what makes these fields of a stored item what they are in the struct."""
    attributes = item_class.get_attributes()
    return [_change(attributes[name], getattr(struct, name)) for name in names]


def _change(attribute: Attribute[Any], value: object) -> Action:
    # As a put stores it: left alone, PynamoDB would make a NULL of None, and take no tuple for a list.
    stored = None if value is None else attribute.serialize(value)
    return attribute.remove() if stored is None else attribute.set({attribute.attr_type: stored})
