"""Every line that is logged in this process, and everything personal in it, for the length of the run.

Nobody has to list what must not be logged: it is collected where it is really used.

- *Lines*: what chalicelib.logs writes; what any library hands to the standard library's logging; whatever
  else pytest captured on the way (also from processes that a test started); and, of the stacks that the
  end-to-end tests run, MiniStack's log and the functions' own log streams.
- *Secrets*: names, guests, addresses and answers, in what is sent to us (also if it is refused then) and in
  what is written to the table; the tokens that callers send; organisers' tokens; and the signature of all
  that we sign (links, queue tickets, admissions), without which nobody can use it.

What is short or hardly varied ("ann", "000000") is part of many a word or number that is nobody's name, so
it isn't looked for; and of the rest only whole words count. Addresses are always long enough.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.client import BaseClient
from chalice.app import Chalice

from chalicelib import logs
from chalicelib.domain import organiser, signing

CHARACTERS_MIN = 6
DISTINCT_CHARACTERS_MIN = 4

lines: list[str] = []
secrets: set[str] = set()

_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
_PERSONAL = ("name", "email", "address", "guests", "guest", "answers")


def remember(*values: object) -> None:
    """Take these for secrets: texts, and the texts in lists and mappings."""
    for text in _texts(values):
        tidy = text.strip().lower()
        if len(tidy) >= CHARACTERS_MIN and len(set(tidy)) >= DISTINCT_CHARACTERS_MIN and not tidy.isdigit():
            secrets.add(tidy)


def remember_request(body: object) -> None:
    """Take for secrets what is personal in the body of a request to book, or to correct an address."""
    fields = _fields(body)
    # A session has an address too, and a token a name; but neither has somebody's mail address.
    if any("@" in text for text in _texts([fields.get("email"), fields.get("address")])):
        remember(*(fields.get(name) for name in _PERSONAL))


def leaks() -> list[str]:
    """Return each line that holds a secret, with the secret in it."""
    by_line = sorted({_unescaped(line) for line in lines})
    everything = "\n".join(by_line).lower()
    leaked = [re.compile(rf"(?<!\w){re.escape(secret)}(?!\w)") for secret in secrets if secret in everything]
    return [
        f"{found.pattern} in: {line.strip()}"
        for line in by_line
        for found in leaked
        if found.search(line.lower())
    ]


def _unescaped(line: str) -> str:
    """Return a line as people read it: in JSON all that is not ASCII is spelt in numbers."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), line)


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value.values())
        elif isinstance(value, list | tuple):
            yield from _texts(value)


def _fields(body: object) -> Mapping[str, object]:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    if not isinstance(text, str):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = parse_qs(text)
    return found if isinstance(found, dict) else {}


class _Stdout:
    """Stands in for the module ``sys`` in chalicelib.logs: hears what is written, and passes it on."""

    @property
    def stdout(self) -> "_Stdout":
        return self

    def write(self, text: str) -> None:
        lines.extend(text.splitlines())
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class _Logged(logging.Handler):
    """Hears what libraries log, as far as the root logger's level lets it through."""

    def emit(self, record: logging.LogRecord) -> None:
        lines.extend(self.format(record).splitlines())


def _watch_clients() -> None:
    """Remember what every client writes into bookings."""
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's stubs leave it out

    def watched(client: BaseClient, operation: str, parameters: Any) -> Any:
        if operation in {"TransactWriteItems", "PutItem"}:
            written = parameters.get("TransactItems", [{"Put": parameters}])
            for item in (one["Put"]["Item"] for one in written if "Put" in one):
                remember_item(item)
        return call(client, operation, parameters)

    BaseClient._make_api_call = watched  # type: ignore[attr-defined]  # as above


def _watch_api() -> None:
    """Remember what is personal in every request, also in those that are refused."""
    answer = Chalice.__call__

    def watched(app: Chalice, event: dict[str, Any], context: Any) -> Any:
        remember_request(event.get("body"))
        query = event.get("multiValueQueryStringParameters") or {}
        remember(*(value for values in query.values() for value in values if "@" in value))
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        remember(headers.get("authorization", "").rpartition(" ")[2])
        return answer(app, event, context)

    Chalice.__call__ = watched  # type: ignore[method-assign, assignment]  # that is how to hear all requests


def remember_item(item: dict[str, Any]) -> None:
    """Take for secrets what is personal in an item of the table, if that is a booking."""
    if item["PK"].get("S", "").startswith("BOOKINGS#"):
        answers = json.loads(item.get("answers", {}).get("S", "{}"))
        remember(item.get("name"), item.get("address"), item.get("guests"), answers)


def _watch_function(module: Any, name: str, see: Callable[..., None]) -> None:
    """Let ``see`` have what this function was given and what it returns, whoever has imported it."""
    function = getattr(module, name)

    def watched(*given: Any, **named: Any) -> Any:
        answer = function(*given, **named)
        see(answer, *given)
        return answer

    for holder in list(sys.modules.values()):
        if getattr(holder, "__dict__", {}).get(name) is function:
            setattr(holder, name, watched)


class Privacy:
    """The pytest plugin: listens for the whole run, and fails it in the end if anything leaked."""

    def __init__(self) -> None:
        self._of_workers: list[str] = []

    def listen(self) -> None:
        """Begin to listen. Comes before any other module of ours is imported, or finds what is."""
        vars(logs)["sys"] = _Stdout()
        logging.getLogger().addHandler(_Logged())
        _watch_clients()
        _watch_api()
        _watch_function(organiser, "token_text", lambda text, *_: remember(text))
        _watch_function(signing, "sign_text", lambda text, *_: remember(text.rpartition(".")[2]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what was captured beside, on file descriptors too."""
        if report.nodeid.startswith("tests/test_privacy.py"):
            # Leaks are planted there, in names that other tests' people may have too.
            return
        for _, content in report.sections:
            lines.extend(content.splitlines())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker found."""
        self._of_workers += getattr(node, "workeroutput", {}).get("leaks", [])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run if anything leaked, whichever test's line it was."""
        found = self._of_workers + leaks()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["leaks"] = found
        elif found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._of_workers = found

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which lines."""
        if self._of_workers:
            terminalreporter.section("lines that hold something personal")
            for line in self._of_workers[:50]:
                terminalreporter.write_line(line)
