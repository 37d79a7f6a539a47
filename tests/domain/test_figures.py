"""What is counted of bookings, and how it is said."""

from datetime import UTC, datetime

from msgspec.structs import replace

from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.figures import Tally, mark_of, sums_of, tallied, total
from chalicelib.domain.questions import Question

AT = datetime(2027, 6, 1, 9, tzinfo=UTC)
BOOKED = Booking(
    session_id="s", key="k", booking_id="b", event_id="e", organiser_id="o", status="confirmed", version=1,
    name="Ada", address="ada@example.org", places=3, answers={"bread": "Rye", "ramp": True, "say": "Hi"},
    idempotency_key="i", fingerprint="f", created_at=AT, changed_at=AT, mailed_at=AT,
)  # fmt: skip
CAME = Arrival(nonce="n", places=2, at=AT, token_id="t", where="Door", arrived=2)
BREAD = Question(question_id="bread", kind="choice", label="Bread?", choices=("Rye", "Wheat"))
RAMP = Question(question_id="ramp", kind="yes_no", label="A ramp?", sensitive=True)
SAY = Question(question_id="say", kind="text", label="Anything else?")


def test_bookings_places_people_who_came_and_cancellations_are_counted_and_what_moved_is_not() -> None:
    cancelled = replace(BOOKED, status="cancelled")
    moved = replace(BOOKED, status="moved", arrivals=(CAME,))
    tally = tallied(Tally(), [replace(BOOKED, arrivals=(CAME,)), BOOKED], ())
    assert tallied(tally, [cancelled, moved], ()) == Tally(booked=2, places=6, came=2, cancelled=1)


def test_each_answer_of_a_booking_that_stands_counts_once_and_for_all_its_places() -> None:
    other = replace(BOOKED, places=1, answers={"bread": "Wheat", "ramp": False})
    cancelled = replace(BOOKED, status="cancelled")
    answers = tallied(Tally(), [BOOKED, other, cancelled], (BREAD, RAMP, SAY)).answers
    assert sums_of(BREAD, answers) == [("Rye", 1, 3), ("Wheat", 1, 1)]
    assert sums_of(RAMP, answers) == [("yes", 1, 3), ("no", 1, 1)]
    assert sums_of(SAY, answers) == [(None, 1, 3)], "a text is only counted"


def test_what_is_kept_of_answers_is_bounded_whatever_was_asked_before() -> None:
    old = [replace(BOOKED, answers={"bread": f"b{n}", f"q{n}": "x", "ramp": "yes"}) for n in range(50)]
    answers = tallied(Tally(), old, (BREAD, RAMP)).answers
    assert answers == {"bread": {"": (50, 150)}, "ramp": {"": (50, 150)}}
    assert sums_of(BREAD, answers) == [("Rye", 0, 0), ("Wheat", 0, 0), (None, 50, 150)]


def test_figures_of_several_sessions_add_up() -> None:
    one = tallied(Tally(), [BOOKED], (BREAD, RAMP))
    other = tallied(Tally(), [replace(BOOKED, answers={"bread": "Wheat"})], (BREAD, RAMP))
    both = tallied(one, [replace(BOOKED, answers={"bread": "Wheat"})], (BREAD, RAMP))
    assert total([one, other]) == both
    assert total([]) == Tally()


def test_other_questions_are_told_by_their_mark() -> None:
    marks = {mark_of(questions) for questions in ((), (BREAD,), (BREAD, RAMP), (replace(BREAD, label="?"),))}
    assert len(marks) == 4
    assert -1 not in marks
