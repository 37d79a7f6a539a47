"""What the public is told while it is shut out: the code that the template holds, run as it is."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from infra.template import SHUT

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
PAGE = (SHUT / "page.html").read_text().strip()
PROBLEM = json.loads((SHUT / "problem.json").read_text())


@pytest.fixture(scope="module")
def edge_code(resources: dict[str, Any]) -> str:
    code: str = resources["EdgeFunction"]["Properties"]["FunctionCode"]
    return code


def at_the_edge(code: str, request: dict[str, Any], store: str) -> dict[str, Any]:
    """Run the function under node, with a store whose exists() is given as JavaScript."""
    (imported,) = [line for line in code.splitlines() if line.startswith("import ")]
    program = code.replace(imported, f"const cf = {{ kvs: () => ({{ exists: async (key) => {store} }}) }};")
    event = json.dumps({"version": "1.0", "context": {}, "viewer": {}, "request": request})
    program += f"\nconsole.log(JSON.stringify(await handler({event})));\n"
    node = shutil.which("node")
    assert node
    done = subprocess.run(
        [node, "--input-type=module"], input=program, capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def asked(method: str = "GET", accept: str | None = None) -> dict[str, Any]:
    headers = {} if accept is None else {"accept": {"value": accept}}
    return {"method": method, "uri": "/book/soup-night", "querystring": {}, "headers": headers, "cookies": {}}


def at_the_api(resources: dict[str, Any], method: str = "GET", accept: str | None = None) -> dict[str, Any]:
    """Run the function's code from the template; return its answer in the form of the edge's."""
    scope: dict[str, Any] = {}
    exec(resources["Shut"]["Properties"]["Code"]["ZipFile"], scope)
    event = {"httpMethod": method, "headers": None if accept is None else {"Accept": accept}}
    said = scope["handler"](event, None)
    return {
        "statusCode": said["statusCode"],
        "headers": {name.lower(): {"value": value} for name, value in said["headers"].items()},
        "body": {"encoding": "text", "data": said["body"]},
    }


def test_while_open_a_request_passes_as_it_came(edge_code: str) -> None:
    assert at_the_edge(edge_code, asked(accept=BROWSER), "false") == asked(accept=BROWSER)


def test_a_store_that_fails_shuts_nobody_out(edge_code: str) -> None:
    assert at_the_edge(edge_code, asked(), "{ throw new Error('gone'); }") == asked()


def test_only_its_own_key_shuts_it(edge_code: str) -> None:
    assert at_the_edge(edge_code, asked(), "key === 'something else'") == asked()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_browser_is_shown_the_page(edge_code: str, resources: dict[str, Any], method: str) -> None:
    answer = at_the_edge(edge_code, asked(method, BROWSER), "key === 'shut'")
    assert (answer["statusCode"], answer["body"]["data"]) == (503, PAGE)
    assert answer["headers"]["content-type"]["value"] == "text/html; charset=utf-8"
    answer.pop("statusDescription")
    assert answer == at_the_api(resources, method, BROWSER)


@pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
def test_a_program_hears_a_problem_and_when_to_come_again(
    edge_code: str, resources: dict[str, Any], accept: str | None
) -> None:
    answer = at_the_edge(edge_code, asked("POST", accept), "key === 'shut'")
    problem = json.loads(answer["body"]["data"])
    assert answer["statusCode"] == problem["status"] == 503
    assert problem["type"] == f"urn:turnout:problem:{problem['code']}" == "urn:turnout:problem:shut"
    headers = {name: one["value"] for name, one in answer["headers"].items()}
    assert headers["content-type"] == "application/problem+json"
    assert headers["retry-after"] == str(problem["retry_after"])
    # Nothing keeps it, or some would be shut out when the others no longer are.
    assert headers["cache-control"] == "no-store"
    assert (headers["access-control-allow-origin"], headers["access-control-expose-headers"]) == (
        "*",
        "Retry-After",
    )
    answer.pop("statusDescription")
    assert answer == at_the_api(resources, "POST", accept)


def test_a_script_of_another_site_is_let_read_why(edge_code: str, resources: dict[str, Any]) -> None:
    answer = at_the_edge(edge_code, asked("OPTIONS"), "true")
    assert (answer["statusCode"], answer["body"]["data"]) == (204, "")
    assert "Idempotency-Key" in answer["headers"]["access-control-allow-headers"]["value"]
    answer.pop("statusDescription")
    assert answer == at_the_api(resources, "OPTIONS")


def test_the_code_fits_where_it_has_to(edge_code: str, resources: dict[str, Any]) -> None:
    # 10 KB. Source: CloudFront developer guide, "Quotas on CloudFront Functions".
    assert len(edge_code.encode()) < 10_000
    assert "__P" not in edge_code + resources["Shut"]["Properties"]["Code"]["ZipFile"]


def test_the_page_loads_nothing_and_sends_nothing() -> None:
    assert "<script" not in PAGE
    assert "http://" not in PAGE
    assert "https://" not in PAGE
    assert "<form" not in PAGE
    assert 'lang="en"' in PAGE


def test_what_answers_while_shut_may_do_nothing_else(resources: dict[str, Any]) -> None:
    assert resources["ShutRole"]["Properties"]["Policies"] == []
    assert resources["Shut"]["Properties"]["Role"] == {"Fn::GetAtt": ["ShutRole", "Arn"]}
    assert "Environment" not in resources["Shut"]["Properties"]
    assert resources["ShutInvokePermission"]["Properties"]["FunctionName"] == {"Ref": "Shut"}
