"""What each Lambda environment remembers by itself: the module state of the product, a set for each.

The product runs in one process here, so whenever another environment goes on, its own state is put in
place. A test fails when a module grows state that is not listed below.
"""

import importlib
import types
from typing import Any

from chalicelib.store.recent import Recent

OWN = (
    ("chalicelib.store.hints", "_hints"),
    ("chalicelib.store.availability", "_shown"),
    ("chalicelib.store.places_left", "_counted"),
    ("chalicelib.store.lately", "_event_ids"),
    ("chalicelib.store.lately", "_events"),
    ("chalicelib.store.lately", "_events_by_slug"),
    ("chalicelib.store.lately", "_sessions"),
    ("chalicelib.store.lately", "_session_lists"),
    ("chalicelib.store.secrets", "_token_secrets"),
    ("chalicelib.store.takers", "_held"),
    ("chalicelib.store.queues", "_queues"),
    ("chalicelib.store.queues", "_counts"),
)
"""State that differs from one environment to the next."""

SHARED = {
    ("chalicelib.settings", "settings"): "the environment's variables: the same for all",
    ("chalicelib.store.secrets", "key_secret"): "never rotates; reading it is part of a cold start here",
    ("chalicelib.store.secrets", "_client"): "a client without state; making it is part of a cold start here",
    ("chalicelib.store.messages", "_client"): "nothing of it is called by the API",
    **dict.fromkeys(
        (
            ("chalicelib.domain.colours", "shades"),
            ("chalicelib.domain.countries", "_by_zone"),
            ("chalicelib.domain.countries", "_lines"),
            ("chalicelib.domain.countries", "_names"),
            ("chalicelib.domain.countries", "_regions"),
            ("chalicelib.domain.towns", "_table"),
            ("chalicelib.domain.towns", "town_in"),
        ),
        "of colours and of files in the zip: the same for all",
    ),
}
"""State that environments may share, and why."""

_PLACES: list[tuple[dict[str, Any], str]] = [
    (vars(importlib.import_module(module)), name) for module, name in OWN
]
_AT_IMPORT = [namespace[name] for namespace, name in _PLACES]


class Environment:
    """One Lambda environment: what it remembers, and by how much its wall clock is wrong."""

    __slots__ = ("clock_is_off_by", "remembers")

    def __init__(self, clock_is_off_by: float = 0.0) -> None:
        self.remembers = [_empty(value) for value in _AT_IMPORT]
        self.clock_is_off_by = clock_is_off_by


def put_in_place(environment: Environment) -> None:
    """Let the product's modules hold what this environment remembers."""
    for (namespace, name), value in zip(_PLACES, environment.remembers, strict=True):
        namespace[name] = value


def put_back() -> None:
    """Let the modules hold what they were imported with."""
    for (namespace, name), value in zip(_PLACES, _AT_IMPORT, strict=True):
        namespace[name] = value


def state_of(module: types.ModuleType) -> set[str]:
    """Return the names of what this module remembers: caches, and lower-case containers and objects."""
    return {name for name, value in vars(module).items() if _remembers(module, name, value)}


def _remembers(module: types.ModuleType, name: str, value: object) -> bool:
    if hasattr(value, "cache_clear"):
        # Imported by name elsewhere it is the same one.
        return getattr(value, "__module__", None) == module.__name__
    if name.startswith("__") or name.isupper() or isinstance(value, type | types.ModuleType):
        return False
    if isinstance(value, dict | list | set | bytearray):
        return True
    kind = type(value)
    frozen = getattr(getattr(kind, "__struct_config__", None), "frozen", False)
    return kind.__module__.startswith("chalicelib") and not frozen


def _empty(value: object) -> object:
    if isinstance(value, Recent):
        return Recent[Any](value._seconds, entries_max=value._entries_max)
    if isinstance(value, dict):
        return {}
    raise TypeError(f"how is a new environment's {type(value).__name__} made?")
