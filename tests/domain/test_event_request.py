"""domain/event_request.py: what an organiser may say about an event."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.event import Event
from chalicelib.domain.event_request import EventRequest, changed_event, new_event, read_event_request
from chalicelib.domain.refusals import Invalid

GOOD: dict[str, Any] = {"slug": "curry", "title": "Curry"}
EVENT = Event(
    event_id="eeee",
    organiser_id="oooo",
    slug="curry",
    title="Curry",
    status="published",
    opens_at=datetime(2027, 6, 1, tzinfo=UTC),
    reply_to="hosts@example.org",
    return_urls=("https://example.org/thanks",),
    version=4,
)
SEED = "5e" * 32
BESIDE: Any = {"now": datetime(2027, 5, 1, tzinfo=UTC), "line_seed": SEED}


def wrong(raw: object) -> list[tuple[str, str]]:
    """Where and how this is refused."""
    with pytest.raises(Invalid) as refused:
        read_event_request(raw)
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_a_slug_and_a_title_are_enough() -> None:
    event = new_event(read_event_request(GOOD), event_id="eeee", organiser_id="oooo", line_seed=SEED)
    assert event == Event(event_id="eeee", organiser_id="oooo", slug="curry", title="Curry", zones=())
    assert event.status == "draft"


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        *(
            ("slug", value, ("/slug", "value"))
            for value in ("", "a", "Curry", "-a", "a-", "a b", "ä-b", "a" * 61, None, 7)
        ),
        ("slug", "curry\n", ("/slug", "slug")),
        ("title", "", ("/title", "value")),
        ("title", "a" * 121, ("/title", "value")),
        ("title", None, ("/title", "value")),
        ("title", " \n ", ("/title", "empty")),
        ("title", "a\x7fb", ("/title", "character")),
        ("description", "a" * 4001, ("/description", "value")),
        ("description", "a\x1bb", ("/description", "character")),
        ("organiser_name", "a" * 121, ("/organiser_name", "value")),
        ("organiser_name", "", ("/organiser_name", "value")),
        ("organiser_name", " ", ("/organiser_name", "empty")),
        ("contact", "hello@", ("/contact", "address")),
        ("privacy_url", "http://example.org", ("/privacy_url", "url")),
        ("privacy_url", "javascript:alert(1)", ("/privacy_url", "url")),
        ("picture_url", "http://localhost:8000/curry.jpg", ("/picture_url", "url")),
        ("picture_url", "https://example.org/a b.jpg", ("/picture_url", "url")),
        ("picture_url", "data:image/png;base64,AAAA", ("/picture_url", "url")),
        ("accent_colour", "#ffd400", ("/accent_colour", "contrast")),
        ("price", "a" * 201, ("/price", "value")),
        ("price", "a\x1bb", ("/price", "character")),
        ("session_noun", None, ("/session_noun", "value")),
        ("session_noun", "a" * 31, ("/session_noun", "value")),
        ("language", "english", ("/language", "value")),
        ("language", "", ("/language", "value")),
        ("opens_at", "2027-06-01T09:00:00", ("/opens_at", "value")),
        ("opens_at", 1_800_000_000, ("/opens_at", "value")),
        ("opens_at", "9999-12-31T23:59:59-12:00", ("/opens_at", "year")),
        ("opens_at", "0001-01-01T00:00:00+12:00", ("/opens_at", "year")),
        ("places_per_booking_max", 0, ("/places_per_booking_max", "value")),
        ("places_per_booking_max", 21, ("/places_per_booking_max", "value")),
        ("places_per_booking_max", "6", ("/places_per_booking_max", "value")),
        ("places_per_booking_max", 2.5, ("/places_per_booking_max", "value")),
        ("reply_to", "nobody", ("/reply_to", "address")),
        ("reply_to", "ä@example.org", ("/reply_to", "address_not_ascii")),
        ("return_urls", "https://example.org", ("/return_urls", "value")),
        ("return_urls", ["https://a.example", "http://a.example"], ("/return_urls/1", "url")),
        ("return_urls", ["https://a.example/" + "a" * 500], ("/return_urls/0", "value")),
        ("return_urls", [f"https://a.example/{n}" for n in range(21)], ("/return_urls", "value")),
        ("allowed_origins", ["https://a.example/path"], ("/allowed_origins/0", "origin")),
        ("allowed_origins", ["*"], ("/allowed_origins/0", "url")),
        ("allowed_origins", ["null"], ("/allowed_origins/0", "url")),
        ("colour", "red", ("/colour", "unknown")),
        ("event_id", "mine", ("/event_id", "unknown")),
        ("status", "published", ("/status", "unknown")),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, where: tuple[str, str]) -> None:
    assert wrong({**GOOD, field: value}) == [where]


def test_all_wrong_fields_are_named_at_once() -> None:
    raw = {
        "title": "\x7f",
        "reply_to": "nobody",
        "return_urls": ["ftp://a.example", "https://b.example", "x"],
        "places_per_booking_max": 99,
    }
    assert sorted(pointer for pointer, _ in wrong(raw)) == [
        "/places_per_booking_max", "/reply_to", "/return_urls/0", "/return_urls/2", "/slug", "/title",
    ]  # fmt: skip


@pytest.mark.parametrize("raw", [None, [], "x", 1, True])
def test_what_is_no_object_is_refused(raw: object) -> None:
    assert wrong(raw) == [("", "type")]
    with pytest.raises(Invalid):
        changed_event(EVENT, raw, **BESIDE)


def test_booking_closes_after_it_opens() -> None:
    times = {"opens_at": "2027-06-01T10:00:00+01:00", "closes_at": "2027-06-01T09:00:00Z"}
    assert wrong({**GOOD, **times}) == [("/closes_at", "order")]
    read_event_request({**GOOD, **times, "closes_at": "2027-06-01T09:00:01Z"})


def test_the_same_url_twice_is_kept_once() -> None:
    origins = ["https://A.example", "https://a.example:443"]
    assert read_event_request({**GOOD, "allowed_origins": origins}).allowed_origins == ("https://a.example",)


def test_the_same_reminder_twice_is_kept_once() -> None:
    twice = ["two_hours_before", "two_hours_before"]
    assert read_event_request({**GOOD, "reminders": twice}).reminders == ("two_hours_before",)


# Merge patches


def wire(event: Event) -> dict[str, Any]:
    """The event's fields as JSON has them."""
    present = {name: getattr(event, name) for name in EventRequest.__struct_fields__}
    return dict(msgspec.json.decode(msgspec.json.encode(present)))


