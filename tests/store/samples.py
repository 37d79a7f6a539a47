"""What test_stored_items.py stores: once with a value in every field, once with as little as there may be."""

from datetime import UTC, datetime

import msgspec

from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Organiser, Token
from chalicelib.domain.questions import Question
from chalicelib.domain.queue import LatePoint, Queue
from chalicelib.domain.session import Earlier, PromisedWords, Session

OPENS_AT = datetime(2027, 6, 1, 9, 30, tzinfo=UTC)
CLOSES_AT = datetime(2027, 9, 4, 18, 0, 5, 250_000, tzinfo=UTC)

WHOLE_EVENT = Event(
    event_id="eeee",
    organiser_id="oooo",
    slug="soup-night",
    title="Süßer Soup Night",
    description="Bring a bowl.\nAnd a spoon.",
    language="en-GB",
    status="published",
    opens_at=OPENS_AT,
    closes_at=CLOSES_AT,
    places_per_booking_max=8,
    bookings_per_address_max=2,
    questions=(
        Question(question_id="diet", kind="choice", label="Diät?", required=True, choices=("None", "Vegan")),
        Question(question_id="note", kind="text", label="Anything else?"),
    ),
    reply_to="soup@example.org",
    return_urls=("https://example.org/thanks", "https://example.org/danke"),
    allowed_origins=("https://example.org",),
    admission="queue",
    admissions_per_second=75,
    line_seed="5e" * 32,
    organiser_name="Ludlow Neighbours",
    contact="01584 960123",
    privacy_url="https://example.org/privacy",
    price="You pay the restaurant",
    session_noun="supper",
    reminders=("day_before", "two_hours_before"),
    cancellation_reason="The kitchen has flooded.",
    version=3,
)
SPARSE_EVENT = Event(event_id="eeee", organiser_id="oooo", slug="soup-night", title="Soup Night")

WHOLE_SESSION = Session(
    session_id="ssss",
    event_id="eeee",
    organiser_id="oooo",
    title="Ludlow",
    venue="The Ladle",
    address="1 Broad Street, Ludlow",
    latitude=52.3675,
    longitude=-2.0,
    town="Ludlow",
    country="GB",
    zone="Europe/London",
    starts_local=datetime(2027, 9, 5, 19),
    ends_local=datetime(2027, 9, 5, 21, 30, 15),
    capacity=40,
    counters=2,
    closes_at=CLOSES_AT,
    status="closed",
    sequence=4,
    sequence_at=OPENS_AT,
    last_change=("time", "place"),
    quiet_changes=1,
    change_note="We are next door.",
    pin_told=(52.3676, -2.0),
    words_told=PromisedWords(
        zone="Europe/London",
        starts_local=datetime(2027, 9, 5, 18),
        ends_local=datetime(2027, 9, 5, 21),
        venue="The Spoon",
        address="2 Broad Street, Ludlow",
    ),
    earlier=(
        Earlier(
            sequence=3,
            until=OPENS_AT,
            zone="Europe/London",
            starts_local=datetime(2027, 9, 5, 18),
            ends_local=datetime(2027, 9, 5, 21),
            venue="The Spoon",
            address="2 Broad Street, Ludlow",
            latitude=52.3676,
            longitude=-2.0,
        ),
    ),
    cancellation_reason="The kitchen has flooded.",
    paused_until=CLOSES_AT,
    version=9,
)
SPARSE_SESSION = Session(
    session_id="ssss",
    event_id="eeee",
    organiser_id="oooo",
    title="Ludlow",
    venue="The Ladle",
    address="1 Broad Street, Ludlow",
    zone="Europe/London",
    starts_local=datetime(2027, 9, 5, 19),
    ends_local=datetime(2027, 9, 5, 21),
    capacity=40,
    counters=2,
)

SPARSE_BOOKING = Booking(
    session_id="ssss",
    key="k" * 32,
    booking_id="b" * 24,
    event_id="eeee",
    organiser_id="oooo",
    status="confirmed",
    version=1,
    name="Ada",
    address="ada@example.org",
    places=1,
    idempotency_key="once",
    fingerprint="f" * 32,
    created_at=OPENS_AT,
    changed_at=OPENS_AT,
    mailed_at=OPENS_AT,
)
WHOLE_BOOKING = msgspec.structs.replace(
    SPARSE_BOOKING,
    status="moved",
    version=5,
    name="Zoë",
    places=3,
    guests=("Bob", "Çem"),
    answers={"diet": "Vegan", "parking": True},
    ordinal=1,
    source="network-hash",
    moved_to="m" * 32,
    arrivals=(
        Arrival(nonce="scan-1", places=2, at=CLOSES_AT, token_id="tttt", where="Front door", arrived=2),
    ),
    undone_nonces=("scan-0",),
    arrivals_version=3,
    shown=0,
    allocation={"0": 2, "1": 1},
    changed_at=CLOSES_AT,
)

WHOLE_QUEUE = Queue(
    number=12.25,
    rate=75,
    at=OPENS_AT,
    up_to=500,
    early=320,
    late=(LatePoint(OPENS_AT, 4), LatePoint(CLOSES_AT, 9)),
    round_number=300,
    round_sold=250,
    off_at=CLOSES_AT,
    version=6,
)
SPARSE_QUEUE = Queue(rate=50, at=OPENS_AT)

ORGANISER = Organiser(organiser_id="oooo", name="Social Care Curry", created_at=OPENS_AT)
TOKEN = Token(
    token_id="tttt",
    organiser_id="oooo",
    name="Front door",
    role="door",
    scope="session:eeee:ssss",
    token_hash="0" * 64,
    created_at=OPENS_AT,
    expires_at=CLOSES_AT,
)
