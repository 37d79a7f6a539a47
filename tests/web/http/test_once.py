"""web/http/once.py: which Idempotency-Keys are taken."""

import pytest

from chalicelib.domain.refusals import Invalid
from chalicelib.web.http.once import read_idempotency_key


def test_an_idempotency_key_is_printable_ascii_of_at_most_120_characters() -> None:
    assert read_idempotency_key("k" * 120, "") == "k" * 120
    assert read_idempotency_key(None, "") is None
    assert read_idempotency_key("  ", "") is None
    for bad in ("k" * 121, "two words", "clé", "a\tb"):
        with pytest.raises(Invalid) as refused:
            read_idempotency_key(bad, "/idempotency_key")
        (wrong,) = refused.value.errors
        assert (wrong.pointer, wrong.code) == ("/idempotency_key", "idempotency_key")
