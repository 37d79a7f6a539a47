from datetime import timedelta

from chalicelib.web.queue.views import PositionView, looks_again_in_seconds
from tests.web.conftest import NOW


def place(state: str, **changes: object) -> PositionView:
    known = {"early": True, "number": 4, "serving": 1, "ahead": 3, "estimate_seconds": 9}
    return PositionView(
        **{**known, "state": state, "ask_again_seconds": 7, "opens_at": NOW, **changes}  # type: ignore[arg-type]  # as a test writes it
    )


def test_a_page_looks_again_only_where_something_can_still_change() -> None:
    assert looks_again_in_seconds(place("waiting"), "ticket", NOW) == 7
    for state in ("served", "sold_out", "open"):
        assert looks_again_in_seconds(place(state), "ticket", NOW) is None


def test_in_a_long_wait_for_the_opening_a_page_looks_in_between_for_it_may_be_moved() -> None:
    in_a_week = place("draw", opens_at=NOW + timedelta(days=7))
    assert looks_again_in_seconds(in_a_week, "ticket", NOW) == 600
