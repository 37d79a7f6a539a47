"""The judge of `make live` is itself judged: it must find whatever is missing, doubled or untrue."""

from typing import Any

import pytest

from bench.live.processor import role_of
from bench.live.reconcile import Notice, reconcile
from bench.live.schedule import Told
from infra.local.ministack import TAUGHT

SESSION = "s1"


def row(number: int, places: int) -> dict[str, Any]:
    return {
        "PK": {"S": f"BOOKINGS#{SESSION}#3"},
        "SK": {"S": f"BOOKING#key{number}"},
        "booking_id": {"S": f"booking{number}xyz"},
        "address": {"S": f"p{number}@example.org"},
        "places": {"N": str(places)},
    }


def counter(number: int, free: int) -> dict[str, Any]:
    return {"PK": {"S": f"POOL#{SESSION}#all#{number}"}, "free": {"N": str(free)}, "capacity": {"N": "3"}}


def line(number: int, state: str = "delivered") -> dict[str, Any]:
    return {
        "PK": {"S": f"NOTICE#booking{number}xyz"},
        "SK": {"S": "confirmation#1"},
        "state": {"S": state},
    }


def mail(number: int) -> Notice:
    return f"booking{number}xyz", "confirmation"


ROWS = [row(1, 2), row(2, 3)]
COUNTERS = [counter(0, 0), counter(1, 1)]
LINES = [line(1), line(2, "sent")]
RIGHT = [*ROWS, *COUNTERS, *LINES]
ELSEWHERE = [{**row(9, 5), "PK": {"S": "BOOKINGS#s2#3"}}, {**counter(0, 2), "PK": {"S": "POOL#s2#all#0"}}]
TOLD = {
    "p1@example.org": Told("booked", "BOOKING1", 2),
    "p2@example.org": Told("booked", "BOOKING2", 3),
    "p3@example.org": Told("sold_out", places=2),
}
MAILS = [mail(1), mail(2)]


def test_books_that_are_right_are_counted_and_hold_no_difference() -> None:
    books = reconcile([*ROWS, *COUNTERS, *LINES, *ELSEWHERE], SESSION, TOLD, MAILS)
    assert books.differences == ()
    assert (books.rows, books.places_in_rows, books.places_sold, books.places_left) == (2, 5, 5, 1)
    assert (books.mails_owed, books.mails_sent, books.second_copies) == (2, 2, 0)


def test_a_second_copy_shows_but_is_no_difference() -> None:
    books = reconcile([*ROWS, *COUNTERS, *LINES], SESSION, TOLD, [*MAILS, mail(1)])
    assert (books.mails_sent, books.second_copies, books.differences) == (2, 1, ())


def test_without_mails_none_is_missed() -> None:
    books = reconcile([*ROWS, *COUNTERS], SESSION, TOLD, None)
    assert (books.mails_owed, books.differences) == (0, ())


@pytest.mark.parametrize(
    ("items", "told", "mails", "said"),
    [
        ([ROWS[0], *COUNTERS, *LINES], {}, MAILS, "2 places in rows, but 5 sold"),
        ([ROWS[0], *COUNTERS, *LINES], {}, MAILS, "p2@example.org was told that they have booked"),
        ([*ROWS, counter(0, -1), counter(1, 2), *LINES], {}, MAILS, "has sold more than it had"),
        ([*ROWS, row(2, 3), *COUNTERS, *LINES], {}, MAILS, "have more than one row"),
        ([*RIGHT], {"p2@example.org": Told("booked", "OTHER", 3)}, MAILS, "promised another booking"),
        ([*RIGHT], {"p2@example.org": Told("booked", "BOOKING2", 1)}, MAILS, "promised another booking"),
        ([*RIGHT], {"p2@example.org": Told("sold_out", places=3)}, MAILS, "(sold_out) and has a row"),
        ([*RIGHT], {"p3@example.org": Told("sold_out", places=1)}, MAILS, "refused 1 places while 1 are"),
        ([*ROWS, row(4, 1), *COUNTERS, *LINES], {}, MAILS, "p4@example.org has a row and never asked"),
        ([*RIGHT], {}, MAILS[:1], "the confirmation of booking2xyz was not sent"),
        ([*RIGHT], {}, [*MAILS, mail(7)], "of booking7xyz was sent that nobody owes"),
        ([*ROWS, *COUNTERS, line(1)], {}, MAILS, "not say that the confirmation of booking2xyz"),
        ([*ROWS, *COUNTERS, line(1), line(2, "sending")], {}, MAILS, "ledger does not say"),
    ],
)  # fmt: skip
def test_whatever_does_not_agree_is_found(
    items: list[dict[str, Any]], told: dict[str, Told], mails: list[Notice], said: str
) -> None:
    books = reconcile(items, SESSION, {**TOLD, **told}, mails)
    assert any(said in difference for difference in books.differences), books.differences


def test_a_row_of_somebody_who_never_got_an_answer_is_no_difference() -> None:
    told = {**TOLD, "p2@example.org": Told("nothing", places=3)}
    assert reconcile([*ROWS, *COUNTERS, *LINES], SESSION, told, MAILS).differences == ()


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("python /b/ministack-tmp/ministack-lambda-turnout-Mailer-26046DEF7FE65-zqju/_worker.py", "Mailer"),
        (f"python -P {TAUGHT}", "MiniStack"),
        ("python -m infra.local", "front door and mail sink"),
        ("java -jar elsewhere.jar", "others"),
    ],
)
def test_a_process_is_known_by_its_command(command: str, role: str) -> None:
    assert role_of(command) == role
