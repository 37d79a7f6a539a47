"""What no client of ours sends: by hand, and what it takes to see that it did no harm."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from botocore.client import BaseClient
from chalice.test import HTTPResponse

from chalicelib.web.http import sources
from infra.apidoc.calls import Call
from tests.web.admin import Admin
from tests.web.browsing import header
from tests.web.example_scene import JSON, Scene, described_call

SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}",
    "</textarea></style><svg onload=alert(1)>",
    "javascript:alert(1)",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x.example")')
HEADERS = (
    "Ann\r\nBcc: victim@example.net",
    "ann@example.org\nBcc: victim@example.net",
    "ann@example.org, victim@example.net",
    "ann@example.org\r\n\r\nhello",
    "=?utf-8?q?=0D=0ABcc:_victim@example.net?=",
    "Ann\u2028BEGIN:VEVENT",
    "Ann\nEND:VCALENDAR",
)
ODD = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202eevil",
    "\ufffd",
    "é" * 41,
    "\U0001f35b" * 80,
    "%00",
    "../..",
)
HUGE = ("a" * 79, "a" * 81, "a" * 255, "a" * 301, "a" * 4001, "a" * 60_000)
TIMES = ("0000-00-00T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2027-02-30T10:00:00Z",
         "2027-09-05T19:00:00+99:99", "-2027-09-05T19:00:00", "2099-09-05")  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, -1e308, 10**15, 2**53, 2**63, -(2**63), 10**30, [], {}, [[]],
    [None], {"a": {"b": {}}}, ["a"] * 200, [{"x": 1}], {"=1+1": "<b>"},
)  # fmt: skip
TEXTS = (*SCRIPTS, *FORMULAS, *HEADERS, *ODD, *HUGE, *TIMES)
VALUES = (*TEXTS, *WRONG, *([text] for text in (*SCRIPTS[:2], *FORMULAS[:2], *HEADERS[:2], *ODD[:5])))

BODIES = (
    b"", b"{", b"}", b"[]", b"null", b"0", b'"x"', b"\xff\xfe", b'{"name": "\xff"}', b"\x00", b"{}" * 2,
    b'{"a": NaN}', b'{"a": 1e999}', b'{"a": 1, "a": 2}', b'{"\\u0000": 1}', b'{"a": "\\ud800"}',
    b"[" * 3000, b'{"a":' * 3000, b" " * 65_536 + b"{}", b'{"a": "' + b"x" * 65_500 + b'"}',
    b'{"__proto__": {}, "constructor": 1}', b"\xef\xbb\xbf{}", b"'{}'", b"a=b", b"<xml/>",
)  # fmt: skip
FORMS = (
    b"", b"&" * 300, b"=", b"%", b"%zz=%zz", b"name=%ff", b"name=a&name=b", b"name=%00", b"a" * 70_000,
    b"name=Ann&email=ann%40example.org&consent=on&places=-1", b"places=1e3&name=%0d%0aBcc:x",
    b"name=Ann&email=ann%40example.org&consent=on&return_url=https://evil.example/",
    b"name=Ann&email=ann%40example.org&consent=on&idempotency_key=%0d%0aSet-Cookie:x",
    b"name=Ann&email=ann%40example.org&consent=on&answer.=x&answer.__class__=x", b'{"name": "Ann"}',
    "name=Zoë&email=é@é".encode("latin-1"),
)  # fmt: skip
CONTENT_TYPES = (
    None, "", "text/plain", "multipart/form-data; boundary=x", "application/xml",
    "application/json; charset=utf-16", "application/jsonp",
    "text/plain, application/json", "a" * 5000,
    "application/x-www-form-urlencoded",
)  # fmt: skip
PARTS = (
    "..", ".", "%2e%2e%2f", "a%2Fb", "%00", "%", "%zz", "%ff", "*", "a.b", ".", "a.", ".a", "a.b.c.1.k1.d",
    "-1", "0", "é", "\U0001f35b", "a" * 2000, "<script>", "'", '"', "a b", "{}", "__proto__", "EVENT#x",
    "x#y", "TOKEN", "1.1", "a" * 32 + "." + "b" * 24, "9" * 32 + "." + "b" * 24, "=.=", "a:b", "0.0",
)  # fmt: skip
QUERIES: dict[str, tuple[str, ...]] = {
    "near": ("", "x" * 10_000, "%00%ff", "%ED%A0%80", "%3Cb%3E", "Newport", "%2C%2C"),
    "places": ("", "abc", "-1", "4.0", "9" * 5000, "%D9%A3"),
    "limit": ("0", "-1", "101", "1e3", "x", "", "99999999999999999999", "\u0661", "1.0", " 5", "5%00"),
    "cursor": ("", "x", "0", "....", "a" * 2000, "%00", "eyJhIjoxfQ==", "é", "0.a", "f.zzz", "-", "{}",
               "g" * 32, "0/../x", "%ff", "1" * 33, "a" * 32),
    "status": ("", "x", "moved", "confirmed%00", "CONFIRMED", "*"),
    "reference": ("", "x", "a" * 9, "=1+1", "00000000", "%00%00", "é" * 8, "<script>"),
    "address": ("", "x", "@", "a@", "a@b", "a" * 300 + "@example.org", "%00@example.org", "é@example.org",
                "a,b@c.d",
                "a@example.org%0d%0aBcc:x"),
    "q": ("", "x", "#", "''", "=1+1", "%00", "ad%00", "a" * 4000, "<script>", "a@", "\u0301\u0301", "é" * 9),
    "source": ("", "x", "<script>", "%00", "a" * 4000, "é"),
    "bounced": ("", "false", "TRUE", "1", "%00"),
    "turnout": ("", "x", "<script>", "%00", "cancelled%ff"),
    "admission": ("", "x", "<script>", "%00", "a.b.1.k1.c", "a.b.x.k1.c", "....", "é.b.1.k1.c", "a" * 4000),
    "queue_ticket": ("", "x", "<script>", "%00", "a.b.1.k1.c", "a.b.x.k1.c", "....", "é.b.1.k1.c", "a" * 999),
    "fresh": ("", "x", "<script>", "%00", "a.b.c.1.k1.d", "a.b.c.x.k1.d", ".....", "é.b.c.1.k1.d", "a" * 999),
    "refresh": ("", "x", "<script>", "%00", "off%ff"),
    "nobody": ("", "%00", "a" * 4000),
}  # fmt: skip
QUERIES["email"] = QUERIES["address"]
HEADER_VALUES = (
    "",
    " ",
    '"',
    '"x"',
    '"-1"',
    "W/",
    '"' + "9" * 40 + '"',
    "a" * 4000,
    "é",
    "null",
    "*, *",
    "\x7f",
    "=1+1",
)
HEADER_NAMES = (
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Origin",
    "Accept",
    "Authorization",
    "X-Forwarded-For",
)


class Writes:
    """Counts what is really written to the table."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        call = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's stubs leave it out

        def counted(client: BaseClient, operation: str, parameters: Any) -> Any:
            answer = call(client, operation, parameters)
            self.count += operation in {
                "PutItem",
                "UpdateItem",
                "DeleteItem",
                "TransactWriteItems",
                "BatchWriteItem",
            }
            return answer

        patch.setattr(BaseClient, "_make_api_call", counted)


