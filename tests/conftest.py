"""Fixtures: the deployed environment in small. Set before anything of ours is imported."""

import os

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    TURNOUT_STAGE="test",
    TURNOUT_TABLE="turnout-test",
    TURNOUT_BASE_URL="https://book.example.org/v1",
    TURNOUT_MAIL_QUEUE_URL="https://sqs.us-east-1.amazonaws.com/123456789012/mail",
    TURNOUT_FAN_OUT_QUEUE_URL="https://sqs.us-east-1.amazonaws.com/123456789012/fan-out",
    TURNOUT_MAIL_FROM="bookings@example.org",
    TURNOUT_MAIL_CONFIGURATION_SET="turnout-test",
    TURNOUT_MAILS_PER_SECOND="1000",
    TURNOUT_KEY_SECRET_PARAMETER="/turnout/test/key-secret",
    TURNOUT_TOKEN_SECRET_PARAMETER="/turnout/test/token-secret",
)

import gc
import shutil
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from chalice.test import HTTPResponse, TestHTTPClient
from moto import mock_aws
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist ships no types

from chalicelib.store import patient_reads, secrets
from tests import described, engines, quick_engine
from tests.engines import client_for
from tests.privacy import Privacy

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KEY_SECRET = "11" * 32
TOKEN_SECRET = '{"current": "k1", "secrets": {"k1": "' + "22" * 32 + '"}}'


# What is rendered and parsed again, often a hundred times over; and the mails' way to it.
_MAILS_AND_PAGES = (
    "tests/mail/",
    "tests/documents/",
    "tests/jobs/",
    "tests/web/attendee/",
    "tests/web/public/test_hosted",
    "tests/web/queue/test_pages",
    "tests/web/public/test_booking_page",
    "tests/web/test_bad_input",
)
_LONGEST_FIRST = (
    "stack",
    "package",
    "tests/store/test_capacity_races.py",
    "tests/store/test_places_left.py",
    "tests/store/test_figures_stateful.py",
    "tests/web/test_accessibility.py",
    "tests/store/test_own_corrections.py",
    "tests/store/test_deletion_races.py",
    "tests/web/test_bad_input.py",
    "tests/store/test_moves.py",
    "tests/store/test_capacity_stateful.py",
    "tests/actions/event/test_recount_in_turns.py",
    "tests/store/test_directory.py",
    "tests/actions/booking/test_races_of_cancelling_bookings.py",
    "tests/actions/mail/test_what_people_were_told.py",
    "tests/actions/due/test_due_work.py",
    "tests/actions/mail/test_notify_of_change.py",
    "tests/actions/booking/test_refused_alike.py",
    "tests/jobs/test_clock.py",
    "tests/web/test_docs_page.py",
    "tests/web/test_reach.py",
    "tests/actions/booking/test_book_in_queue.py",
    "tests/actions/mail/test_send_notice.py",
    "tests/web/test_description.py",
    "tests/documents/test_ticket_decoders.py",
    "tests/actions/booking/test_kill_points_of_booking.py",
    "tests/store/test_sent_mail_races.py",
    "tests/store/test_check_ins_races.py",
    "tests/actions/due/test_kill_points_of_due_work.py",
    "tests/actions/mail/test_kill_points_of_mail.py",
    "tests/bench/test_launch.py",
)
"""Groups of tests (see _group) that take a processor ten seconds and more."""

