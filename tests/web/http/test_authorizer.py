"""web/http/authorizer.py, called by its deployed handler string as Lambda calls it."""

import importlib
import subprocess
import sys
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app import app
from chalicelib.store.connection import Item
from tests.web.admin import Admin, another_token, new_admin
from tests.web.conftest import NOW

ARN = "arn:aws:execute-api:eu-west-2:123456789012:abcdef/api/GET/admin/events"
ALL = ["arn:aws:execute-api:eu-west-2:123456789012:abcdef/api/*/*"]


def deployed() -> Any:
    """The handler that the template names."""
    (config,) = app.builtin_auth_handlers
    module, _, name = config.handler_string.rpartition(".")
    return getattr(importlib.import_module(module), name)


def asked(header: str) -> Any:
    """What API Gateway is told about a request with this Authorization header."""
    return deployed()({"type": "TOKEN", "authorizationToken": header, "methodArn": ARN}, None)


def allowed(header: str) -> list[str]:
    """Which routes a request with this header may call."""
    resources: list[str] = asked(header)["policyDocument"]["Statement"][0]["Resource"]
    return resources


def text_of(admin: Admin) -> str:
    assert admin.token is not None
    return admin.token


def test_a_token_opens_all_routes_and_says_whose_it_is(table: Any) -> None:
    admin = new_admin()
    host = another_token(admin, role="host", scope="session:aaaa:bbbb", name='Zoë\'s "Café"')
    assert allowed(f"Bearer {admin.token}") == ALL
    answer = asked(f"Bearer {host.token}")
    assert answer["policyDocument"]["Statement"][0]["Resource"] == ALL
    assert answer["principalId"] == admin.organiser_id
    assert answer["context"] == {
        "organiser_id": admin.organiser_id,
        "role": "host",
        "scope": "session:aaaa:bbbb",
        "token_id": text_of(host).split("_")[2],
        "token_name": "Zo%C3%AB%27s%20%22Caf%C3%A9%22",
    }


def test_the_scheme_may_be_written_in_any_case(table: Any) -> None:
    token = new_admin().token
    assert allowed(f"bearer {token}") == allowed(f"BEARER  {token} ") == ALL


def test_anything_but_the_token_itself_opens_nothing(table: Any) -> None:
    token = text_of(new_admin())
    _, organiser_id, token_id, secret = token.split("_")
    for header in (
        token,
        f"Basic {token}",
        f"Bearer{token}",
        f"Bearer {token}x",
        f"Bearer {token[:-1]}",
        f"Bearer {token.upper()}",
        f"Bearer {token}\n{token}",
        f"Bearer {token} {token}",
        f"Bearer {token.replace(organiser_id, 'a' * 16)}",
        f"Bearer {token.replace(token_id, 'a' * 16)}",
        f"Bearer {token.replace(secret, 'a' * 24)}",
        "Bearer ",
        "",
        "Bearer " + "é" * 9000,
    ):
        answer = asked(header)
        assert answer["policyDocument"]["Statement"][0]["Resource"] == [], header
        assert answer["context"] == {}
    assert allowed(f"Bearer {token}") == ALL


@given(st.text())
def test_what_is_no_token_of_ours_is_turned_away_without_asking_the_table(header: str) -> None:
    # No table is there: asking for it would raise.
    assert allowed(header) == allowed(f"Bearer {header}") == []


def test_one_organisers_secret_does_not_open_another(table: Any) -> None:
    mine, theirs = text_of(new_admin()).split("_"), text_of(new_admin()).split("_")
    assert allowed("Bearer " + "_".join([*theirs[:3], mine[3]])) == []


def test_a_token_is_good_until_a_year_after_it_was_made(table: Any) -> None:
    now = NOW
    assert allowed(f"Bearer {new_admin(now=now - timedelta(days=365, seconds=-60)).token}") == ALL
    assert allowed(f"Bearer {new_admin(now=now - timedelta(days=365)).token}") == []


def test_the_answer_is_kept_for_a_minute() -> None:
    (config,) = app.builtin_auth_handlers
    assert config.ttl_seconds == 60


def test_nothing_of_the_token_is_in_the_table(table: Any) -> None:
    secret = text_of(new_admin()).split("_")[3]
    assert secret not in str(table.scan(TableName=Item.Meta.table_name)["Items"])


def test_its_lambda_loads_no_more_than_it_needs() -> None:
    program = "import sys, chalicelib.web.http.authorizer; print('\\n'.join(sys.modules))"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        ).stdout.split()
    )
    unwanted = {
        "app", "jinja2", "icalendar", "segno", "chalicelib.mail", "chalicelib.documents",
        "chalicelib.web.organiser", "chalicelib.web.public.booking", "chalicelib.actions",
    }  # fmt: skip
    assert "chalicelib.web.http.authorizer" in loaded
    assert not loaded & unwanted
