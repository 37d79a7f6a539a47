"""Made-up values, by the name of a field: what the examples of answers are put together from.

A field that is not named here gets something of its type, so a new one needs no entry of its own. Our own
addresses begin with BASE_URL, which stands for the deployment's.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import inspect

from chalicelib.web.http.describe import BASE_URL
from chalicelib.web.public.again import ANSWER

EVENT_ID = "k5vnq2xw7ytb3mfd"
SESSION_ID = "hlghprhcng45mtz7"
TOKEN_ID = "q4wz6n2dkx7ravye"  # a token's name opens nothing
BOOKING_ID = "rfmsouif3k7xq2nbt5vwyc4d"
BOOKING_KEY = "d3hxq7mzk5vnt2wyrbfc4ulgpo6saeji"
REFERENCE = BOOKING_ID[:8].upper()
NONCE = "scan-1"
SLUG = "soup-week"

_PERSON = "u6tq3mzkx7ravyewn2dblchfpi"
QUEUE_TICKET = f"{EVENT_ID}.{_PERSON}.1811840340000.k1.d3hxq7mzk5vnt2wyrbfc4ulgpo6saeji"

_ADMIN_EVENT = BASE_URL + "/admin/events/" + EVENT_ID
_CHECK_IN = f"{_ADMIN_EVENT}/sessions/{SESSION_ID}/bookings/{BOOKING_KEY}.{BOOKING_ID}/check-ins/{NONCE}"
_MOMENT = "2027-06-01T09:00:00Z"

_VALUES: dict[str, Any] = {
    "event_id": EVENT_ID,
    "session_id": SESSION_ID,
    "token_id": TOKEN_ID,
    "booking_id": BOOKING_ID,
    "reference": REFERENCE,
    "slug": SLUG,
    "title": "Soup Week",
    "SessionView.title": "Ludlow",
    "description": "Soup, bread and neighbours.",
    "language": "en",
    "status": "published",
    "SessionView.status": "open",
    "BookingReply.status": "confirmed",
    "BookingView.status": "confirmed",
    "venue": "The Ladle",
    "address": "1 Broad Street, Ludlow",
    "BookingView.email": "ada@example.org",
    "BookingView.address": "ada@example.org",
    "name": "Ada Okafor",
    "guests": ["Sam"],
    "places": 2,
    "latitude": 52.3676,
    "longitude": -2.7178,
    "town": "Ludlow",
    "country": "GB",
    "located": {
        "town": "Ludlow",
        "country": "GB",
        "latitude": 52.3676,
        "longitude": -2.7178,
        "approximate": False,
    },
    "SessionFeature.id": SESSION_ID,
    "coordinates": [-2.7178, 52.3676],
    "FeatureProperties.title": "Ludlow",
    "FeatureProperties.url": f"{BASE_URL}/book/{SLUG}/{SESSION_ID}",
    "FeatureProperties.starts_at": "2099-09-05T19:00:00+01:00",
    "FeatureProperties.ends_at": "2099-09-05T21:00:00+01:00",
    "FeatureProperties.approximate": False,
    "zone": "Europe/London",
    "starts_at": "2099-09-05T18:00:00Z",
    "ends_at": "2099-09-05T20:00:00Z",
    "starts_local": "2099-09-05T19:00:00",
    "ends_local": "2099-09-05T21:00:00",
    "opens_at": _MOMENT,
    "closes_at": "2099-09-05T18:00:00Z",
    "booking_closes_at": "2099-09-05T18:00:00Z",
    "places_left": "some",
    "bookable": True,
    "not_bookable": None,
    "replayed": False,
    "capacity": 40,
    "places_free": 12,
    "places_per_booking_max": 6,
    "reply_to": "hello@example.org",
    "return_urls": ["https://www.example.org/thanks"],
    "allowed_origins": ["https://www.example.org"],
    "organiser_name": "Ludlow Neighbours",
    "contact": "hello@example.org",
    "privacy_url": "https://www.example.org/privacy",
    "picture_url": "https://www.example.org/soup.jpg",
    "accent_colour": "#1d4f91",
    "price": "Free. Bring a bowl.",
    "session_noun": "supper",
    "reminders": ["day_before"],
    "counter": ["hosts", "towns", "booked", "places_left"],
    "CounterView.words": "14 hosts, 9 towns, 74 booked, 25 places left",
    "CounterView.hosts": 14,
    "CounterView.towns": 9,
    "CounterView.booked": 74,
    "CounterView.places_left": 25,
    "public_url": f"{BASE_URL}/events/{SLUG}",
    "page_url": f"{BASE_URL}/book/{SLUG}",
    "SessionView.page_url": f"{BASE_URL}/book/{SLUG}/{SESSION_ID}",
    "embed_url": f"{BASE_URL}/book/{SLUG}/{SESSION_ID}/embed",
    "links": {
        "self": f"{BASE_URL}/events/{SLUG}",
        "page": f"{BASE_URL}/book/{SLUG}",
        "geojson": f"{BASE_URL}/events/{SLUG}/sessions.geojson",
        "counter": f"{BASE_URL}/events/{SLUG}/counter",
    },
    "SessionView.links": {
        "bookings": f"{BASE_URL}/events/{SLUG}/sessions/{SESSION_ID}/bookings",
        "again": f"{BASE_URL}/events/{SLUG}/sessions/{SESSION_ID}/again",
        "page": f"{BASE_URL}/book/{SLUG}/{SESSION_ID}",
        "map": "https://www.openstreetmap.org/?mlat=52.367600&mlon=-2.717800#map=17/52.367600/-2.717800",
    },
    "BookingInTrouble.status": "confirmed",
    "BookingInTrouble.email": "ada@example.org",
    "BookingInTrouble.address": "ada@example.org",
    "BookingInTrouble.url": f"{_ADMIN_EVENT}/sessions/{SESSION_ID}/bookings/{BOOKING_KEY}.{BOOKING_ID}",
    "remedies": ["correct_address"],
    "BookingView.url": f"{_ADMIN_EVENT}/sessions/{SESSION_ID}/bookings/{BOOKING_KEY}.{BOOKING_ID}",
    "BookingView.source": "q7xv2nbt",
    "SourceView.source": "q7xv2nbt",
    "SourceView.bookings": 20,
    "SourceView.places": 120,
    "SourceView.last_at": "2027-06-01T09:10:00Z",
    "SourceView.bounced": 18,
    "SourceView.looked_at": 20,
    "SourceList.more": 3,
    "LeftBooking.booking": f"{BOOKING_KEY}.{BOOKING_ID}",
    "LeftBooking.why": "changed_meanwhile",
    "BulkCancelled.cancelled": 18,
    "BulkCancelled.places": 108,
    "question_id": "bread",
    "kind": "choice",
    "label": "Which bread do you bring?",
    "choices": ["Rye", "None"],
    "answers": {"bread": "Rye"},
    "arrived": 1,
    "moved_to": None,
    "booked": 14,
    "came": 21,
    "cancelled": 2,
    "Totals.places": 28,
    "SessionFigures.places": 28,
    "AnswerSum.answer": "Rye",
    "AnswerSum.bookings": 9,
    "AnswerSum.places": 16,
    "MailView.kind": "confirmation",
    "MailView.state": "delivered",
    "MailView.reason": None,
    "ArrivalView.places": 1,
    "ArrivalView.url": _CHECK_IN,
    "CheckInView.url": _CHECK_IN,
    "CheckInView.checked_in": 1,
    "where": "Front door",
    "TokenView.name": "Front door",
    "TokenView.role": "door",
    "TokenView.session_id": None,
    "NewTokenView.name": "Front door",
    "NewTokenView.role": "door",
    "NewTokenView.token": f"turnout_{EVENT_ID}_{TOKEN_ID}_{BOOKING_ID}",
    "NewTokenView.session_id": None,
    "TokenView.links": {"event": _ADMIN_EVENT, "sessions": _ADMIN_EVENT + "/sessions"},
    "NewTokenView.links": {"event": _ADMIN_EVENT, "sessions": _ADMIN_EVENT + "/sessions"},
    "ticket": QUEUE_TICKET,
    "early": True,
    "AgainReply.message": ANSWER,
    "AdmissionReply.admission": f"{EVENT_ID}.{_PERSON}.1811840700000.k1.7mzkd3hxq5vnt2wyrbfc4ulgpo6saeji",
    "admission": "open",
    "admissions_per_second": 50,
    "QueueView.now": "2027-06-01T09:00:30Z",
    "QueueView.number": 0.0,
    "QueueView.rate": 50,
    "QueueView.at": _MOMENT,
    "QueueView.up_to": 5000,
    "QueueView.early": 20_000,
    "QueueView.sold_out": False,
    "QueueView.seed_hash": "6f4b",
    "QueueView.seed": None,
    "PositionView.state": "waiting",
    "PositionView.number": 2304,
    "PositionView.serving": 1500,
    "PositionView.ahead": 804,
    "PositionView.estimate_seconds": 17,
    "PositionView.ask_again_seconds": 4,
    "approximate": True,
    "over": False,
    "paused": False,
    "paused_until": None,
    "change_note": None,
    "cancellation_reason": None,
    "next_cursor": None,
}

_OF_TYPE: Sequence[tuple[type[inspect.Type], Any]] = (
    (inspect.BoolType, False),
    (inspect.IntType, 1),
    (inspect.FloatType, 1.5),
    (inspect.StrType, "text"),
    (inspect.DateTimeType, _MOMENT),
    (inspect.NoneType, None),
    (inspect.DictType, {}),
)


def sample(kind: Any) -> Any:
    """Return an example of this type (a struct, a list of them...) as JSON has it."""
    return _sample(inspect.type_info(kind))


def sample_after(kind: Any, sent: dict[str, Any], shows: dict[str, Any]) -> Any:
    """Return an example of the answer to a call that sent this, and after which it shows that."""
    example = sample(kind)
    if not isinstance(example, dict):
        return example
    example |= {name: value for name, value in (sent | shows).items() if name in example}
    return _with_slug(example, example["slug"]) if "slug" in sent else example


def _with_slug(example: dict[str, Any], slug: str) -> dict[str, Any]:
    """Return an event's example with this slug in its links too."""
    renamed = {name: text.replace(SLUG, slug) for name, text in example.items() if isinstance(text, str)}
    return example | renamed


def _sample(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StructType(fields=fields):
            value: Any = {field.encode_name: _field(kind.cls, field) for field in fields}
        case inspect.LiteralType(values=values):
            value = values[0]
        case inspect.ListType(item_type=inner) | inspect.VarTupleType(item_type=inner):
            value = [_sample(inner)]
        case inspect.UnionType(types=types):
            value = _sample(next(inner for inner in types if not isinstance(inner, inspect.NoneType)))
        case inspect.Metadata(type=inner):
            value = _sample(inner)
        case _:
            value = next((value for known, value in _OF_TYPE if isinstance(kind, known)), None)
    return value


def _field(owner: type, field: inspect.Field) -> Any:
    # A struct that extends another has what that one says of its fields.
    said_by = [f"{struct.__name__}.{field.encode_name}" for struct in owner.__mro__]
    for name in (*said_by, field.encode_name):
        if name in _VALUES:
            return _VALUES[name]
    return _sample(field.type)
