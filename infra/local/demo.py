"""The demo event, announced as an organiser would: through the admin API.

The towns are real; the curry houses, their addresses and their exact places are made up.
"""

import json
import urllib.error
import urllib.request
from typing import Any

from infra.local.places import Cannot

SLUG = "social-care-curry"
ORGANISER = "Social Care Curry"

_EVENT = {
    "slug": SLUG,
    "title": "Social Care Curry",
    "description": (
        "Join us for one evening in curry houses across the country. Everyone who cares about social care is "
        "welcome: people who use it, people who work in it, families and friends. Come as you are and meet "
        "your neighbours. Booking a place is free."
    ),
    "language": "en-GB",
    "organiser_name": ORGANISER,
    "contact": "hello@example.org",
    "privacy_url": "https://social-care-curry.example/privacy",
    "price": "You pay the restaurant",
    "session_noun": "dinner",
    "places_per_booking_max": 6,
    "questions": [
        {"question_id": "diet", "kind": "choice", "label": "What do you eat?",
         "choices": ["Anything", "Vegetarian", "Vegan", "Halal"], "sensitive": True},
        {"question_id": "needs", "kind": "text", "label": "Is there anything your host should know?",
         "sensitive": True},
    ],
    "return_urls": ["https://social-care-curry.example/thank-you"],
    "allowed_origins": ["https://social-care-curry.example"],
}  # fmt: skip
_DAY = "2027-09-05"
_LONDON = "Europe/London"

_DUBLIN = "Europe/Dublin"
_TO_BE_FOUND = (None, None)
"""Without a pin: the map finds the town by its name."""

# Town, curry house, address, (latitude, longitude), zone, start, end, capacity.
_SESSIONS = (
    ("Leeds", "Saffron Lane", "41 Otley Road, Headingley, Leeds LS6 3AB",
     (53.8213, -1.5786), _LONDON, "19:00", "22:00", 40),
    ("Hebden Bridge", "The Cardamom Pod", "7 Bridge Gate, Hebden Bridge HX7 8EX",
     (53.7415, -2.0136), _LONDON, "18:30", "21:30", 24),
    ("Norwich", "Namaste on the Lanes", "18 Pottergate, Norwich NR2 1DX",
     (52.6297, 1.2911), _LONDON, "19:00", "22:00", 30),
    ("Stockport", "Spice Viaduct", "112 Wellington Road South, Stockport SK1 3TJ",
     (53.4062, -2.1586), _LONDON, "19:30", "22:30", 36),
    ("Taunton", "The Tamarind Tree", "9 Station Road, Taunton TA1 1NH",
     (51.0204, -3.1023), _LONDON, "19:00", "21:30", 18),
    ("Kirkcaldy", "Bay of Bengal", "230 High Street, Kirkcaldy KY1 1LA",
     (56.1104, -3.159), _LONDON, "18:30", "21:30", 20),
    ("Wrexham", "Racecourse Balti", "55 Mold Road, Wrexham LL11 2AF",
     (53.0512, -3.0031), _LONDON, "19:00", "22:00", 28),
    ("Newry", "The Monsoon Room", "14 Merchants Quay, Newry BT35 6AL",
     (54.1763, -6.3401), _LONDON, "19:00", "22:00", 16),
    ("Margate", "Coconut & Clove", "3 Marine Drive, Margate CT9 1DH",
     (51.3886, 1.3775), _LONDON, "18:00", "21:00", 12),
    ("Hull", "Spice Quay", "6 Humber Dock Street, Hull HU1 1TB",
     _TO_BE_FOUND, _LONDON, "18:30", "21:30", 26),
    ("Inverness", "The Saffron Stag", "27 Church Street, Inverness IV1 1HE",
     (57.4781, -4.2274), _LONDON, "18:30", "21:30", 22),
    ("Aberystwyth", "Cardamom by the Sea", "5 Pier Street, Aberystwyth SY23 2LN",
     _TO_BE_FOUND, _LONDON, "19:00", "21:30", 20),
    ("Cork", "The English Market Masala", "11 Princes Street, Cork T12 W2R3",
     _TO_BE_FOUND, _DUBLIN, "19:00", "22:00", 24),
    ("Galway", "Corrib Curry House", "2 Quay Street, Galway H91 K5F4",
     (53.2707, -9.0541), _DUBLIN, "19:00", "22:00", 18),
    ("Vancouver", "Main Street Masala", "4188 Main Street, Vancouver, BC V5V 3P7",
     (49.2476, -123.101), "America/Vancouver", "18:00", "21:00", 32),
)  # fmt: skip

# Town, who booked, for how many: Margate is sold out, and few places are left in Taunton.
_BOOKED = (
    ("Margate", "Grace Obi", 6),
    ("Margate", "Tom Whitfield", 6),
    ("Taunton", "Asha Rahman", 6),
    ("Taunton", "Ben Fraser", 6),
    ("Taunton", "Dilys Evans", 3),
)


def seed(base_url: str, token: str) -> dict[str, str]:
    """Announce the demo event with its sessions; return its id, and its first session's.

    Raises Cannot if the API refuses any of it.
    """
    event_id = _post(f"{base_url}/admin/events", token, _EVENT)["event_id"]
    event = f"{base_url}/admin/events/{event_id}"
    sessions = {row[0]: _post(f"{event}/sessions", token, _session(*row))["session_id"] for row in _SESSIONS}
    _post(f"{event}/publish", token, {})
    for town, name, places in _BOOKED:
        party = {"name": name, "email": f"{name.lower().replace(' ', '.')}@example.org", "places": places}
        _post(f"{event}/sessions/{sessions[town]}/bookings", token, party)
    return {"event_id": event_id, "session_id": sessions[_SESSIONS[0][0]]}


def _session(
    town: str,
    venue: str,
    address: str,
    pin: tuple[float | None, float | None],
    zone: str,
    start: str,
    end: str,
    capacity: int,
) -> dict[str, Any]:
    latitude, longitude = pin
    return {
        "title": town,
        "venue": venue,
        "address": address,
        "latitude": latitude,
        "longitude": longitude,
        "zone": zone,
        "starts_local": f"{_DAY}T{start}:00",
        "ends_local": f"{_DAY}T{end}:00",
        "capacity": capacity,
    }


def _post(url: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer: dict[str, Any] = json.load(reply)
    except urllib.error.HTTPError as error:
        answer_of_api = f"{error.code} {error.read()!r}"
        raise Cannot(f"The demo event could not be created: {url} answered {answer_of_api}") from error
    return answer
