"""domain/once.py: which requests are the same, and what the same one gets."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key
from chalicelib.domain.once import Once, create_once
from chalicelib.domain.refusals import Busy, IdempotencyKeyReused, SlugTaken

SECRET = b"secret"
EVENT = Event(event_id="eeee", organiser_id="oooo", slug="soup", title="Soup", fingerprint="same")


def refuse() -> Event:
    raise SlugTaken("soup")


def test_a_key_names_one_thing_of_a_kind_in_one_place() -> None:
    once = Once("k", {})
    names = {
        once.named(SECRET, "session", "eeee"),
        once.named(SECRET, "session", "ffff"),
        once.named(SECRET, "event", "eeee"),
        once.named(SECRET, "token", "eeee"),
        once.named(b"another secret", "session", "eeee"),
        Once("l", {}).named(SECRET, "session", "eeee"),
        booking_key(SECRET, "created session", "eeee")[:16],
    }
    assert len(names) == 7
    assert {len(name) for name in names} == {16}
    # Keys that were sent before a change of the code still name the same.
    assert once.named(SECRET, "session", "eeee") == "a3kpjo6uvdqxgttz"


@pytest.mark.parametrize(
    ("body", "same"),
    [
        ('{"b": [1, {"d": 2.5, "c": "\\u00fc"}], "a": null}', True),
        ('{"a": null, "b": [1, {"c": "ü", "d": 2.5}]}', True),
        ('{"a": null, "b": [{"c": "ü", "d": 2.5}, 1]}', False),
        ('{"b": [1, {"c": "ü", "d": 2.5}]}', False),
        ('{"a": false, "b": [1, {"c": "ü", "d": 2.5}]}', False),
    ],
)
def test_a_body_is_the_same_however_its_json_was_spelt(body: str, same: bool) -> None:
    there: Any = {"a": None, "b": [1, {"c": "ü", "d": 2.5}]}
    known = Once("k", there).fingerprint(SECRET)
    assert (Once("other", json.loads(body)).fingerprint(SECRET) == known) == same


def test_what_was_created_is_looked_for_only_if_it_could_not_be_created_and_has_a_key() -> None:
    def look() -> Event:
        raise AssertionError("that would cost a read")

    assert not create_once(lambda: EVENT, look, "same").replayed
    with pytest.raises(SlugTaken):
        create_once(refuse, look, "")


def test_the_same_request_gets_what_is_there_and_another_hears_that_its_key_is_taken() -> None:
    changed = replace(EVENT, title="Broth", version=7)
    again = create_once(refuse, lambda: changed, "same")
    assert (again.made, again.replayed) == (changed, True)
    with pytest.raises(IdempotencyKeyReused):
        create_once(refuse, lambda: changed, "other")
    with pytest.raises(IdempotencyKeyReused):
        # It was created without a key: by chance with that id, which won't happen.
        create_once(refuse, lambda: replace(EVENT, fingerprint=""), "same")
    with pytest.raises(SlugTaken):
        create_once(refuse, lambda: None, "same")


def test_what_goes_wrong_while_looking_is_said() -> None:
    def busy() -> Event:
        raise Busy

    with pytest.raises(Busy):
        create_once(refuse, busy, "same")
