"""The simulation's table beside DynamoDB Local: what the product really sends is answered alike by both."""

import json
from collections import Counter
from contextlib import suppress
from typing import Any
from unittest import mock

import msgspec
import pytest
from botocore.httpsession import URLLib3Session

from bench.launch.engine import Engine, item_bytes, perform
from bench.launch.expressions import Item, Scope, Unreadable, condition
from bench.launch.updates import update
from bench.wire import call_of
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes, hints
from chalicelib.store.bookings import every_booking
from chalicelib.store.events import find_session, sessions_of
from chalicelib.store.lately import cached_event_by_slug
from chalicelib.store.owed_mail import owe_mail_again
from tests.making import MADE_AT, booking_for, make_event, make_session

_send = URLLib3Session.send
_SAYS_NOTHING = {"message", "consumedcapacity"}


class Twins:
    """Sends each request on, performs it on the engine too, and keeps where they differ."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.compared: Counter[str] = Counter()
        self.refused = 0
        self.differences: list[tuple[Any, Any, Any]] = []

    def send(self, http: URLLib3Session, request: Any) -> Any:
        service, operation = call_of(request)
        answer = _send(http, request)
        if service == "dynamodb" and operation != "DescribeTable":
            body, real = json.loads(request.body), json.loads(answer.content)
            ours = msgspec.to_builtins(perform(self.engine, operation, body))
            self.compared[operation] += 1
            self.refused += answer.status_code != 200
            if (answer.status_code, _plain(real)) != (ours[0], _plain(ours[1])):
                self.differences.append((body, real, ours))
        return answer


def _plain(value: Any) -> Any:
    """Return an answer without what carries no meaning: order of sets and batches, wording, empty parts."""
    if isinstance(value, dict):
        plain = {name: _plain(held) for name, held in value.items() if name.lower() not in _SAYS_NOTHING}
        return {name: held for name, held in plain.items() if held not in ({}, None)}
    if isinstance(value, list):
        plain_ones = [_plain(one) for one in value]
        # Reasons stand in the order of what was asked.
        return plain_ones if any("Code" in one for one in value) else sorted(plain_ones, key=_in_order)
    return value


def _in_order(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def test_both_answer_alike_to_all_that_launch_day_sends(dynamodb_local: Any) -> None:
    twins = Twins()
    with mock.patch.object(URLLib3Session, "send", lambda http, request: twins.send(http, request)):  # noqa: PLW0108  # it binds http
        _launch_day()
    assert twins.differences == []
    assert twins.refused >= 4
    assert twins.compared.keys() >= {
        "TransactWriteItems",
        "GetItem",
        "BatchGetItem",
        "UpdateItem",
        "PutItem",
        "Query",
    }


def _launch_day() -> None:
    """Book, refuse, repeat, cancel, resize and close a session."""
    event = make_event()
    session = make_session(event, capacity=60)
    cached_event_by_slug(event.slug)
    cached_event_by_slug("nobody-has-this")
    first = booking_for(session, "ada", places=3, request="one")
    capacity.take(session, first)
    owe_mail_again(first, MADE_AT, source="")
    capacity.take(session, booking_for(session, "ada", places=3, request="two"))
    capacity.take(session, booking_for(session, "ben", places=1), other_keys=[first.key])
    capacity.take(session, booking_for(session, "ben", request="one"), other_keys=[first.key])
    capacity.give_back(first, MADE_AT)
    capacity.take(session, booking_for(session, "ada", places=2, request="three"))
    session = capacity_changes.resize(session, 70)
    for number in range(40):
        if number % 10 == 0:
            hints.forget()
        with suppress(Refusal):
            capacity.take(session, booking_for(session, f"guest{number}", places=1 + number % 4))
    assert len(list(every_booking(session.session_id))) > 20
    session = capacity_changes.close(session)
    hints.forget()
    with suppress(Refusal):
        capacity.take(session, booking_for(session, "late"))
    assert find_session(event.event_id, session.session_id) == session
    assert isinstance(sessions_of(event.event_id, consistent=False)[0], Session)


@pytest.mark.parametrize("text", ["#a ** :b", "#a.#b = :c", "attribute_type(#a, :b)", "#a = :b :c"])
def test_an_expression_that_the_model_does_not_know_is_not_guessed(text: str) -> None:
    with pytest.raises((Unreadable, KeyError)):
        condition(text)(Scope({}, {}, {}))


def test_an_update_leaves_the_item_before_it_alone() -> None:
    before: Item = {"free": {"N": "5"}, "takers": {"BS": ["YQ=="]}}
    values: Item = {":one": {"N": "1"}, ":who": {"BS": ["Yg=="]}}
    after = update("SET free = free - :one ADD takers :who")(Scope(before, {}, values))
    assert after == {"free": {"N": "4"}, "takers": {"BS": ["YQ==", "Yg=="]}}
    assert before == {"free": {"N": "5"}, "takers": {"BS": ["YQ=="]}}


def test_an_items_size_counts_names_and_values() -> None:
    assert item_bytes({"PK": {"S": "é"}, "n": {"N": "123"}, "on": {"BOOL": True}}) == (2 + 2) + (1 + 3) + (
        2 + 1
    )
