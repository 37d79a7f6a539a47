"""What the counts are to be at most. ``make bench`` names those that are not, and fails."""

from typing import TYPE_CHECKING

from bench.callgrind import Instructions

if TYPE_CHECKING:
    from bench.scene import Played

START_SHARES_MAX = {
    "APIHandler": 0.8,
    "Authorizer": 0.7,
    "BookingStream": 0.7,
    "Mailer": 0.7,
    "MailFeedback": 0.7,
    "Clock": 0.7,
}
"""Of what ``boto3.client("dynamodb")`` takes, how much a function may take until its client is ready."""

BOOKING_TIMES_MAX = 2.0
"""How many bare signed TransactWriteItems a booking may take, from the request to the reply."""

MAIL_TIMES_MAX = 12.0
"""How many of them a mail may take, ticket and calendar entry included: some 60 million instructions."""

MAIL_TRIPS_MAX = 7
"""How often a mail that need not wait may ask the table: its lease, what it says, whether its address is
suppressed, its recipient's count and its source's, that it begins, and that it is sent."""

TICK_TRIPS_MAX = 60
"""How often the clock may ask the table in a minute in which five hundred sessions rest."""

MANY_TRIPS_MAX = 10
"""How often a page, or the figures, of an event with five hundred sessions may ask the table."""

MANY_READ_MAX = 100
"""How many units that page may read, every two seconds in each process while people look at it."""

ITEM_BYTES_MAX = 1_024
"""What one write unit writes: a booking's item has to be below, with its guests and two usual answers."""

LISTED_UNITS_MAX = 8
"""What the stream may write of a booking: that its session is to be recounted, and where to find it by its
reference and by six names."""

WITHOUT_A_REQUEST = ("sold_out", "not_open", "page")
"""What is answered, warm, without asking the table."""


def missed(played: "Played", boto3: int, instructions: dict[str, Instructions]) -> list[str]:
    """Return what is more than it should be, a sentence each."""
    found = []
    steps = played.steps
    booking = steps["book"]
    if (booking.written, booking.read, booking.trips("dynamodb")) != (4, 0, 1):
        found.append("A warm booking is not 4 write units, 0 read units and 1 round trip.")
    if played.large_booking_bytes >= ITEM_BYTES_MAX:
        found.append(f"A booking for six with two answers is {ITEM_BYTES_MAX:,} bytes or more.")
    if steps["stream"].written > LISTED_UNITS_MAX:
        found.append(f"Listing a booking takes more than {LISTED_UNITS_MAX} write units.")
    found += [
        f"{step} is not answered from memory."
        for step in WITHOUT_A_REQUEST
        if steps[step].trips("dynamodb") > 0
    ]
    api = instructions["APIHandler"]
    assert api.yardstick is not None
    if api.warm["book"] > BOOKING_TIMES_MAX * api.yardstick:
        found.append(f"A booking takes more than {BOOKING_TIMES_MAX:g} signed calls.")
    if instructions["Mailer"].warm["mail"] > MAIL_TIMES_MAX * api.yardstick:
        found.append(f"A mail takes more than {MAIL_TIMES_MAX:g} signed calls.")
    if steps["mail"].trips("dynamodb") > MAIL_TRIPS_MAX:
        found.append(f"A mail takes more than {MAIL_TRIPS_MAX} round trips.")
    if steps["tick_many"].trips("dynamodb") > TICK_TRIPS_MAX:
        found.append(
            f"A minute with five hundred sessions at rest takes more than {TICK_TRIPS_MAX} round trips."
        )
    found += [
        f"The answer to {step} takes more than {MANY_TRIPS_MAX} round trips."
        for step in ("page_of_many", "figures_of_many")
        if steps[step].trips("dynamodb") > MANY_TRIPS_MAX
    ]
    if steps["page_of_many"].read > MANY_READ_MAX:
        found.append(f"The page of five hundred sessions takes more than {MANY_READ_MAX} read units.")
    found += [
        f"{name} starts with {instructions[name].start / boto3:.2f} of the bare client, more than {most}."
        for name, most in START_SHARES_MAX.items()
        if instructions[name].start > most * boto3
    ]
    return found
