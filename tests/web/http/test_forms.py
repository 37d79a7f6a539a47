from typing import Any

import pytest

from chalicelib.domain.refusals import Invalid
from chalicelib.web.http.forms import FIELDS_MAX, read_form, read_idempotency_key
from chalicelib.web.http.replies import BODY_BYTES_MAX


def wrong_with(call: Any, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        call(*args, **kwargs)
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_a_form_that_is_not_utf_8_is_refused() -> None:
    assert wrong_with(read_form, b"name=Zo%EB") == [("", "encoding")]
    assert wrong_with(read_form, b"name=Zo\xeb") == [("", "encoding")]


def test_a_form_whose_bytes_were_lost_on_the_way_is_refused() -> None:
    assert wrong_with(read_form, "name=Zo\ufffd&email=x") == [("/name", "character")]


@pytest.mark.parametrize("character", ["%00", "%1B", "%7F", "%08"])
def test_a_control_character_in_any_field_is_refused(character: str) -> None:
    assert wrong_with(read_form, f"name=Zoe&guests=Al&guests=B{character}o") == [("/guests", "character")]
    assert wrong_with(read_form, f"na{character}me=Zoe") == [("", "character")]


def test_a_form_is_read_up_to_its_size_limit_and_not_beyond() -> None:
    largest = b"name=" + b"x" * (BODY_BYTES_MAX - 5)
    assert len(read_form(largest)["name"][0]) == BODY_BYTES_MAX - 5
    assert wrong_with(read_form, largest + b"x") == [("", "too_large")]


def test_a_form_is_read_up_to_its_number_of_fields_and_not_beyond() -> None:
    most = "&".join(["guests=x"] * FIELDS_MAX)
    assert len(read_form(most)["guests"]) == FIELDS_MAX
    assert wrong_with(read_form, most + "&guests=x") == [("", "too_many_fields")]


def test_an_idempotency_key_is_printable_ascii_of_at_most_120_characters() -> None:
    assert read_idempotency_key("k" * 120, "") == "k" * 120
    assert read_idempotency_key(None, "") is None
    assert read_idempotency_key("  ", "") is None
    for bad in ("k" * 121, "two words", "clé", "a\tb"):
        assert wrong_with(read_idempotency_key, bad, "/idempotency_key") == [
            ("/idempotency_key", "idempotency_key")
        ]
