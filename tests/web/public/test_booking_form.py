from typing import Any

import pytest

from chalicelib.domain.booking import Party
from chalicelib.domain.event import Event
from chalicelib.domain.questions import Question
from chalicelib.domain.refusals import Invalid
from chalicelib.web.http.forms import read_form
from chalicelib.web.public.booking_form import (
    Wanted,
    booking_from_form,
    read_booking,
    read_return_url,
    with_outcome,
)

EVENT = Event(
    event_id="e", organiser_id="o", slug="curry", title="Curry",
    return_urls=("https://example.org/thanks", "https://example.org/thanks?from=form"),
)  # fmt: skip
DIET = Question(question_id="diet", kind="text", label="Diet", sensitive=True)
WHY = Question(question_id="why", kind="text", label="Why?")
PETS = Question(question_id="pets", kind="yes_no", label="Can you sit near a dog?", sensitive=True)


def wrong_with(call: Any, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        call(*args, **kwargs)
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_a_form_is_read_as_the_browser_meant_it() -> None:
    body = b"name=Zo%C3%AB+O%27Neill&email=zoe%40example.org&places=3&guests=Al&guests=&guests=Bo&consent=on"
    assert booking_from_form(read_form(body), ()) == Wanted(
        Party(name="Zoë O'Neill", address="zoe@example.org", places=3, guests=("Al", "Bo")), admission=None
    )


def test_a_form_without_a_field_for_places_means_one() -> None:
    form = read_form(b"name=Zoe&email=zoe@example.org&consent=1")
    assert booking_from_form(form, ()).party.places == 1


def test_a_form_that_leaves_the_places_empty_is_asked_how_many() -> None:
    form = read_form(b"name=Zoe&email=zoe@example.org&consent=1&places=")
    assert wrong_with(booking_from_form, form, ()) == [("/places", "value")]


@pytest.mark.parametrize("ticked", ["on", "true", "1", "YES"])
def test_every_way_a_browser_ticks_a_box_is_consent(ticked: str) -> None:
    form = read_form(f"name=Zoe&email=zoe@example.org&consent={ticked}&answer.diet=Halal")
    assert booking_from_form(form, (DIET,)).party.answers == {"diet": "Halal"}


NOT_TICKED = pytest.mark.parametrize("consent", ["", "&consent=", "&consent=false", "&consent=0"])


@NOT_TICKED
def test_an_answer_that_tells_of_health_or_belief_takes_a_ticked_box(consent: str) -> None:
    form = read_form(f"name=Zoe&email=zoe@example.org{consent}&answer.diet=Halal")
    assert wrong_with(booking_from_form, form, (DIET,)) == [("/consent", "consent")]


@NOT_TICKED
@pytest.mark.parametrize("answer", ["", "&answer.diet=", "&answer.diet=%20", "&answer.why=Hunger"])
def test_nothing_else_takes_a_ticked_box(consent: str, answer: str) -> None:
    form = read_form(f"name=Zoe&email=zoe@example.org{consent}{answer}")
    assert booking_from_form(form, (DIET, WHY)).party.name == "Zoe"


def test_json_needs_consent_where_a_form_does_and_may_always_send_it() -> None:
    raw = {"name": "Zoe", "email": "zoe@example.org"}
    for consent in ({}, {"consent": False}, {"consent": True}):
        assert read_booking(raw | consent, (DIET,)).party.name == "Zoe"
    with_diet = {**raw, "answers": {"diet": "Halal"}}
    assert wrong_with(read_booking, with_diet, (DIET,)) == [("/consent", "consent")]
    assert read_booking({**with_diet, "consent": True}, (DIET,)).party.answers == {"diet": "Halal"}
    refusing = {**raw, "answers": {"pets": False}}
    assert wrong_with(read_booking, refusing, (PETS,)) == [("/consent", "consent")]


def test_an_empty_form_names_everything_that_is_missing() -> None:
    assert wrong_with(booking_from_form, read_form(b""), ()) == [
        ("/name", "missing"), ("/email", "missing"),
    ]  # fmt: skip


def test_errors_of_shape_and_of_sense_are_named_together() -> None:
    raw = {"name": "www.buy-this.com", "email": "nonsense", "places": 0, "answers": {"diet": "Halal"}}
    assert sorted(wrong_with(read_booking, raw, (DIET,))) == [
        ("/consent", "consent"), ("/email", "address"), ("/name", "name"), ("/places", "value"),
    ]  # fmt: skip


def test_json_with_a_misspelt_field_is_refused_but_a_form_may_have_fields_of_its_own() -> None:
    raw = {"name": "Zoe", "email": "zoe@example.org", "consent": True, "colour": "red"}
    assert wrong_with(read_booking, raw, ()) == [("/colour", "unknown")]
    form = read_form(b"name=Zoe&email=zoe@example.org&consent=on&colour=red&submit=Go")
    assert booking_from_form(form, ()).party.name == "Zoe"


@pytest.mark.parametrize("name", ["name", "email", "places", "consent", "website", "idempotency_key"])
def test_a_field_that_can_only_be_one_is_refused_when_it_comes_twice(name: str) -> None:
    form = read_form(f"name=Zoe&email=z@example.org&places=1&consent=on&website=&idempotency_key=k&{name}=x")
    assert wrong_with(booking_from_form, form, ()) == [(f"/{name}", "repeated")]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "https://example.org/thanks/",
        "https://example.org/thanks#x",
        "https://example.org/thanks?from=form&x=1",
        "https://example.org.evil.example/thanks",
        "https://example.org@evil.example/thanks",
        "//example.org/thanks",
        "HTTPS://example.org/thanks",
        "javascript:alert(1)",
        "/thanks",
    ],
)
def test_only_an_address_listed_to_the_letter_may_be_returned_to(elsewhere: str) -> None:
    assert wrong_with(read_return_url, EVENT, {"return_url": (elsewhere,)}) == [("/return_url", "return_url")]


def test_a_listed_address_may_be_returned_to_and_none_at_all_means_our_own_page() -> None:
    assert read_return_url(EVENT, {"return_url": ("https://example.org/thanks",)}) == EVENT.return_urls[0]
    assert read_return_url(EVENT, {"return_url": ("",)}) is None
    assert read_return_url(EVENT, {}) is None


def test_the_outcome_joins_the_query_of_the_page_returned_to() -> None:
    assert with_outcome("https://example.org/thanks", "booked") == "https://example.org/thanks?turnout=booked"
    assert with_outcome("https://e.org/a?x=1#end", "booked") == "https://e.org/a?x=1&turnout=booked#end"
