"""What a launch plan reckons with: how people come, what our code takes, and the limits AWS sets."""

from datetime import datetime

from msgspec import Struct

COME_AT_ONCE_SHARE, COME_WITHIN_SECONDS = 0.6, 4
"""How a crowd comes to an announced moment: this share of it, after so many seconds on average."""

SOLD_OUT_SECONDS = 2
"""In how long one session shall be sold, where everybody may book at once."""

IN_TURN_SECONDS = 100
"""In how long all places shall have been offered, where people book in turn."""

REFRESH_SECONDS = 10
"""How often the page of somebody who waits asks again."""

REQUESTS_IN_TURN = 3
"""Of somebody whose turn it is: the admission, the form, the booking."""

UNITS_PER_BOOKING = 10
"""Four, and what those waste who meet another at a counter: `make launch` holds it to so many."""

UNITS_PER_TRY = 4

UNEVEN = 1.2
"""So much more than the sum the table must take: keys fall unevenly on partitions, each with its limit."""

READ_UNITS_PER_GLANCE = 2
"""Of a look at four counters before the first try, as all take in a rush (store/availability.py)."""

WAIT_MS_PER_COUNTER = 4.2
"""How long a booking waits in a rush, on average: from nothing to five before its first try, a mean of 2.5
(store/outcomes.py); the rest is what those wait who meet another at a counter, spread over all."""

MORE_STARTED = 1 / 3
"""So many more processes may run than are kept started: those beyond begin with a cold start, and die out."""

TRIES_PER_BOOKING = 2
"""For how long a request lasts: one that meets another at a counter tries again."""

BOOKING_INSTRUCTIONS = 7_300_000
"""From the request to the reply (`make bench`)."""

LOOK_SECONDS = 2
"""How often, at most, each process reads anew what pages show (SHOWN_SECONDS in store/availability.py)."""

READ_UNITS_OF_EVENT = 1.5
"""Of the event and its sessions, at each such look (`make bench`: of the page, without its counters)."""

READ_UNITS_PER_COUNTER = 0.5
"""Of each counter of each session, at the same look: how many places are free (store/availability.py)."""

READ_UNITS_PER_POSITION = 9
"""More, at the same look, where people ask for their position in a queue (`make bench`)."""

MAIL_SECONDS = 0.25
"""Of a mailer for one mail, by bench/prices.toml: 48 million instructions and 7 round trips (`make bench`),
with one trip more: on launch day mails wait for their turn."""

MAILED_WITHIN_SECONDS = 600
"""How soon people should have their confirmation, for the rate that is worth asking for."""

API_MEMORY_MB = 1024

REQUESTS_PER_PROCESS_SECOND = 10
"""Lambda gives one process no more. Source: Lambda developer guide, "Lambda function scaling"."""

SCARCE_SHARE = 1 / 4
"""Of the concurrency that an account has left: an opening that takes less need not be kept from the rest."""

COLD_START_SECONDS = 0.9
"""How long a process takes to start (bench/launch/limits.toml). Meanwhile each request starts another one."""

KEPT_BACK = 100
"""Of an account's concurrency, for functions that reserve none. Source: the same, "Reserved concurrency"."""

OTHER_FUNCTIONS = 50
"""Processes for the stream, the fan-out, what SES says and the clock, beside the mailers."""

GATEWAY_PER_SECOND, GATEWAY_AT_ONCE = 10_000, 5_000
"""An account's; the second can't be asked for. Source: API Gateway developer guide, "Quotas"."""

WARM_WRITES, WARM_READS = 4_000, 12_000
"""A new on-demand table's. Source: DynamoDB developer guide, "Warm throughput"."""

MAILERS_MAX = 1000
"""How many may run side by side; Lambda takes no more (infra/resources/stack.yaml)."""

DEFAULTS = {
    "WarmWritesPerSecond": WARM_WRITES,
    "WarmReadsPerSecond": WARM_READS,
    "ReservedConcurrency": 0,
    "ProvisionedConcurrency": 0,
    "RequestsPerSecond": 2000,
    "RequestsBurst": 4000,
    "RequestsPerSourceFiveMinutes": 0,
    "MailersAtOnce": 2,
    "MailsPerSecond": 1,
    "MailsPerSourceHour": 100,
}
"""What the template has where nothing is said: an opening never needs less than what every day has."""

SHARING_AN_ADDRESS = 200
"""So many people at one network address, a school or an office, a firewall shall not refuse: a guess."""

BEHIND_A_CARRIER = 1 / 10
"""So many of all bookings may come from one address at which a phone network has its customers: a guess."""

MAILS_PER_SOURCE_MAX = 1000
"""Of confirmations in an hour; the template takes no more (infra/resources/stack.yaml)."""

REQUESTS_IN_FIVE_MINUTES, REQUESTS_IN_QUEUE_IN_FIVE_MINUTES = 10, 60
"""Of one of them, on the large side: page, form and tries; and looks while waiting."""

TABLE_UNITS = 40_000
"""The most write units a second of one table without asking, and as many read units.
Source: DynamoDB developer guide, "Quotas"."""

MAILS_PER_SECOND_MIN = 0.2
"""As the template wants it (infra/resources/stack.yaml)."""

SANDBOX_MAILS = 200
"""In 24 hours, of an account in SES's sandbox. Source: SES developer guide, "Request production access"."""

ANSWER_BYTES = 12_000
"""Of a page, with its headers, on the large side."""

REQUEST_GB_SECONDS = 0.04 * API_MEMORY_MB / 1024


class Asked(Struct, frozen=True, kw_only=True):
    """What is planned for; `python -m infra launch-plan --help` explains each."""

    people: int
    places: int
    opens_at: datetime
    sessions: int
    is_queue: bool
    mails_per_second: float
    mails_per_day: int
    lambda_concurrency: int
    requests_per_second: int
    table_units: int
    hours: float
    is_distributed: bool
    is_filtered: bool


class Figure(Struct, frozen=True):
    """A number, what it is, and the arithmetic that made it."""

    name: str
    value: str
    why: str
    to_ask: str = ""
    """What to give this command once the quota is granted, if more of it has to be asked for."""


class Figures(Struct, frozen=True, kw_only=True):
    """All of them; the template takes ``parameters``."""

    expected: list[Figure]
    settings: list[Figure]
    quotas: list[Figure]
    mails: list[Figure]
    parameters: dict[str, float]
