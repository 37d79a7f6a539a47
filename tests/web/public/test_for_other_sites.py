"""What any site may show of an event: its sessions as GeoJSON, as another program reads that."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse
from geojson_pydantic import FeatureCollection

from app import app
from chalicelib.domain.event import Event
from tests import making
from tests.engines import forget_process_state
from tests.web.browsing import ann, book_by_json, get, header, options, problem_code
from tests.web.conftest import NOW
from tests.web.refused import scene

pytestmark = pytest.mark.usefixtures("table")

ANYWHERE = "https://a-blog.example"


def path_of(event: Event) -> str:
    return f"/events/{event.slug}/sessions.geojson"


def features(event: Event) -> dict[str, Any]:
    """Return the features by their titles, once a library that knows the standard has taken them."""
    answer = get(path_of(event))
    assert header(answer, "Content-Type") == "application/geo+json"
    taken: FeatureCollection[Any] = FeatureCollection.model_validate_json(answer.body, strict=True)
    read = json.loads(answer.body)
    assert len(taken.features) == len(read["features"])
    return {feature["properties"]["title"]: feature for feature in read["features"]}


def head(path: str, **headers: str) -> HTTPResponse:
    return Client(app).http.request(
        "HEAD", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def test_a_session_is_a_point_with_its_longitude_first_and_what_a_map_says_of_it() -> None:
    it = scene()
    assert features(it.event)["Leicester"] == {
        "type": "Feature",
        "id": it.session.session_id,
        "geometry": {"type": "Point", "coordinates": [-1.1398, 52.6369]},
        "properties": {
            "session_id": it.session.session_id,
            "title": "Leicester",
            "town": "Leicester",
            "country": "GB",
            "venue": it.session.venue,
            "starts_at": "2027-09-05T19:00:00+01:00",
            "ends_at": "2027-09-05T22:00:00+01:00",
            "zone": "Europe/London",
            "places_left": "many",
            "bookable": True,
            "not_bookable": None,
            "url": f"https://book.example.org/v1/book/{it.event.slug}/{it.session.session_id}",
            "approximate": False,
        },
    }


def test_times_have_the_offset_of_their_own_zone_and_mean_the_same_instant() -> None:
    it = scene()
    making.make_session(it.event, title="Vancouver", zone="America/Vancouver")
    said = features(it.event)["Vancouver"]["properties"]
    assert (said["starts_at"], said["zone"]) == ("2027-09-05T19:00:00-07:00", "America/Vancouver")
    assert datetime.fromisoformat(said["starts_at"]) == datetime(2027, 9, 6, 2, tzinfo=UTC)


def test_a_session_without_a_pin_is_at_its_town_and_one_without_a_known_town_has_no_geometry() -> None:
    it = scene()
    for title in ("Leeds", "Who knows where"):
        making.make_session(it.event, title=title, latitude=None, longitude=None)
    found = features(it.event)
    longitude, latitude = found["Leeds"]["geometry"]["coordinates"]
    assert (round(longitude, 1), round(latitude, 1)) == (-1.5, 53.8)
    assert found["Leeds"]["properties"]["approximate"] is True
    assert found["Who knows where"]["geometry"] is None


def test_what_is_sold_out_cancelled_or_over_says_so() -> None:
    it = scene()
    making.make_session(it.event, title="Full", capacity=0)
    making.make_session(it.event, title="Off", status="cancelled")
    making.make_session(
        it.event,
        title="Over",
        starts_local=datetime(2027, 5, 1, 19),
        ends_local=datetime(2027, 5, 1, 22),
    )
    said = {title: feature["properties"] for title, feature in features(it.event).items()}
    assert {title: (one["bookable"], one["not_bookable"]) for title, one in said.items()} == {
        "Leicester": (True, None),
        "Full": (False, "sold_out"),
        "Off": (False, "cancelled"),
        "Over": (False, "closed"),
    }
    assert said["Full"]["places_left"] == "none"


@pytest.mark.parametrize("status", ["draft", None])
def test_an_event_that_is_not_published_has_no_map_and_every_script_may_read_that(
    status: str | None,
) -> None:
    path = f"/events/{scene(event={'status': status}).event.slug}" if status else "/events/nothing-here"
    refused = get(f"{path}/sessions.geojson", Origin=ANYWHERE)
    assert problem_code(refused) == ("not_published" if status else "not_found")
    assert header(refused, "Access-Control-Allow-Origin") == "*"


def test_it_may_be_kept_five_seconds_and_is_not_sent_again_unchanged() -> None:
    it = scene()
    first = get(path_of(it.event))
    tag = str(header(first, "ETag"))
    assert header(first, "Cache-Control") == "public, max-age=5"
    again = get(path_of(it.event), If_None_Match=f"W/{tag}")
    assert (again.status_code, again.body, header(again, "ETag")) == (304, b"", tag)
    for number in range(3):
        book_by_json(it.event, it.session, ann(places=6, email=f"ann{number}@example.org"))
    forget_process_state()
    assert header(get(path_of(it.event), If_None_Match=tag), "ETag") not in {tag, None}


def test_a_look_at_its_headers_gets_those_of_the_whole_and_no_body() -> None:
    it = scene()
    whole, looked = get(path_of(it.event)), head(path_of(it.event))
    assert (looked.status_code, looked.body) == (200, b"")
    assert looked.headers == whole.headers
    assert head(path_of(it.event), If_None_Match=str(header(whole, "ETag"))).status_code == 304


def test_scripts_of_every_site_may_read_it_and_ask_whether_it_has_changed() -> None:
    it = scene(event={"allowed_origins": ("https://curry.example",)})
    for answer in (get(path_of(it.event), Origin=ANYWHERE), head(path_of(it.event), Origin=ANYWHERE)):
        assert header(answer, "Access-Control-Allow-Origin") == "*"
        assert "ETag" in str(header(answer, "Access-Control-Expose-Headers"))
        assert header(answer, "Vary") is None, "one copy does for all"
    allowed = options(path_of(it.event), Origin=ANYWHERE, Access_Control_Request_Method="GET")
    assert allowed.status_code == 204
    assert header(allowed, "Access-Control-Allow-Origin") == "*"
    assert header(allowed, "Access-Control-Allow-Headers") == "If-None-Match"


def test_it_holds_nothing_that_only_organisers_see() -> None:
    it = scene()
    book_by_json(it.event, it.session, ann(name="Ann Archer"))
    making.make_session(it.event, title="Later", paused_until=NOW + timedelta(seconds=7))
    said = get(path_of(it.event)).body.decode()
    assert not [word for word in ("Archer", "capacity", "organiser_id", "example.org/thanks") if word in said]
