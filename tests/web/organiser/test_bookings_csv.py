"""The export of a session's bookings, read back as a spreadsheet reads it."""

import csv
import io
import json
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.store import capacity, sent_mail
from chalicelib.store.bookings import item_from
from chalicelib.web.organiser import bookings_csv
from tests.making import MADE_AT
from tests.web.admin import Admin, new_admin, pointers
from tests.web.organiser.test_bookings import book_for

QUESTIONS = [
    {"question_id": "diet", "kind": "text", "label": "What do you eat?"},
    {"question_id": "bus", "kind": "yes_no", "label": '=HYPERLINK("https://x.example")'},
]


@pytest.fixture
def admin(table: Any) -> Admin:
    return new_admin()


@pytest.fixture
def session(admin: Admin) -> str:
    event = admin.new_event(questions=QUESTIONS)
    return admin.new_session(event, title='Curry "Night"; é\\')


def rows(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf"), "or Excel reads it in another encoding"
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


def files(admin: Admin, session: str) -> list[list[list[str]]]:
    """Every file from the first on, by their Link headers."""
    found = []
    path = f"{session}/bookings.csv"
    while path:
        answer = admin.get(path)
        assert answer.status_code == 200, answer.body
        found.append(rows(answer.body))
        path = answer.headers.get("Link", "").removeprefix("<").removesuffix('>; rel="next"')
    return found


def test_each_booking_is_a_row_with_all_that_an_organiser_wants_to_know(admin: Admin, session: str) -> None:
    ada = book_for(
        session, "ada", places=3, guests=("Sam", "Kim"), name="=cmd|' /C calc'!A0",
        answers={"diet": "no nuts\n-please", "bus": False},
    )  # fmt: skip
    sent_mail.advance((ada.booking_id, "confirmation", 1), "bounced", MADE_AT, reason="permanent_general")
    bob = capacity.give_back(book_for(session, "bob"), MADE_AT)
    answer = admin.get(f"{session}/bookings.csv")
    header, *found = rows(answer.body)
    assert header == [
        "reference", "status", "name", "email", "address", "places", "guests", "arrived",
        "booked at (UTC)", "booked at (local)", "mails",
        "What do you eat?", "'=HYPERLINK(\"https://x.example\")",
    ]  # fmt: skip
    by_reference = {row[0]: row[1:] for row in found}
    assert by_reference == {
        ada.booking_id[:8].upper(): [
            "confirmed", "'=cmd|' /C calc'!A0", "ada@example.org", "ada@example.org", "3", "Sam, Kim", "0",
            "2027-06-01 09:00:00", "2027-06-01 10:00:00", "confirmation bounced (permanent_general)",
            "no nuts\n'-please", "no",
        ],
        bob.booking_id[:8].upper(): [
            "cancelled", "bob", "bob@example.org", "bob@example.org", "1", "", "0",
            "2027-06-01 09:00:00", "2027-06-01 10:00:00", "cancellation owed", "", "",
        ],
    }  # fmt: skip
    assert answer.body.endswith(b"\r\n")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="social-care-curry-curry-night.csv"'
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Link" not in answer.headers


def test_a_large_session_comes_in_whole_files_that_hold_each_booking_once(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {book_for(session, f"p{number}").booking_id[:8].upper() for number in range(11)}
    moved = book_for(session, "moved")
    item_from(replace(moved, status="moved", moved_to="a" * 32, allocation={})).save()
    bytes_max = bookings_csv.BYTES_MAX
    for rows_max, size, files_expected in (
        (2000, bytes_max, {1}),
        (4, bytes_max, {3}),
        (11, bytes_max, {1}),
        (2000, 900, range(3, 11)),
        (2000, 1, {11}),
    ):
        monkeypatch.setattr(bookings_csv, "ROWS_MAX", rows_max)
        monkeypatch.setattr(bookings_csv, "BYTES_MAX", size)
        monkeypatch.setattr(bookings_csv, "_READ_AT_ONCE", 3)
        found = files(admin, session)
        assert {tuple(file[0]) for file in found} == {tuple(found[0][0])}, "each has its header"
        seen = [row[0] for file in found for row in file[1:]]
        assert len(seen) == len(made), (rows_max, size)
        assert set(seen) == made
        assert max(len(file) - 1 for file in found) <= rows_max
        assert len(found) in files_expected, (rows_max, size)


def test_a_file_fits_into_what_lambda_may_answer_whatever_was_typed(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bookings_csv.BYTES_MAX < 5 * 1024 * 1024, "of Lambda's 6 MB, with room for the headers"
    monkeypatch.setattr(bookings_csv, "BYTES_MAX", 20_000)
    for number in range(9):
        book_for(session, f"p{number}", answers={"diet": '"🎉' * 300})
    answered = admin.get(f"{session}/bookings.csv")
    assert "Link" in answered.headers, "there is more than one file holds"
    assert 14_000 < len(json.dumps(answered.body.decode())) <= 20_000


def test_rows_are_in_the_order_of_names_also_across_files(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["Zoë", "łukasz", "Étienne", "Lena", "eve", "Étienne", "李", "olga"]
    made = [book_for(session, f"p{number}", name=name) for number, name in enumerate(typed)]
    twins = sorted(booking.booking_id[:8].upper() for booking in made if booking.name == "Étienne")
    for rows_max in (2000, 3, 1):
        monkeypatch.setattr(bookings_csv, "ROWS_MAX", rows_max)
        found = [row for file in files(admin, session) for row in file[1:]]
        assert [row[2] for row in found] == [
            "Étienne", "Étienne", "eve", "Lena", "łukasz", "olga", "Zoë", "李"
        ]  # fmt: skip
        assert [row[0] for row in found[:2]] == twins


def test_a_file_goes_on_after_its_last_booking_although_people_book_and_addresses_are_corrected(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookings_csv, "ROWS_MAX", 2)
    b, c, *_ = [book_for(session, f"{name}x", name=name) for name in "bcde"]
    first = admin.get(f"{session}/bookings.csv")
    book_for(session, "ax", name="a")
    item_from(replace(c, key="z" * 32, address="c@example.com")).save()
    item_from(replace(c, status="moved", moved_to="z" * 32, name="", allocation={})).save()
    second = admin.get(first.headers["Link"].removeprefix("<").removesuffix('>; rel="next"'))
    assert [row[2] for row in rows(first.body)[1:]] == [b.name, c.name]
    assert [row[2] for row in rows(second.body)[1:]] == ["d", "e"]


def test_every_answer_has_a_column_whatever_became_of_its_question(admin: Admin) -> None:
    event = admin.new_event(questions=[
        {"question_id": "diet", "kind": "text", "label": "Diet"},
        {"question_id": "phone", "kind": "text", "label": "Phone"},
        {"question_id": "bread", "kind": "choice", "label": "Bread", "choices": ["Rye", "None"]},
    ])  # fmt: skip
    session = admin.new_session(event)
    book_for(session, "ada", name="Ada", answers={"diet": "vegan", "phone": "0123", "bread": "Rye"})
    changed = admin.patch(event, {"questions": [
        {"question_id": "bread", "kind": "yes_no", "label": "Do you bring bread?"},
        {"question_id": "food", "kind": "text", "label": "Diet"},
    ]})  # fmt: skip
    assert changed.status_code == 200
    book_for(session, "bob", name="Bob", answers={"food": "meat", "bread": False})
    header, ada, bob = rows(admin.get(f"{session}/bookings.csv").body)
    assert header[11:] == ["Do you bring bread?", "Diet", "bread", "diet", "phone"]
    assert ada[11:] == ["", "", "Rye", "vegan", "0123"]
    assert bob[11:] == ["no", "meat", "", "", ""]


def test_an_empty_session_is_a_header_and_a_false_cursor_is_refused(admin: Admin, session: str) -> None:
    [only] = files(admin, session)
    assert len(only) == 1
    assert pointers(admin.get(f"{session}/bookings.csv?cursor=x")) == ["/cursor"]
