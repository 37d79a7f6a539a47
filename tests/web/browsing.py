"""What a browser or a script does with our routes, and what is then on the page."""

import json
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalice.test import Client, HTTPResponse

from app import app
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html,*/*;q=0.8"}

_http = Client(app).http


def get(path: str, **headers: str) -> HTTPResponse:
    """GET a path, or a full link of ours."""
    return _http.get(_path(path), headers=_dashed(headers))


def post(path: str, body: bytes, **headers: str) -> HTTPResponse:
    """POST this body to a path with no headers but these."""
    return _http.post(_path(path), headers=_dashed(headers), body=body)


def options(path: str, **headers: str) -> HTTPResponse:
    """Ask as a browser asks before it lets another site's script through."""
    return _http.options(_path(path), headers=_dashed(headers))


def bookings_path(event: Event, session: Session) -> str:
    """Return where this session is booked."""
    return f"/events/{event.slug}/sessions/{session.session_id}/bookings"


def ann(**changes: Any) -> dict[str, Any]:
    """Return what Ann sends to book two places."""
    return {"name": "Ann Archer", "email": "ann@example.org", "places": 2, "consent": True, **changes}


def book_by_json(event: Event, session: Session, body: object, **headers: str) -> HTTPResponse:
    """POST JSON."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    all_headers = {"Content-Type": "application/json", **_dashed(headers)}
    return _http.post(bookings_path(event, session), headers=all_headers, body=sent)


def book_by_form(event: Event, session: Session, fields: dict[str, Any] | bytes) -> HTTPResponse:
    """POST a form. A consent of False is a box that isn't ticked: it isn't sent."""
    if isinstance(fields, dict):
        sent = {name: value for name, value in fields.items() if value is not False}
        sent = {name: "true" if value is True else value for name, value in sent.items()}
        fields = urlencode(sent, doseq=True).encode()
    return _http.post(bookings_path(event, session), headers=FORM, body=fields)


def ask_again(event: Event, session: Session, address: str) -> HTTPResponse:
    """POST the form that asks for an email again."""
    path = f"/book/{event.slug}/{session.session_id}/again"
    return _http.post(path, headers=FORM, body=urlencode({"email": address}).encode())


def press(url: str) -> HTTPResponse:
    """Press the button of a form without fields."""
    return _http.post(_path(url), headers=FORM, body=b"")


def header(response: HTTPResponse, name: str) -> str | None:
    """Return a header, however it is spelled."""
    return {key.lower(): value for key, value in response.headers.items()}.get(name.lower())


def problem_code(response: HTTPResponse) -> str:
    """Return the code of the refusal that this is."""
    assert header(response, "Content-Type") == "application/problem+json"
    code = json.loads(response.body)["code"]
    assert isinstance(code, str)
    return code


class Page(HTMLParser):
    """A page as a browser reads it: its tags, its text, its form's fields."""

    def __init__(self, response: HTTPResponse) -> None:
        super().__init__()
        assert header(response, "Content-Type") == "text/html; charset=utf-8"
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._unseen = 0
        self.feed(response.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        # A browser runs no script of this type.
        is_data = tag == "script" and attributes.get("type") == "application/ld+json"
        self.tags.append(("data" if is_data else tag, attributes))
        self._unseen += tag in {"style", "script"}

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.text += " ".join(data.split()) + " "

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Return the attributes of every such tag."""
        return [have for name, have in self.tags if name == tag and attributes.items() <= have.items()]

    def field(self, name: str) -> str | None:
        """Return the value of the one field with this name, or None if there is no such field."""
        inputs = self.all("input", name=name)
        return inputs[0].get("value", "") if inputs else None

    def link(self, part: str) -> str:
        """Return the one link that holds this."""
        (found,) = {have["href"] for have in self.all("a") if part in have.get("href", "")}
        return found


def _path(url: str) -> str:
    # API Gateway takes the stage off the path before we see it.
    parts = urlsplit(url)
    path = parts.path.removeprefix("/v1") if parts.netloc else parts.path
    return f"{path}?{parts.query}" if parts.query else path


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