_SLOW_FIXTURES = {
    "browser",
    "dynamodb_local",
    "dynamodb_local_server",
    "stack",
    "weathered",
    "package",
    "here",
    "unpacked",
    "archive",
    "sink",
    "chain",
    "played_aws",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make check` leave out what needs a server, a package or a running system."""
    parser.addoption("--quick", action="store_true", help="the rules, by moto and pure Python alone")


def pytest_configure(config: pytest.Config) -> None:
    """Let `make check` try fewer examples of each property; hurry moto; listen to what is logged."""
    hypothesis.settings.register_profile("quick", max_examples=15, deadline=None)
    hypothesis.settings.register_profile("whole", deadline=None)
    hypothesis.settings.load_profile("quick" if config.getoption("--quick") else "whole")
    quick_engine.quicken()
    listener = Privacy()
    listener.listen()
    config.pluginmanager.register(listener)


class _Together(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Gives each process all tests that share a stack or a build, so that neither is made twice."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Take one process more than there are processors: tests of a running system mostly wait for it.

    With two more, what gives up after some seconds, as a booking does, met its limit too often.
    """
    processors = yield
    return processors if config.getoption("--quick") else processors + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Keep together what belongs together; `make check`, which has none of that, spreads tests one by one."""
    return None if config.getoption("--quick") else _Together(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Never look for garbage in what lives as long as the run: modules and thousands of collected tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Select by the engine that a test asks for, so that no test has to be marked."""
    items.sort(key=_turn)
    if not config.getoption("--quick"):
        return
    slow = [
        item
        for item in items
        if _SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        # Kill points: the same deed over again for every request that it makes.
        or "_dying_" in item.name
        or item.nodeid.startswith(_MAILS_AND_PAGES)
    ]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def _group(nodeid: str) -> str:
    """Return the name of those tests that have to run in one process: they share a stack, or a build."""
    path = nodeid.partition("::")[0]
    if path.startswith(("tests/package/", "tests/infra/")):
        return "package"
    return "stack" if path.startswith("tests/e2e/") else path


def _turn(item: pytest.Item) -> tuple[int, bool]:
    # What takes longest begins first, or the others would wait for it in the end. The last one looks
    # back on the whole run. What mostly waits is one group, so that the other processes never wait with it;
    # it begins with the tests that start a stack of their own, before the one that the others share.
    if item.path.name == "test_privacy.py":
        return len(_LONGEST_FIRST) + 1, False
    group = _group(item.nodeid)
    turn = _LONGEST_FIRST.index(group) if group in _LONGEST_FIRST else len(_LONGEST_FIRST)
    return turn, "weathered" not in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def every_answer_is_described() -> Iterator[None]:
    """Hold every answer that a test is given to the description, whoever sends the request."""
    sent = TestHTTPClient.request

    def request(self: Any, method: str, path: str, **sending: Any) -> HTTPResponse:
        answer = sent(self, method, path, **sending)
        if self._app.app_name == "turnout":
            described.check(method, path, answer.status_code, answer.headers, answer.body)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestHTTPClient, "request", request)
        yield


def create_secrets() -> None:
    """Create the two secrets of a deployment."""
    ssm = client_for("ssm")
    ssm.put_parameter(Name="/turnout/test/key-secret", Value=KEY_SECRET, Type="SecureString")
    ssm.put_parameter(Name="/turnout/test/token-secret", Value=TOKEN_SECRET, Type="SecureString")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty table and its neighbours in moto: one thread only, moto's transactions are not isolated."""
    # A read that is made to fail need not be waited for: nobody else is there.
    monkeypatch.setattr(patient_reads, "_READ_PAUSES_MS", (1,) * 5)
    with mock_aws():
        client = client_for("dynamodb")
        engines.forget_process_state()
        engines.create_table(client, stream=False)
        create_secrets()
        yield client
    engines.forget_process_state()


@pytest.fixture
def neighbours(table: Any) -> None:
    """What mails take beside the table: the queues and a verified sender."""
    sqs = client_for("sqs")
    sqs.create_queue(QueueName="mail")
    sqs.create_queue(QueueName="fan-out")
    ses = client_for("sesv2")
    ses.create_email_identity(EmailIdentity="bookings@example.org")
    ses.create_configuration_set(ConfigurationSetName="turnout-test")


@pytest.fixture(scope="session")
def dynamodb_local_server() -> Iterator[engines.DynamoDBLocal]:
    """One DynamoDB Local for the whole run."""
    server = engines.DynamoDBLocal()
    yield server
    server.stop()


@pytest.fixture
def dynamodb_local(dynamodb_local_server: engines.DynamoDBLocal) -> Iterator[Any]:
    """An empty table on DynamoDB Local: threads and processes race for real."""
    with dynamodb_local_server.fresh_table() as client:
        with mock_aws():
            # Secrets are read once a process, so they are still known when moto is gone.
            create_secrets()
            secrets.key_secret()
            secrets.current_token_secret()
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The machine's own Chromium: playwright's is a download of its own.

    One a module and no longer: as long as it is there, nothing else in this process can run an event loop.
    """
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(path for name in names if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        # Without its sandbox, because root may not use it; it opens nothing but our own pages.
        running = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        running.close()
