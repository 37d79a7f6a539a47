"""From what is stored to what is shown of it."""

from typing import TypeVar

from msgspec import Struct

V = TypeVar("V", bound=Struct)


def shown(view: type[V], thing: object, **beside: object) -> V:
    """Return this view of a thing: its own fields of the same names, but for those that are given beside."""
    own = {name: getattr(thing, name) for name in view.__struct_fields__ if name not in beside}
    return view(**own, **beside)
