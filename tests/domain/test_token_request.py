"""What an organiser may ask of a token."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.organiser import TOKEN_LIFETIME
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.token_request import read_token_request, scope_of

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
DOOR: dict[str, Any] = {"name": "Front door", "role": "door"}


def wrong(**changes: Any) -> list[tuple[str, str]]:
    """Which fields of the request are wrong, and how."""
    with pytest.raises(Invalid) as refused:
        read_token_request({**DOOR, **changes}, NOW)
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_a_token_lasts_a_year_unless_it_is_to_end_earlier() -> None:
    assert read_token_request(DOOR, NOW).expires_at == NOW + TOKEN_LIFETIME
    tomorrow = read_token_request({**DOOR, "expires_at": "2027-06-02T09:00:00+01:00"}, NOW)
    assert tomorrow.expires_at == NOW + timedelta(hours=23)
    assert read_token_request({**DOOR, "expires_at": "2028-05-31T09:00:00Z"}, NOW).expires_at


def test_a_token_ends_in_the_future_and_within_a_year() -> None:
    assert wrong(expires_at="2027-06-01T09:00:00Z") == [("/expires_at", "past")]
    assert wrong(expires_at="2028-05-31T09:00:01Z") == [("/expires_at", "too_late")]
    assert wrong(expires_at="2027-06-02T09:00:00") == [("/expires_at", "value")]
    assert wrong(expires_at="9999-06-02T09:00:00Z") == [("/expires_at", "year")]


@pytest.mark.parametrize("name", ["", "   ", "a" * 81, "see www.example.org", 7, None])
def test_a_name_is_one_that_a_person_has(name: object) -> None:
    assert [pointer for pointer, _ in wrong(name=name)] == ["/name"]


def test_all_that_is_wrong_is_named() -> None:
    assert wrong(role="owner", event_id="", colour="red") == [
        ("/colour", "unknown"),
        ("/role", "value"),
        ("/event_id", "value"),
    ]
    assert wrong(session_id="ssss") == [("/event_id", "missing")]


def test_the_scope_is_as_narrow_as_what_is_named() -> None:
    named: dict[str, str] = {}
    scopes = [scope_of(read_token_request(DOOR, NOW))]
    for name, value in (("event_id", "eeee"), ("session_id", "ssss")):
        named[name] = value
        scopes.append(scope_of(read_token_request({**DOOR, **named}, NOW)))
    assert scopes == ["organiser", "event:eeee", "session:eeee:ssss"]
