"""Five hundred people book while the table and the queues misbehave in every way that AWS knows.

Whatever was answered, lost, slow or refused in between: in the end each place that was promised is a row,
each row's places are taken from counters, and each row has had its mail.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from chalicelib.domain.signing import TokenSecret
from chalicelib.store.sent_mail import LEASE_MILLISECONDS
from infra.local.places import STAGE
from tests import privacy
from tests.e2e.crowd import Crowd, Person
from tests.e2e.microburst import Fault, Microburst, microburst
from tests.e2e.stack import Stack, eventually

PEOPLE = 500
CAPACITIES = (900, 120, 60)
"""The last two are too small for all who want them."""

REST_SECONDS_MAX = 150

EVERYWHERE = ("unwell", "slow", "hung up", "answer lost")

# How often by how often it is asked for: all must hit, and none so often that nothing else happens.
FAULTS = [
    *(
        Fault("dynamodb", operation, kind, passing)
        for operation, passing in [
            ("TransactWriteItems", 53),
            ("GetItem", 101),
            ("UpdateItem", 199),
            ("BatchGetItem", 23),
            ("Query", 37),
            ("PutItem", 3),
        ]
        for kind in ("table throttled", *EVERYWHERE)
    ),
    Fault("dynamodb", "TransactWriteItems", "conflict", 13),
    *(
        Fault("sqs", operation, kind, passing)
        for operation, passing in [("SendMessageBatch", 29), ("GetQueueAttributes", 3)]
        for kind in ("queue throttled", *EVERYWHERE)
    ),
]


class Weathered(Struct):
    """What came of it."""

    stack: Stack
    crowd: Crowd
    people: list[Person]
    sessions: tuple[str, ...]
    hits: dict[Fault, int]
    items: list[dict[str, Any]]
    mails: Counter[tuple[str, str]]
    """(booking, kind): how many mails."""
    metrics: Counter[str]


@pytest.fixture(scope="module")
def weathered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weathered]:
    """Let them come, until all is quiet again and nothing is owed."""
    stack = Stack(tmp_path_factory.mktemp("weathered"), proxied=True)
    proxy_at = {"port": stack.ports["STORE_PORT"], "upstream_port": stack.ports["AWS_PORT"]}
    with microburst(**proxy_at, log=stack.build / "microburst.log") as proxy:
        stack.start()
        lines_before = len(privacy.lines)
        came = _come_and_settle(stack, proxy)
        stack.stop()
        came.metrics = _metrics(privacy.lines[lines_before:])
        yield came


def _come_and_settle(stack: Stack, proxy: Microburst) -> Weathered:
    sessions = tuple(stack.new_session(capacity=capacity) for capacity in CAPACITIES)
    _shorten_visibility(stack)
    crowd = Crowd(stack, *_secrets(stack))
    people = [_person(number, sessions) for number in range(PEOPLE)]
    proxy.misbehave(FAULTS)
    crowd.come(people, at_once=8)
    hits = _let_the_rest_hit(stack, crowd, proxy)
    proxy.behave()
    eventually(lambda: _is_quiet(stack, sessions), "end of what is owed", seconds=400)
    mails = Counter(
        (mail.tags["booking_id"], mail.tags["kind"])
        for mail in stack.inbox.mails()
        if mail.tags["session_id"] in sessions
    )
    items = _items(stack)
    return Weathered(stack, crowd, people, sessions, hits, items, mails, Counter())


def _person(number: int, sessions: tuple[str, ...]) -> Person:
    session_id = sessions[0 if number % 5 < 3 else number % 5 - 2]
    return Person(
        number=number,
        session_id=session_id,
        places=1 + number % 3,
        by_form=number % 7 == 1,
        # Only where all find room: elsewhere the forgotten request might succeed after the next was refused.
        hangs_up=number % 11 == 2 and session_id == sessions[0],
        asks_twice=number % 4 == 3,
        cancels=number % 9 == 4,
    )


def _secrets(stack: Stack) -> tuple[bytes, TokenSecret]:
    def parameter(name: str) -> str:
        held = stack.client("ssm").get_parameter(Name=f"/turnout/{STAGE}/{name}", WithDecryption=True)
        value: str = held["Parameter"]["Value"]
        return value

    tokens = json.loads(parameter("token-secret"))
    current = tokens["current"]
    secret = TokenSecret(current, bytes.fromhex(tokens["secrets"][current]))
    return bytes.fromhex(parameter("key-secret")), secret


def _shorten_visibility(stack: Stack) -> None:
    """Let a message whose mailer failed come back as soon as its lease is over, not twice as late."""
    sqs = stack.client("sqs")
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if "-MailQueue-" in url]
    seconds = str(LEASE_MILLISECONDS // 1000 + 3)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": seconds})


def _let_the_rest_hit(stack: Stack, crowd: Crowd, proxy: Microburst) -> dict[Fault, int]:
    """Do what only an organiser and the clock do, until each fault has hit; return how often each did.

    The clock looks at the queue once something is owed for a minute. Not before has every fault had its turn.
    """
    deadline = time.monotonic() + REST_SECONDS_MAX
    number = 0
    while (waiting := _operations_not_hit(proxy)) and time.monotonic() < deadline:
        number += 1
        if "PutItem" in waiting:
            _describe_event(stack, crowd, f"Number {number}.")
        if waiting != {"PutItem"}:
            stack.tick()
            time.sleep(1)
    return proxy.hits(FAULTS)


def _operations_not_hit(proxy: Microburst) -> set[str]:
    return {fault.operation for fault, hits in proxy.hits(FAULTS).items() if not hits}


def _describe_event(stack: Stack, crowd: Crowd, description: str) -> None:
    event = f"/admin/events/{stack.notes['event_id']}"
    tag = crowd.until_answered(lambda: stack.organiser("GET", event)).headers["etag"]
    headers = {"Authorization": f"Bearer {stack.notes['token']}", "Content-Type": "application/json"}
    body = json.dumps({"description": description})
    changed = stack.request("PATCH", event, body, {**headers, "If-Match": tag})
    crowd.answers.append(changed)
    assert changed.status in {200, 412, 503}, changed.text


def _items(stack: Stack) -> list[dict[str, Any]]:
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.notes["table"])
    return [item for page in pages for item in page["Items"]]


def _is_quiet(stack: Stack, sessions: tuple[str, ...]) -> bool:
    """Return whether all mails are settled; if not, tick the clock, so that it finds what is lost."""
    time.sleep(2)
    items = _items(stack)
    lines = {
        (item["PK"]["S"].removeprefix("NOTICE#"), item["SK"]["S"]): item["state"]["S"]
        for item in items
        if item["PK"]["S"].startswith("NOTICE#")
    }
    owed = {
        (item["booking_id"]["S"], f"{_kind(item)}#{item['version']['N']}")
        for item in _bookings(items, sessions)
    }
    unsettled = {"sending", "postponed"}
    open_ = [notice for notice in owed if lines.get(notice, "sending") in unsettled]
    if open_:
        stack.tick()
    return not open_


def _kind(item: dict[str, Any]) -> str:
    return "confirmation" if item["status"]["S"] == "confirmed" else "cancellation"


def _bookings(items: list[dict[str, Any]], sessions: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        item
        for item in items
        if item["PK"]["S"].startswith("BOOKINGS#") and item["session_id"]["S"] in sessions
    ]


def _metrics(lines: list[str]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for line in lines:
        if '"_aws"' in line:
            fields = json.loads(line[line.index("{") :])
            sums[fields["message"]] += fields[fields["message"]]
    return sums


def test_everybody_got_an_answer_and_none_was_a_bare_error(weathered: Weathered) -> None:
    assert weathered.crowd.failed == []
    bad = [answer for answer in weathered.crowd.answers if answer.status >= 500]
    odd = [answer for answer in bad if answer.status != 503 or "retry-after" not in answer.headers]
    assert [(answer.status, answer.text[:200]) for answer in odd if answer.status != 504] == []
    answered = len(weathered.crowd.booked) + weathered.crowd.refused.total()
    assert answered == PEOPLE
    assert set(weathered.crowd.refused) <= {"sold_out", "a form"}
    assert weathered.crowd.refused["sold_out"] > 0


def test_each_kind_of_fault_hit_each_operation(weathered: Weathered) -> None:
    assert [fault for fault, hits in weathered.hits.items() if hits == 0] == []


def test_each_promise_is_a_row_and_each_row_was_promised(weathered: Weathered) -> None:
    rows = _bookings(weathered.items, weathered.sessions)
    by_address = {row["address"]["S"]: row for row in rows}
    assert len(by_address) == len(rows), "nobody has two"
    assert set(by_address) == {person.address for person in weathered.crowd.booked}
    for person, told in weathered.crowd.booked.items():
        row = by_address[person.address]
        assert int(row["places"]["N"]) == person.places
        assert row["booking_id"]["S"].upper().startswith(told)
    cancelled = {row["address"]["S"] for row in rows if row["status"]["S"] == "cancelled"}
    assert cancelled == {person.address for person in weathered.crowd.cancelled}
    assert cancelled


@pytest.mark.parametrize("number", range(len(CAPACITIES)))
def test_what_confirmed_rows_took_is_what_the_counters_miss(weathered: Weathered, number: int) -> None:
    session_id, capacity = weathered.sessions[number], CAPACITIES[number]
    taken: dict[str, int] = defaultdict(int)
    for row in _bookings(weathered.items, (session_id,)):
        allocation = {name: int(places["N"]) for name, places in row["allocation"]["M"].items()}
        assert sum(allocation.values()) == int(row["places"]["N"])
        if row["status"]["S"] == "confirmed":
            for name, places in allocation.items():
                taken[name] += places
    counters = [item for item in weathered.items if item["PK"]["S"].startswith(f"POOL#{session_id}#all#")]
    assert sum(int(counter["capacity"]["N"]) for counter in counters) == capacity
    for counter in counters:
        name = counter["PK"]["S"].rpartition("#")[2]
        assert int(counter["free"]["N"]) == int(counter["capacity"]["N"]) - taken[name] >= 0


def test_each_row_has_its_mail_and_second_copies_are_those_that_were_counted(weathered: Weathered) -> None:
    rows = _bookings(weathered.items, weathered.sessions)
    owed = {(row["booking_id"]["S"], _kind(row)) for row in rows}
    # Who cancelled before the confirmation went out is not told to come first.
    may_come = owed | {(row["booking_id"]["S"], "confirmation") for row in rows}
    assert owed <= set(weathered.mails) <= may_come
    copies = weathered.mails.total() - len(weathered.mails)
    assert copies <= weathered.metrics["MailSentAgain"]
    assert weathered.metrics["MailsFailed"] == weathered.metrics["InvariantDrift"] == 0


def test_the_metrics_that_this_relies_on_were_read(weathered: Weathered) -> None:
    assert weathered.metrics["Bookings"] > 0