@given(st.sets(st.sampled_from(sorted(EventRequest.__struct_fields__))))
def test_a_patch_with_what_is_there_already_changes_nothing_but_the_version(names: set[str]) -> None:
    patch = {name: value for name, value in wire(EVENT).items() if name in names}
    assert changed_event(EVENT, patch, **BESIDE) == msgspec.structs.replace(EVENT, version=5)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "title": st.text("abc", min_size=1),
            "description": st.text("abc"),
            "opens_at": st.sampled_from([None, "2027-05-01T00:00:00Z"]),
            "reply_to": st.sampled_from([None, "other@example.org"]),
            "return_urls": st.lists(
                st.sampled_from(["https://a.example/", "https://b.example/"]), unique=True
            ),
        },
    )
)
def test_a_patch_changes_what_it_names_and_nothing_else(patch: dict[str, Any]) -> None:
    assert wire(changed_event(EVENT, patch, **BESIDE)) == {**wire(EVENT), **patch}


def test_an_address_for_replies_that_would_be_refused_today_is_in_no_other_change_s_way() -> None:
    old = msgspec.structs.replace(EVENT, reply_to="hosts@club.internal")
    changed = changed_event(old, {"title": "Soup"}, **BESIDE)
    assert (changed.title, changed.reply_to) == ("Soup", "hosts@club.internal")
    with pytest.raises(Invalid):
        changed_event(old, {"reply_to": "hosts@club.local"}, **BESIDE)


def test_null_takes_away_only_what_may_be_missing() -> None:
    assert changed_event(EVENT, {"opens_at": None, "reply_to": None}, **BESIDE).opens_at is None
    with pytest.raises(Invalid):
        changed_event(EVENT, {"title": None}, **BESIDE)
    with pytest.raises(Invalid):
        changed_event(EVENT, {"slug": "other"}, **BESIDE)


def test_how_often_an_address_may_book_is_not_lowered_under_people_who_booked() -> None:
    several = msgspec.structs.replace(EVENT, bookings_per_address_max=3)
    with pytest.raises(Invalid) as refused:
        changed_event(several, {"bookings_per_address_max": 2}, **BESIDE)
    assert [error.pointer for error in refused.value.errors] == ["/bookings_per_address_max"]
    assert changed_event(several, {"bookings_per_address_max": 4}, **BESIDE).bookings_per_address_max == 4
    draft = msgspec.structs.replace(several, status="draft")
    assert changed_event(draft, {"bookings_per_address_max": 1}, **BESIDE).bookings_per_address_max == 1


def test_a_queue_needs_an_opening_and_a_rate_that_a_table_can_take() -> None:
    assert wrong({**GOOD, "admission": "queue"}) == [("/opens_at", "missing")]
    for rate in (0, 5001, "many"):
        assert wrong({**GOOD, "admissions_per_second": rate}) == [("/admissions_per_second", "value")]
    assert wrong({**GOOD, "admission": "lottery"}) == [("/admission", "value")]


def test_a_seed_is_given_to_an_event_with_a_queue_and_can_not_be_sent() -> None:
    lined = {**GOOD, "admission": "queue", "opens_at": "2027-06-01T09:00:00Z"}
    event = new_event(read_event_request(lined), event_id="eeee", organiser_id="oooo", line_seed=SEED)
    assert event.line_seed == SEED
    assert wrong({**lined, "line_seed": SEED}) == [("/line_seed", "unknown")]


@pytest.mark.parametrize("field", ["organiser_name", "contact", "privacy_url", "price"])
def test_who_is_behind_a_draft_can_be_taken_away_again(field: str) -> None:
    event = msgspec.structs.replace(
        EVENT,
        status="draft",
        organiser_name="Hosts",
        contact="hosts@example.org",
        privacy_url="https://example.org/privacy",
        price="Free",
    )
    assert getattr(changed_event(event, {field: None}, **BESIDE), field) is None


def sentence_about(field: str, raw: object) -> str:
    with pytest.raises(Invalid) as refused:
        read_event_request(raw)
    (found,) = [error.detail for error in refused.value.errors if error.pointer == f"/{field}"]
    return found


def test_who_sends_a_status_hears_which_call_changes_it() -> None:
    said = "To change the status, send a POST to .../publish or .../cancel."
    assert sentence_about("status", {**GOOD, "status": "published"}) == said
    with pytest.raises(Invalid) as refused:
        changed_event(EVENT, {"status": "cancelled"}, **BESIDE)
    assert [error.detail for error in refused.value.errors] == [said]


@pytest.mark.parametrize("field", ["contact", "reply_to"])
@pytest.mark.parametrize("address", ["hello@curry.example", "hallö@example.org"])
def test_of_an_address_that_others_write_to_we_do_not_say_that_we_can_not_send_there(
    field: str, address: str
) -> None:
    said = sentence_about(field, {**GOOD, field: address})
    assert "We can't send" not in said
    assert said.endswith("Please use another address.")
