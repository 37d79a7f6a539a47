"""What an organiser asks on the form, and what comes back with it."""

import json
from typing import Any

import msgspec
import pytest

from chalicelib.domain.questions import Question
from chalicelib.store.bookings import every_booking
from chalicelib.web.organiser.booking_views import booking_views
from chalicelib.web.organiser.slices import SLICE_LENGTH_MAX
from tests.web.browsing import Page, ann, book_by_form, book_by_json, get
from tests.web.refused import Scene, scene

pytestmark = pytest.mark.usefixtures("table")

HOSTILE = "\"'><script>alert(1)</script>"
QUESTIONS = (
    Question(question_id="diet", kind="choice", label="Your diet", choices=("any", "vegan"), required=True),
    Question(question_id="first", kind="yes_no", label="Is it your first time?"),
    Question(question_id="why", kind="text", label=f"Why do you come? {HOSTILE}"),
)


def asking(**event: Any) -> Scene:
    return scene(event={"questions": QUESTIONS, **event})


def page_of(it: Scene) -> Page:
    return Page(get(f"/book/{it.event.slug}/{it.session.session_id}"))


def only_answers(it: Scene) -> Any:
    (booking,) = every_booking(it.session.session_id)
    return booking.answers


def test_the_form_asks_each_question_in_its_own_way() -> None:
    page = page_of(asking())
    (diet, first) = page.all("select", name="answer.diet"), page.all("select", name="answer.first")
    assert "required" in diet[0]
    assert "required" not in first[0]
    assert page.all("textarea", name="answer.why")
    assert [option["value"] for option in page.all("option", value="vegan")] == ["vegan"]
    assert "Why do you come?" in page.text
    assert not page.all("script")


def test_a_form_s_answers_are_stored_as_json_s_are() -> None:
    sent = {"answer.diet": "vegan", "answer.first": "no", "answer.why": " For\r\nthe food "}
    by_form, by_json = asking(), asking()
    assert book_by_form(by_form.event, by_form.session, ann(**sent)).status_code == 303
    answers = {"diet": "vegan", "first": False, "why": "For\nthe food"}
    assert book_by_json(by_json.event, by_json.session, ann(answers=answers)).status_code == 201
    assert only_answers(by_form) == only_answers(by_json) == answers


def test_a_form_that_leaves_a_required_answer_open_comes_back_with_the_others() -> None:
    it = asking()
    response = book_by_form(it.event, it.session, ann(**{"answer.first": "yes", "answer.why": HOSTILE}))
    assert response.status_code == 422
    page = Page(response)
    assert page.all("a", href="#answer-diet")
    assert page.all("select", id="answer-diet", **{"aria-invalid": "true"})
    assert page.all("option", value="yes")[0].keys() == {"value", "lang", "selected"}
    assert HOSTILE in page.text
    assert not page.all("script")
    assert list(every_booking(it.session.session_id)) == []


def test_json_names_each_answer_that_is_wrong_together_with_the_other_fields() -> None:
    it = asking()
    answers = {"diet": "meat", "first": "yes", "x": "y"}
    refused = book_by_json(it.event, it.session, ann(name="", answers=answers))
    assert sorted((error["pointer"], error["code"]) for error in refused.json_body["errors"]) == [
        ("/answers/diet", "answer"),
        ("/answers/first", "answer"),
        ("/answers/x", "unknown"),
        ("/name", "value"),
    ]


@pytest.mark.parametrize("answers", [[], "vegan", {"diet": 1}, {"diet": None}, {"diet": ["vegan"]}])
def test_answers_of_another_shape_are_refused(answers: object) -> None:
    it = asking()
    refused = book_by_json(it.event, it.session, ann(answers=answers))
    assert [error["pointer"].split("/")[1] for error in refused.json_body["errors"]] == ["answers"]


def test_json_hears_what_a_yes_or_no_is_there() -> None:
    it = asking()
    refused = book_by_json(it.event, it.session, ann(answers={"diet": "any", "first": "yes"}))
    assert [error["detail"] for error in refused.json_body["errors"]] == ["Answer true or false."]


def test_the_same_request_with_other_answers_is_another_request() -> None:
    it = asking()
    first = book_by_json(it.event, it.session, ann(answers={"diet": "any"}), Idempotency_Key="k")
    other = book_by_json(it.event, it.session, ann(answers={"diet": "vegan"}), Idempotency_Key="k")
    assert (first.status_code, other.status_code) == (201, 422)
    assert other.json_body["code"] == "idempotency_key_reused"


def test_a_form_on_which_answers_share_a_limit_says_so_and_names_the_longest() -> None:
    texts = tuple(Question(question_id=f"q{n}", kind="text", label="Why?") for n in range(5))
    shared = "Together your answers can have up to 4,000 characters."
    few, many = asking(questions=texts[:4]), asking(questions=texts)
    for it in (few, many):
        assert (shared in page_of(it).text) == (it is many)
        pasted = Page(get(f"/book/{it.event.slug}/{it.session.session_id}/embed"))
        assert (shared in pasted.text) == (it is many)
    two = {"answer.q0": "食" * 700, "answer.q1": "食" * 700}
    assert book_by_form(many.event, many.session, ann(**two)).status_code == 303
    all_long = {f"answer.q{n}": "食" * (900 + (n == 3)) for n in range(5)}
    refused = Page(book_by_form(many.event, many.session, ann(email="b@example.org", **all_long)))
    assert refused.all("a", href="#answer-q3")
    assert refused.all("textarea", id="answer-q3", **{"aria-invalid": "true"})
    assert "Shorten this. Together the answers can have at most 4,000 characters." in refused.text


def test_the_longest_booking_fits_into_one_form_and_a_hundred_of_them_into_one_reply() -> None:
    texts = tuple(Question(question_id=f"q{n:039}", kind="text", label="Why?") for n in range(20))
    for letter, counts in (("\U0001f35c", 2), ("食", 1), ('"', 1)):
        it = asking(questions=texts, places_per_booking_max=20)
        typed = {f"answer.{question.question_id}": letter * (200 // counts) for question in texts}
        sent = ann(name=letter * 80, places=20, guests=[letter * 80] * 19, **typed)
        assert book_by_form(it.event, it.session, sent).status_code == 303
        (booking,) = every_booking(it.session.session_id)
        view = booking_views(it.session, [booking])[0]
        # As Lambda sends it: JSON, as text in JSON that is ASCII.
        assert len(json.dumps(msgspec.json.encode(view).decode())) < 5_900_000 / SLICE_LENGTH_MAX


def test_no_public_reply_repeats_an_answer() -> None:
    it = asking()
    booked = book_by_json(it.event, it.session, ann(answers={"diet": "any", "why": "a secret"}))
    assert booked.status_code == 201
    assert b"secret" not in booked.body


def test_the_event_says_what_it_asks() -> None:
    it = asking()
    shown = get(f"/events/{it.event.slug}").json_body["questions"]
    assert [question["question_id"] for question in shown] == ["diet", "first", "why"]
