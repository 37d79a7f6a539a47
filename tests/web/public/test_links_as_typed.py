import json

import pytest

from tests.web.browsing import ann, book_by_json, get, header, post
from tests.web.refused import scene

pytestmark = pytest.mark.usefixtures("table")

BASE_URL = "https://book.example.org/v1"


@pytest.mark.parametrize("ending", ["", ".", ")", " ", ".)", "'", ">"])
@pytest.mark.parametrize("inner", ["", "/done", "/embed"])
def test_a_link_in_capitals_or_with_the_end_of_its_sentence_leads_to_the_page(
    ending: str, inner: str
) -> None:
    it = scene()
    typed = f"/book/{it.event.slug.upper()}/{it.session.session_id.upper()}{ending}{inner}"
    answer = get(typed)
    assert answer.status_code == 308
    assert header(answer, "Location") == f"{BASE_URL}/book/{it.event.slug}/{it.session.session_id}{inner}"
    assert get(header(answer, "Location") or "").status_code == 200


def test_an_event_named_in_capitals_is_found_by_people_and_by_programs_with_what_they_asked() -> None:
    it = scene()
    for where in ("/book/", "/events/"):
        answer = get(f"{where}{it.event.slug.title()}?refresh=off&name=A%26B")
        assert header(answer, "Location") == f"{BASE_URL}{where}{it.event.slug}?refresh=off&name=A%26B"
        assert header(answer, "Access-Control-Allow-Origin") == "*"


def test_a_booking_sent_to_an_address_in_capitals_is_sent_on_with_its_body() -> None:
    it = scene()
    sent = f"/events/{it.event.slug.upper()}/sessions/{it.session.session_id}/bookings"
    body = json.dumps(ann()).encode()
    answer = post(sent, body, Content_Type="application/json")
    assert (answer.status_code, header(answer, "Location")) == (
        308,
        f"{BASE_URL}/events/{it.event.slug}/sessions/{it.session.session_id}/bookings",
    )
    assert book_by_json(it.event, it.session, ann()).status_code == 201


@pytest.mark.parametrize(
    "slug", ["no-such-event", "...", "%0d%0aX-Evil%3a%20yes", "a%0d%0aX-Evil:%20yes", "NO%2FWAY"]
)
def test_what_leads_nowhere_ends_in_one_page_that_says_so_and_no_header_is_made_of_it(slug: str) -> None:
    answer = get(f"/book/{slug}")
    if answer.status_code == 308:
        location = header(answer, "Location") or ""
        assert location.startswith(f"{BASE_URL}/book/")
        assert not {"\r", "\n"} & set(location)
        answer = get(location)
    assert answer.status_code == 404
    assert "X-Evil" not in answer.headers


def test_a_place_in_a_queue_keeps_the_capitals_of_its_ticket() -> None:
    it = scene()
    answer = get(f"/book/{it.event.slug.upper()}/queue/AbC.dEf")
    assert header(answer, "Location") == f"{BASE_URL}/book/{it.event.slug}/queue/AbC.dEf"


def test_a_place_in_a_queue_is_found_with_the_end_of_its_sentence() -> None:
    it = scene()
    answer = get(f"/book/{it.event.slug}/queue/AbC.dEf).")
    assert header(answer, "Location") == f"{BASE_URL}/book/{it.event.slug}/queue/AbC.dEf"
