"""An event's rules on time that no refusal goes with."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.event import AdmissionMode, Event, is_rush

OPENS_AT = datetime(2027, 9, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("opens_at", "admission", "seconds", "expected"),
    [
        (OPENS_AT, "open", -0.001, False),
        (OPENS_AT, "open", 0, True),
        (OPENS_AT, "open", 4.999, True),
        (OPENS_AT, "open", 5, False),
        (OPENS_AT, "queue", 1, False),  # they come one after the other
        (None, "open", 1, False),
    ],
)
def test_a_rush_is_the_first_seconds_of_an_event_that_everybody_may_book_at_once(
    opens_at: datetime | None, admission: AdmissionMode, seconds: float, expected: bool
) -> None:
    event = Event(
        event_id="e", organiser_id="o", slug="curry", title="Curry", opens_at=opens_at, admission=admission
    )
    assert is_rush(event, OPENS_AT + timedelta(seconds=seconds)) is expected
