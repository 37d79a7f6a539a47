"""A crowd that books through the front door, and does what people do when no answer comes, or a bad one."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from chalicelib.domain.ids import booking_key
from chalicelib.domain.links import BookingAddress, sign_link
from chalicelib.domain.signing import TokenSecret
from infra.local.demo import SLUG
from tests import privacy
from tests.e2e.stack import Reply, Stack

TRIES_MAX = 60
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Person(Struct, frozen=True):
    """One of the crowd: what they want, and how they go about it."""

    number: int
    session_id: str
    places: int
    by_form: bool
    hangs_up: bool
    """Goes away before the first answer comes, and asks again with the same key."""
    asks_twice: bool
    """Sends the same request again although it was answered."""
    cancels: bool

    @property
    def address(self) -> str:
        """Where they are mailed."""
        return f"person-{self.number}@crowd.example.org"

    @property
    def key(self) -> str:
        """Their Idempotency-Key."""
        return f"key-of-person-{self.number}"


class Crowd:
    """All of them, and every answer that they got."""

    def __init__(self, stack: Stack, key_secret: bytes, token_secret: TokenSecret) -> None:
        self._stack = stack
        self._key_secret = key_secret
        self._token_secret = token_secret
        self._table = stack.client("dynamodb")
        self.answers: list[Reply] = []
        self.booked: dict[Person, str] = {}
        """Who was told that they have a place, and with JSON: under which reference."""
        self.cancelled: list[Person] = []
        self.refused: Counter[str] = Counter()
        self.failed: list[str] = []

    def come(self, people: list[Person], *, at_once: int) -> None:
        """Let all of them book, so many at a time."""
        waiting = iter(people)
        taking = threading.Lock()

        def next_one() -> Iterator[Person]:
            while True:
                with taking:
                    person = next(waiting, None)
                if person is None:
                    return
                yield person

        def run() -> None:
            for person in next_one():
                try:
                    self._book(person)
                except Exception as error:  # noqa: BLE001  # the test says so, from its own thread
                    self.failed.append(f"{person}: {error!r}")

        threads = [threading.Thread(target=run) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _book(self, person: Person) -> None:
        if person.hangs_up:
            self._hang_up(person)
        reply = self.until_answered(lambda: self._ask(person))
        if reply.status == 409:
            self.refused[reply.json["code"] if not person.by_form else "a form"] += 1
            return
        assert reply.status == (303 if person.by_form else 201), (reply.status, reply.text)
        self.booked[person] = "" if person.by_form else reply.json["reference"]
        if person.asks_twice:
            again = self.until_answered(lambda: self._ask(person))
            assert again.status == reply.status, (again.status, again.text)
            assert person.by_form or again.json == {**reply.json, "replayed": True}
        if person.cancels:
            link = self._link(person)
            gone = self.until_answered(lambda: self._post(f"/manage/{link}/cancel", "", FORM))
            assert gone.status == 303, (gone.status, gone.text)
            self.cancelled.append(person)

    def until_answered(self, ask: Callable[[], Reply]) -> Reply:
        """Ask again until the answer is one; return that. All are kept."""
        for _ in range(TRIES_MAX):
            reply = ask()
            self.answers.append(reply)
            if reply.status < 500:
                return reply
            time.sleep(0.2)
        raise AssertionError(f"nothing but {reply.status} in {TRIES_MAX} tries: {reply.text}")

    def _ask(self, person: Person) -> Reply:
        return self._post(*self._request(person))

    def _request(self, person: Person) -> tuple[str, str, dict[str, str]]:
        path = f"/events/{SLUG}/sessions/{person.session_id}/bookings"
        wanted = {"name": f"Wilma Crowd {person.number}", "email": person.address, "places": person.places}
        if person.by_form:
            fields = {**wanted, "consent": "true", "website": "", "idempotency_key": person.key}
            return path, urlencode(fields), FORM
        headers = {"Content-Type": "application/json", "Idempotency-Key": person.key}
        return path, json.dumps({**wanted, "consent": True}), headers

    def _post(self, path: str, body: str, headers: dict[str, str]) -> Reply:
        return self._stack.request("POST", path, body, headers)

    def _hang_up(self, person: Person) -> None:
        path, body, headers = self._request(person)
        privacy.remember_request(body)
        url = urlsplit(self._stack.notes["base_url"] + path)
        connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=60)
        connection.request("POST", url.path, body, headers)
        connection.close()

    def _link(self, person: Person) -> str:
        """Return the link that is in this person's mail, whenever that comes."""
        key = booking_key(self._key_secret, person.session_id, person.address)
        partition = f"BOOKINGS#{person.session_id}#"
        # Straight from the table, and not through the proxy before it.
        for h in "0123456789abcdef":
            found = self._table.get_item(
                TableName=self._stack.notes["table"],
                Key={"PK": {"S": partition + h}, "SK": {"S": f"BOOKING#{key}"}},
            )
            if "Item" in found:
                where = BookingAddress(person.session_id, key, found["Item"]["booking_id"]["S"])
                return sign_link(self._token_secret, "manage", where, datetime.now(UTC) + timedelta(days=1))
        raise AssertionError(f"{person} was told of a booking, and there is none")
