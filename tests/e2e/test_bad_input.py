"""Some of tests/web/bad_input.py over HTTP: API Gateway decodes paths, queries and bodies itself."""

import json
from urllib.parse import quote

import pytest

from infra.local.demo import SLUG
from tests.e2e.stack import Stack
from tests.web import bad_input

# The first tests of the stack: what is revoked before them has ended when test_organising.py looks.
pytestmark = pytest.mark.usefixtures("revoked_door")

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_no_bad_body_breaks_the_deployed_api(stack: Stack) -> None:
    path = f"/events/{SLUG}/sessions/{stack.new_session()}/bookings"
    for body in bad_input.BODIES:
        assert 400 <= stack.request("POST", path, body, JSON).status < 500, body[:80]
    for body in bad_input.FORMS:
        assert stack.request("POST", path, body, FORM).status < 500, body[:80]
    for number, text in enumerate((*bad_input.SCRIPTS, *bad_input.FORMULAS, *bad_input.HEADERS)):
        wanted = {"name": text, "email": f"bad{number}@example.org", "consent": True}
        assert stack.request("POST", path, json.dumps(wanted), JSON).status in {201, 409, 422}, text


def test_no_bad_path_and_no_bad_query_breaks_the_deployed_api(stack: Stack) -> None:
    for part in bad_input.PARTS:
        sent = part if part.isascii() and "%" in part else quote(part, safe="")
        for path in (f"/events/{sent}", f"/book/{SLUG}/{sent}", f"/manage/{sent}"):
            answer = stack.request("GET", path)
            if answer.status == 308:
                # It may have been typed wrongly, so it leads to what was meant, once.
                answer = stack.request("GET", answer.headers["location"])
            assert 400 <= answer.status < 500, path
    session = f"/admin/events/{stack.notes['event_id']}/sessions/{stack.notes['session_id']}"
    for name, texts in bad_input.QUERIES.items():
        for text in texts:
            path = f"{session}/bookings?{name}={quote(text, safe='%')}"
            assert stack.organiser("GET", path).status < 500, path
