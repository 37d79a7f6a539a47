"""What an organiser asks of a session: how many booked, came and cancelled, and what they answered.

Only sums, so nothing of it is personal. They are counted by the recount, from the bookings themselves.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.notices import Notice
from chalicelib.domain.questions import Answer, Question

OTHER = ""
"""Stands for every answer that is no choice: a text, or one that the question no longer takes."""

Sums = dict[str, dict[str, tuple[int, int]]]
"""By question_id and answer: in how many bookings it was given, and for how many places.

There are no more than the event's questions have choices, whatever was asked and answered before."""


class Tally(Struct, frozen=True, kw_only=True):
    """What is counted of bookings. ``booked`` and ``cancelled`` are bookings, ``came`` is people."""

    booked: int = 0
    places: int = 0
    came: int = 0
    cancelled: int = 0
    answers: Sums = {}


class Figures(Tally, frozen=True, kw_only=True):
    """A session's figures, as they were when it was last recounted and they had changed."""

    emails_in_trouble: int
    """How many bookings' newest email did not arrive, and never will."""
    places_free: int
    capacity: int
    counted_at: datetime
    asks: int
    """How often a recount had been asked for when this one began: an older one must not replace it."""


class PlacesCounted(Struct, frozen=True):
    """How many places of a session were booked and free when it was last recounted."""

    booked: int
    free: int


def tallied(tally: Tally, bookings: Iterable[Booking], questions: Sequence[Question]) -> Tally:
    """Return this tally with these bookings added."""
    booked, places, came, cancelled = tally.booked, tally.places, tally.came, tally.cancelled
    answers = {question_id: dict(sums) for question_id, sums in tally.answers.items()}
    for booking in bookings:
        if booking.status == "moved":
            continue
        came += booking.arrived
        if booking.status == "cancelled":
            cancelled += 1
            continue
        booked += 1
        places += booking.places
        for question in questions:
            answer = booking.answers.get(question.question_id)
            if answer is not None:
                sums = answers.setdefault(question.question_id, {})
                name = _named(question, answer)
                in_bookings, for_places = sums.get(name, (0, 0))
                sums[name] = in_bookings + 1, for_places + booking.places
    return Tally(booked=booked, places=places, came=came, cancelled=cancelled, answers=answers)


def newest_in_trouble(ended: Mapping[Notice, bool], since: Mapping[Notice, datetime]) -> int:
    """Return of how many bookings the newest email is in trouble.

    ``ended`` says of the emails that some bookings owe, as far as they got somewhere, whether they are;
    ``since``, from when each is owed.
    """
    newest = {notice.booking_id: ended[notice] for notice in sorted(ended, key=since.__getitem__)}
    return sum(newest.values())


def mark_of(questions: Sequence[Question]) -> int:
    """Return what tells these questions from others, for a recount to know which ones were counted."""
    return zlib.crc32(msgspec.json.encode(questions))


def total(figures: Iterable[Tally]) -> Tally:
    """Return all of these together."""
    added = Tally()
    for one in figures:
        answers = {question_id: dict(sums) for question_id, sums in added.answers.items()}
        for question_id, theirs in one.answers.items():
            sums = answers.setdefault(question_id, {})
            for name, (bookings, places) in theirs.items():
                before = sums.get(name, (0, 0))
                sums[name] = before[0] + bookings, before[1] + places
        added = replace(
            added,
            booked=added.booked + one.booked,
            places=added.places + one.places,
            came=added.came + one.came,
            cancelled=added.cancelled + one.cancelled,
            answers=answers,
        )
    return added


def sums_of(question: Question, answers: Sums) -> list[tuple[str | None, int, int]]:
    """Return (answer, bookings, places) for all that this question may be answered with.

    None stands for what is no choice: always there for a text, else if it was given, before a change.
    """
    given = answers.get(question.question_id, {})
    choices = _choices(question)
    others = [sums for name, sums in given.items() if name not in choices]
    found: list[tuple[str | None, int, int]] = [(name, *given.get(name, (0, 0))) for name in choices]
    if others or not choices:
        found.append((None, sum(bookings for bookings, _ in others), sum(places for _, places in others)))
    return found


def _choices(question: Question) -> tuple[str, ...]:
    return ("yes", "no") if question.kind == "yes_no" else question.choices


def _named(question: Question, answer: Answer) -> str:
    name = answer if isinstance(answer, str) else "yes" if answer else "no"
    # A "yes" in words was given to another question that had this id.
    fits = isinstance(answer, bool) == (question.kind == "yes_no") and name in _choices(question)
    return name if fits else OTHER
