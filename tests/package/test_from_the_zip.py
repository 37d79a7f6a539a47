"""What works from the zip alone, with Python itself and nothing else in reach."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from infra.vendor import ROOT
from tests.package.isolated import run

HANDLERS = {
    "app.app",
    "chalicelib.web.http.authorizer.authorizer",
    "chalicelib.jobs.booking_stream.booking_stream",
    "chalicelib.jobs.mailer.mailer",
    "chalicelib.jobs.fan_out.fan_out",
    "chalicelib.jobs.mail_feedback.mail_feedback",
    "chalicelib.jobs.clock.clock",
}
NOT_FOR_THE_API = {
    "botocore.docs.service", "html.parser", "importlib.metadata",
    "boto3", "s3transfer", "jinja2", "markupsafe", "segno", "icalendar", "idna", "email.mime", "email.policy",
    "chalicelib.mail", "chalicelib.documents.calendar", "chalicelib.documents.ticket",
}  # fmt: skip
REGIONS = ("eu-west-2", "us-gov-west-1", "cn-north-1")
SERVICES = ("dynamodb", "sqs", "sesv2", "ssm")


def test_the_template_names_these_handlers(functions: dict[str, Any]) -> None:
    assert {function["Handler"] for function in functions.values()} == HANDLERS


@pytest.mark.parametrize("handler", sorted(HANDLERS))
def test_a_handler_imports_from_the_zip_in_a_process_of_its_own(handler: str, unpacked: Path) -> None:
    module, _, name = handler.rpartition(".")
    run(f"import {module}\nassert callable({module}.{name})", unpacked)


def test_what_fails_in_the_zip_is_logged_with_file_line_and_function(unpacked: Path) -> None:
    source = "chalicelib/domain/links.py"
    logged, uncaught = run(
        "import contextlib, io, traceback\nfrom chalicelib import logs\nfrom chalicelib.domain import links\n"
        "try:\n    links.read_link(None, 'manage', None, None)\n"
        "except Exception as error:\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "        logs.error('failed', exception=error)\n"
        "    print(json.dumps([json.loads(out.getvalue())['trace'], traceback.format_exc()]))",
        unpacked,
    )
    called = "signed = read_signed_text(secrets, purpose, text)"
    line = 1 + [line.strip() for line in (ROOT / source).read_text().splitlines()].index(called)
    assert f"{source}:{line} in read_link" in logged
    # What Lambda writes itself of what nobody caught.
    assert f'File "{source}", line {line}, in read_link' in uncaught


def test_the_api_loads_nothing_that_renders_or_mails(unpacked: Path) -> None:
    loaded = run(
        "import app\nfrom chalicelib.store.connection import connection\nconnection().client\n"
        "print(json.dumps(sorted(sys.modules)))",
        unpacked,
    )
    assert "pynamodb.connection.base" in loaded
    assert NOT_FOR_THE_API.intersection(loaded) == set()


def test_no_garbage_is_looked_for_while_the_api_starts_nor_later_in_what_it_has_loaded(
    unpacked: Path,
) -> None:
    before, after, loaded, left = run(
        "import chalicelib, gc\nbefore = gc.get_stats()\n"
        "import app\nfrom chalicelib.store.connection import connection\nconnection().client\n"
        "print(json.dumps([before, gc.get_stats(), gc.get_freeze_count(), len(gc.get_objects())]))",
        unpacked,
    )
    assert after == before
    # The client is made after that.
    assert loaded > 4 * left


def test_the_clients_find_every_region_as_untrimmed_ones_do(unpacked: Path) -> None:
    found = run(
        "from botocore.session import get_session\n"
        "def found(region, service):\n"
        "    client = get_session().create_client(service, region_name=region)\n"
        "    meta, signer = client.meta, client._request_signer\n"
        "    return meta.endpoint_url, meta.partition, signer.signing_name, signer.region_name\n"
        f"pairs = [(region, service) for region in {REGIONS!r} for service in {SERVICES!r}]\n"
        "print(json.dumps([[*pair, *found(*pair)] for pair in pairs]))",
        unpacked,
    )
    assert len(found) == len(REGIONS) * len(SERVICES)
    untrimmed = get_session()
    for region, service, *client in found:
        whole: Any = untrimmed.create_client(service, region_name=region)
        signer = whole._request_signer
        assert client == [whole.meta.endpoint_url, whole.meta.partition, signer.signing_name, region]


def test_every_call_that_a_role_allows_is_described_as_botocore_does(unpacked: Path) -> None:
    from infra import service_data

    allowed = service_data.operations((ROOT / ".chalice").glob("policy-*.json"))
    assert {"TransactWriteItems", "GetItem", "Query"} <= set(allowed["dynamodb"])
    assert {"SendMessageBatch", "GetQueueAttributes"} <= set(allowed["sqs"])
    assert (allowed["ssm"], "SendEmail" in allowed["sesv2"]) == (["GetParameter"], True)
    loader = get_session().get_component("data_loader")
    for service, names in allowed.items():
        whole = loader.load_service_model(service, "service-2")
        (path,) = (unpacked / "botocore" / "data" / service).glob("*/service-2.json")
        trimmed = json.loads(path.read_text())
        assert set(trimmed["operations"]) == set(names) & set(whole["operations"])
        undocumented = without_documentation(whole)
        assert trimmed["metadata"] == whole["metadata"]
        for kind in ("operations", "shapes"):
            assert trimmed[kind] == {name: undocumented[kind][name] for name in trimmed[kind]}


def without_documentation(model: Any) -> Any:
    """Return this part of a service's model without what it says to people."""
    if isinstance(model, dict):
        # A member may be called "documentation" too: that one is described by a mapping.
        return {
            key: without_documentation(value)
            for key, value in model.items()
            if key != "documentation" or not isinstance(value, str)
        }
    return [without_documentation(part) for part in model] if isinstance(model, list) else model


