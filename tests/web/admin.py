"""An organiser with a token, and what it sends."""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from chalice.test import Client, HTTPResponse

from app import app
from chalicelib.actions.people.create_organiser import create_organiser
from chalicelib.domain.ids import new_id, token_hash
from chalicelib.domain.organiser import Role, Token, token_text
from chalicelib.store.table import TokenItem
from tests.making import FACE
from tests.web.conftest import NOW

_http = Client(app).http

EVENT = {"slug": "social-care-curry", "title": "Social Care Curry", **FACE}

SESSION = {
    "title": "Leicester",
    "venue": "The Copper Pot",
    "address": "12 Example Street, Leicester",
    "latitude": 52.6369,
    "longitude": -1.1398,
    "zone": "Europe/London",
    "starts_local": "2027-09-05T19:00:00",
    "ends_local": "2027-09-05T22:00:00",
    "capacity": 30,
}


class Admin:
    """Calls the admin endpoints with a token; None sends no Authorization at all."""

    def __init__(self, token: str | None) -> None:
        self.token = token

    @property
    def organiser_id(self) -> str:
        """Whose token this is."""
        assert self.token is not None
        return self.token.split("_")[1]

    @property
    def token_id(self) -> str:
        """Which of its organiser's tokens this is."""
        assert self.token is not None
        return self.token.split("_")[2]

    def send(self, method: str, path: str, body: object = None, /, **headers: str) -> HTTPResponse:
        """Send this request; ``body`` goes as JSON, unless it is bytes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            named["Authorization"] = f"Bearer {self.token}"
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if sent:
            named.setdefault("Content-Type", "application/json")
        return _http.request(
            method, path.removeprefix("https://book.example.org/v1"), headers=named, body=sent
        )

    def get(self, path: str, **headers: str) -> HTTPResponse:
        """GET."""
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> HTTPResponse:
        """POST."""
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: object, **headers: str) -> HTTPResponse:
        """PATCH, at the version that is there now unless If_Match says another."""
        headers.setdefault("If_Match", self.get(path).headers.get("ETag", "*"))
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HTTPResponse:
        """DELETE."""
        return self.send("DELETE", path, None, **headers)

    def new_event(self, **changes: Any) -> str:
        """Create an event and return where it is."""
        answer = self.post("/admin/events", {**EVENT, **changes})
        assert answer.status_code == 201, answer.body
        return f"/admin/events/{answer.json_body['event_id']}"

    def new_session(self, event: str, **changes: Any) -> str:
        """Create a session of the event that is there, and return where it is."""
        answer = self.post(f"{event}/sessions", {**SESSION, **changes})
        assert answer.status_code == 201, answer.body
        return f"{event}/sessions/{answer.json_body['session_id']}"


def new_admin(*, now: datetime | None = None) -> Admin:
    """Create an organiser, now or at another time."""
    return Admin(
        create_organiser(
            "Social Care Curry",
            now=now or NOW,
            organiser_id=new_id(secrets.token_bytes(10)),
            token_id=new_id(secrets.token_bytes(10)),
            secret=new_id(secrets.token_bytes(15)),
        )
    )


def another_token(
    admin: Admin,
    *,
    role: Role = "organiser",
    scope: str = "organiser",
    name: str = "Another token",
    token_id: str | None = None,
) -> Admin:
    """Give the organiser one more token, with a role and a scope."""
    text = token_text(
        admin.organiser_id, token_id or new_id(secrets.token_bytes(10)), new_id(secrets.token_bytes(15))
    )
    now = NOW
    token = Token(
        token_id=text.split("_")[2],
        organiser_id=admin.organiser_id,
        name=name,
        role=role,
        scope=scope,
        token_hash=token_hash(text),
        created_at=now,
        expires_at=now + timedelta(days=365),
    )
    TokenItem(
        f"ORG#{token.organiser_id}",
        f"TOKEN#{token.token_id}",
        **{name: getattr(token, name) for name in Token.__struct_fields__},
    ).save()
    return Admin(text)


def problem(answer: HTTPResponse) -> tuple[int, str]:
    """Return the status and the code of the refusal that this is."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.body
    assert answer.json_body["status"] == answer.status_code
    return answer.status_code, answer.json_body["code"]


def pointers(answer: HTTPResponse) -> list[str]:
    """Return which fields were wrong."""
    assert problem(answer) == (422, "invalid"), answer.body
    return sorted(error["pointer"] for error in answer.json_body["errors"])