class Attack:
    """Sends bad input, and judges each answer by itself; whether it fits the description, conftest asks."""

    def __init__(self, scene: Scene, writes: Writes) -> None:
        self.scene = scene
        self.sent = 0
        self.accepted: list[tuple[Call, HTTPResponse]] = []
        self._writes = writes

    def send(
        self, call: Call, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> HTTPResponse:
        """Send this request, and see that it is refused whole or accepted."""
        sources.gate.forget()
        before = self._writes.count
        admin = self.scene.admin if call.is_admin else Admin(None)
        answer = admin.send(call.method, path, body, **(headers or {}))
        self.sent += 1
        what = (
            f"{call.method} {path[:200]} {body[:300]!r} {headers}: {answer.status_code} {answer.body[:300]!r}"
        )
        assert answer.status_code < 500, what
        if answer.status_code < 400:
            self.accepted.append((call, answer))
            return answer
        kind = header(answer, "Content-Type")
        page = kind == "text/html; charset=utf-8" and call.refuses_with_pages
        # What plays API Gateway here (a missing route, no token) has words of its own.
        gate = "x-amzn-ErrorType" in answer.headers or answer.status_code == 405
        assert page or gate or kind == "application/problem+json", what
        # A refused request leaves nothing; but whoever is booked already is mailed again, and that is noted.
        assert (
            self._writes.count == before
            or b"already_booked" in answer.body
            or (page and answer.status_code == 409)
        ), what
        return answer


def good(call: Call) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the body and the headers of the example."""
    operation = described_call(call)
    headers = {
        parameter["name"]: "*" if parameter["name"] == "If-Match" else str(parameter["example"])
        for parameter in operation["parameters"]
        if parameter["in"] == "header" and parameter["required"]
    }
    content = operation.get("requestBody", {}).get("content", {})
    return dict(content.get(JSON, {}).get("example", {})), headers


def fields_with(call: Call) -> Iterator[dict[str, Any]]:
    """Yield the example's body with each field in turn given bad values, and with fields that don't exist.

    Each field gets every third value, the next field the next third.
    """
    body, _ = good(call)
    assert call.body is not None
    fields = call.body.struct.__struct_fields__ if call.body.struct is not None else ()
    for turn, field in enumerate((*fields, "nobody", "__class__")):
        for number, value in enumerate(VALUES[turn % 3 :: 3]):
            # Each books as somebody else: one address alone would have its place after the first.
            own = {"email": f"{field.strip('_')}{number}@example.org"} if "email" in body else {}
            yield {**body, **own, field: value}


def as_json(value: object) -> bytes:
    """Return JSON, halves of surrogate pairs and all."""
    return json.dumps(value).encode()


def paths_with(call: Call, path: str) -> Iterator[str]:
    """Yield the path with each parameter in turn made bad."""
    good_parts, pattern = path.split("/"), call.path.split("/")
    for place, name in enumerate(pattern):
        if name.startswith("{"):
            for part in PARTS:
                sent = part if part.isascii() and "%" in part else quote(part, safe="")
                yield "/".join([*good_parts[:place], sent, *good_parts[place + 1 :]])