def test_a_mail_with_its_ticket_and_calendar_is_rendered_and_sent_from_the_zip(unpacked: Path) -> None:
    sent = run(
        (Path(__file__).parent / "send_from_the_zip.py").read_text(),
        unpacked,
        # Behind the zip, for the facts of a booking; there is no library in it.
        ROOT,
    )
    assert sent["url"] == "https://email.eu-west-2.amazonaws.com/v2/email/outbound-emails"
    assert sent["to"] == ["ann@xn--bcher-kva.example.org"]
    assert sent["types"] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html",
        "image/png", "text/calendar", "application/ics",
    ]  # fmt: skip
    assert sent["png"] == "89504e47"
    assert "TZID:Europe/London" in sent["calendar"]


def test_all_zones_can_be_read_from_the_zip(unpacked: Path) -> None:
    listed = files("tzdata").joinpath("zones").read_text().split()
    read = run(
        "import chalicelib.domain\nfrom zoneinfo import ZoneInfo\n"
        f"print(json.dumps([ZoneInfo(name).key for name in {listed!r}]))",
        unpacked,
    )
    assert (read, len(read) > 500) == (listed, True)


def test_a_calendar_file_can_be_made_where_the_host_has_no_zone_files(unpacked: Path) -> None:
    made = run(
        "import dateutil.tz.tz\ndateutil.tz.tz.TZPATHS.clear()\n"
        "from datetime import UTC, datetime\nfrom chalicelib.documents.zone_rules import zone_rules\n"
        "at = datetime(2027, 9, 5, 18, tzinfo=UTC)\n"
        "print(json.dumps(zone_rules('Europe/London', at, at).decode()))",
        unpacked,
    )
    assert "TZID:Europe/London" in made


def test_a_connection_is_checked_by_the_certificates_in_the_zip(unpacked: Path) -> None:
    path, certificates = run(
        "import ssl\nfrom botocore.httpsession import get_cert_path\npath = get_cert_path(True)\n"
        "print(json.dumps([path, len(ssl.create_default_context(cafile=path).get_ca_certs())]))",
        unpacked,
    )
    assert path == str(unpacked / "botocore" / "cacert.pem")
    assert certificates > 100
