"""Nothing personal is logged: asked last of all, of everything that the run logged until then."""

import ast
import json
import logging
from typing import Any

import pytest

from chalicelib import logs
from chalicelib.domain.organiser import token_text
from chalicelib.store.bookings import every_booking
from tests import privacy
from tests.actions.callers import NOW
from tests.mail_chain import Chain
from tests.test_rules import PRODUCT
from tests.web.browsing import ann, book_by_form, book_by_json
from tests.web.refused import scene


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines and secrets of this test's own: those that leak here are not the run's."""
    monkeypatch.setattr(privacy, "lines", [])
    monkeypatch.setattr(privacy, "secrets", set())


@pytest.mark.usefixtures("table", "clean")
def test_what_people_send_is_taken_for_secret_whether_it_is_booked_or_refused() -> None:
    it = scene()
    booked = ann(name="Quillon Featherstone", email="quillon@example.org", guests=["Zoë Ní Dhuibhne"])
    assert book_by_json(it.event, it.session, booked).status_code == 201
    refused = ann(name="Www.Peregrine.com", email="peregrine@example.org")
    assert book_by_form(it.event, it.session, refused).status_code == 422
    assert {"quillon featherstone", "quillon@example.org", "zoë ní dhuibhne"} <= privacy.secrets
    assert {"www.peregrine.com", "peregrine@example.org"} <= privacy.secrets


@pytest.mark.usefixtures("neighbours", "clean")
def test_the_links_of_mails_and_the_tokens_of_organisers_are_taken_for_secret(table: Any) -> None:
    it = scene()
    book_by_json(it.event, it.session, it.body)
    before = len(privacy.secrets)
    Chain(table).settle()
    # One of the link that cancels, one of the link to the ticket.
    signatures = {secret for secret in privacy.secrets if len(secret) == 32}
    assert len(signatures) == 2
    assert len(privacy.secrets) == before + 2
    stored = repr(list(every_booking(it.session.session_id)))
    assert not [signature for signature in signatures if signature in stored]
    text = token_text("org", "token", "sesame")
    assert text in privacy.secrets


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(
    "leak",
    [
        lambda: logs.info("hello Wilhelmina Ó Briain"),
        lambda: logs.error("no", who="WILHELMINA Ó BRIAIN"),
        lambda: logs.metric("Bookings", who=["wilhelmina ó briain"]),
        lambda: logging.getLogger("a.library").warning("sent {'name': 'Wilhelmina Ó Briain'}"),
    ],
)
def test_a_name_that_is_logged_is_found_however_it_is_written(leak: Any) -> None:
    privacy.remember("Wilhelmina Ó Briain")
    leak()
    logs.info("wilhelmina ó briainova is somebody else")
    (found,) = privacy.leaks()
    assert "wilhelmina" in found.lower()


@pytest.mark.usefixtures("clean")
def test_what_is_part_of_other_words_is_not_looked_for() -> None:
    privacy.remember("ann", "000000", "ababab", "123456")
    assert privacy.secrets == set()


def test_only_the_logs_write_to_where_lines_are_collected() -> None:
    writers = {
        path.name
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name) and node.id == "print")
        or (isinstance(node, ast.Attribute) and node.attr in {"stdout", "stderr", "getLogger"})
    }
    assert writers == {"logs.py"}


def test_no_line_of_the_whole_run_holds_a_name_an_address_an_answer_a_token_or_a_link() -> None:
    logs.info("privacy", lines=len(privacy.lines), secrets=len(privacy.secrets), at=NOW)
    assert json.loads(privacy.lines[-1])["message"] == "privacy", "lines are collected"
    assert privacy.leaks() == []
