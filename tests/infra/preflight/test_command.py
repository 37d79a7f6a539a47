"""The whole command: its order, its exit status, and how it looks on a terminal and off it."""

import io
import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from infra import preflight
from infra.command import Parser
from infra.local.ministack import MiniStack
from infra.preflight import checklist
from infra.preflight.check import Check
from infra.preflight.checklist import Wanted
from infra.preflight.report import Report
from infra.preflight.sender import Sender, sender_in
from infra.vendor import ROOT
from tests.infra.playing import run
from tests.infra.preflight.dns_server import DnsServer
from tests.infra.preflight.written import QUOTA_CODES, SENDER, TOKENS, WrittenAws
from tests.plain_words import not_plain

MARK = re.compile(r"^  [+!?] (ok|to do|can't tell) +(.+?): ", re.MULTILINE)


class Terminal(io.StringIO):
    """A terminal that remembers what it was given."""

    def isatty(self) -> bool:
        return True


def asked(sender: Sender | None = SENDER) -> Wanted:
    return Wanted(sender=sender)


def all_records(dns_server: DnsServer) -> None:
    for token in TOKENS:
        dns_server.add("CNAME", f"{token}._domainkey.larder.example", f"{token}.dkim.amazonses.com.")
    dns_server.add("TXT", "_dmarc.larder.example", '"v=DMARC1; p=none"')


def used(*arguments: str) -> None:
    parser = Parser(prog="python -m infra")
    preflight.add_command(parser.add_subparsers())
    parsed = parser.parse_args(["preflight", *arguments])
    parsed.run(parsed)


def marks(printed: str) -> dict[str, str]:
    return {name: mark for mark, name in MARK.findall(printed)}


def test_when_all_is_ready_it_says_so_with_the_next_command_and_exits_with_0(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.everything()
    all_records(dns_server)
    out = io.StringIO()
    assert checklist.preflight(asked(), dns_server.lookup, {}, out, written.aws) == 0
    assert set(marks(out.getvalue()).values()) == {"ok"}
    assert out.getvalue().endswith(
        "All is ready. Next: make deploy STAGE=live MAIL_FROM=bookings@larder.example"
        ' PARAMETERS="MailsPerSecond=14"\n'
    )


def test_the_next_command_holds_an_odd_address_as_one_word(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.everything()
    all_records(dns_server)
    address, out = "o'brien$(touch${IFS}made)`x`;&@larder.example", io.StringIO()
    checklist.preflight(asked(sender_in(address)), dns_server.lookup, {}, out, written.aws)
    assert shlex.split(out.getvalue().splitlines()[-1])[-2] == f"MAIL_FROM={address}"


def test_what_dns_and_aws_answer_reaches_no_terminal_as_it_came(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.caller()
    details = {"ReviewDetails": {"Status": "DENIED", "CaseId": "\x1b]0;title\x07"}}
    written.account(ProductionAccessEnabled=False, Details=details)
    written.identity(
        MailFromAttributes={
            "MailFromDomain": "b.larder.example",
            "MailFromDomainStatus": "FAILED",
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        }
    )
    for policy in (r"\027[2J", r"\010touch made\010", "\\226\\128\\174"):
        dns_server.add("TXT", "_dmarc.larder.example", f'"v=DMARC1; p=none; {policy}"')
    dns_server.add("TXT", "b.larder.example", r'"v=spf1 \027[31m -all"')
    out = io.StringIO()
    checklist.preflight(asked(), dns_server.lookup, {}, out, written.aws)
    printed = out.getvalue()
    assert [one for one in printed.replace("\n", "") if not one.isprintable()] == []
    for said in (r"\x1b]0;title\x07", r"\x1b[2J", r"\ntouch made\n", r"\u202e", r"\x1b[31m -all"):
        assert said in printed


def test_a_long_answer_is_cut_off_where_it_is_only_to_be_recognised() -> None:
    out = io.StringIO()
    Report(out, {}).section("DNS", [Check("to do", "MX", "x" * 60_000, "Change it to this.", ("y" * 500,))])
    assert re.findall("x+ ?.*", out.getvalue()) == ["x" * 400 + " ..."]
    assert "y" * 500 in out.getvalue()


@pytest.mark.parametrize("rate", [0.0, 1e300, float("nan"), float("inf"), -5.0])
def test_no_rate_of_emails_is_too_odd_for_the_other_checks_to_go_on(
    written: WrittenAws, dns_server: DnsServer, rate: float
) -> None:
    written.caller()
    written.account(SendQuota={"Max24HourSend": -1.0, "MaxSendRate": rate, "SentLast24Hours": 0.0})
    written.identity()
    all_records(dns_server)
    for code in QUOTA_CODES:
        written.quota(code, float("nan"))
    out = io.StringIO()
    assert checklist.preflight(asked(), dns_server.lookup, {}, out, written.aws) == 1
    assert marks(out.getvalue())["Lambda concurrent executions"] == "can't tell"
    assert "AWS's answer has no number for Value" in out.getvalue()


def test_first_comes_what_all_needs_then_what_takes_longest(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.everything()
    all_records(dns_server)
    out = io.StringIO()
    checklist.preflight(asked(), dns_server.lookup, {}, out, written.aws)
    assert list(marks(out.getvalue())) == [
        "credentials",
        "region",
        "SES production access",
        "SES sending",
        "SES identity",
        "DKIM signing",
        "DKIM record 1 of 3",
        "DKIM record 2 of 3",
        "DKIM record 3 of 3",
        "SPF",
        "DMARC",
        "SES emails a second",
        "SES emails in 24 hours",
        "Lambda concurrent executions",
        "API Gateway requests a second",
        "DynamoDB write units of a table",
        "DynamoDB read units of a table",
    ]
    assert out.getvalue().index("What it costs") > out.getvalue().index("DynamoDB read units")


def test_one_thing_left_is_counted_and_exits_with_1(written: WrittenAws, dns_server: DnsServer) -> None:
    written.everything()
    all_records(dns_server)
    del dns_server.zone["_dmarc.larder.example", "TXT"]
    out = io.StringIO()
    assert checklist.preflight(asked(), dns_server.lookup, {}, out, written.aws) == 1
    assert out.getvalue().endswith("\n1 thing to do. Then run preflight again.\n")


def test_what_can_t_be_told_is_not_ready_either(written: WrittenAws, dns_server: DnsServer) -> None:
    written.everything()
    all_records(dns_server)
    dns_server.broken.add("_dmarc.larder.example")
    out = io.StringIO()
    assert checklist.preflight(asked(), dns_server.lookup, {}, out, written.aws) == 1
    assert out.getvalue().endswith("\n0 things to do. 1 check can't tell yet. Run preflight again later.\n")


def test_without_a_sender_the_other_checks_go_on(written: WrittenAws, dns_server: DnsServer) -> None:
    written.everything()
    out = io.StringIO()
    assert checklist.preflight(asked(None), dns_server.lookup, {}, out, written.aws) == 1
    found = marks(out.getvalue())
    assert [name for name, mark in found.items() if mark != "ok"] == ["SES identity"]
    assert "make preflight MAIL_FROM=bookings@your.org" in out.getvalue()


@pytest.mark.parametrize(
    ("out", "environment", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (io.StringIO(), {}, False),
    ],
    ids=["terminal", "NO_COLOR without a text", "NO_COLOR", "file"],
)
def test_colour_is_for_terminals_and_never_the_only_mark(
    written: WrittenAws, dns_server: DnsServer, out: io.StringIO, environment: dict[str, str], coloured: bool
) -> None:
    written.everything()
    checklist.preflight(asked(), dns_server.lookup, environment, out, written.aws)
    printed = out.getvalue()
    assert ("\x1b[" in printed) is coloured
    plain = re.sub(r"\x1b\[\d+m", "", printed)
    assert {"ok", "to do"} == set(marks(plain).values())


def test_all_that_it_prints_is_in_plain_words(dns_server: DnsServer) -> None:
    written = WrittenAws("eu-west-2")
    written.caller()
    written.account(ProductionAccessEnabled=False, SendingEnabled=False)
    written.no_identity("larder.example")
    written.no_identity("bookings@larder.example")
    out = io.StringIO()
    checklist.preflight(asked(), dns_server.lookup, {}, out, written.aws)
    # What is to be pasted stands at the edge.
    prose = "\n".join(line for line in out.getvalue().splitlines() if line.startswith(" "))
    assert "switched off" in prose
    assert not_plain(prose.replace("    ", "")) == []


def test_a_profile_that_is_not_there_is_to_do_and_nothing_crashes(dns_server: DnsServer) -> None:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_PROFILE", "not-there")
        patch.setenv("AWS_CONFIG_FILE", "/nowhere")
        assert checklist.preflight(asked(), dns_server.lookup, {"AWS_REGION": "eu-west-2"}, out) == 1
    assert marks(out.getvalue()) == {"credentials": "to do"}
    assert "\naws configure sso --profile not-there\n" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mail-from", "bookings@"), "bookings@your.org"),
        (("--resolver", "dns.example"), "9.9.9.9:53"),
        (("--stage", "Live!"), "Try live or test"),
        (("--website", "larder.example"), "https://your.org"),
        (("--people", "many"), "from 1 to 100,000,000"),
        (("--places", "0"), "from 1 to 100,000,000"),
        (("--people", "1,000", "--sessions", "1001"), "1,001 sessions can't share 1,000 places"),
        (("--peop", "10"), "there is no --peop. Did you mean --people?"),
    ],
    ids=" ".join,
)
def test_a_wrong_use_says_what_is_right_and_exits_with_2(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        used(*arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_help_is_in_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        used("--help")
    printed = capsys.readouterr().out
    assert "make preflight MAIL_FROM=bookings@your.org" in printed
    assert not_plain(printed.replace("--mail-from", "").replace("  ", " ")) == []


def test_the_help_names_each_permission_that_is_asked_for() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "infra" / "preflight").glob("*.py"))
    needed = set(re.findall(r'"((?:ses|servicequotas):\w+)"', sources))
    assert needed == set(preflight.PERMISSIONS)


@pytest.fixture
def sandbox(played_aws: MiniStack) -> Iterator[MiniStack]:
    """An account in the sandbox that knows our domain."""
    ses = played_aws.client("sesv2")
    ses.put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://larder.example", ProductionAccessEnabled=False
    )
    ses.create_email_identity(EmailIdentity="larder.example")
    yield played_aws
    ses.delete_email_identity(EmailIdentity="larder.example")
    ses.put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://larder.example", ProductionAccessEnabled=True
    )


def ran(aws: MiniStack, dns_server: DnsServer, **variables: str) -> subprocess.CompletedProcess[str]:
    return run(
        aws,
        "preflight",
        "--mail-from",
        "bookings@larder.example",
        "--people",
        "200",
        "--resolver",
        f"127.0.0.1:{dns_server.port}",
        **variables,
    )


def test_it_runs_against_the_local_aws_and_a_local_dns_server(
    sandbox: MiniStack, dns_server: DnsServer
) -> None:
    tokens = sandbox.client("sesv2").get_email_identity(EmailIdentity="larder.example")["DkimAttributes"]
    for token in tokens["Tokens"][:2]:
        dns_server.add("CNAME", f"{token}._domainkey.larder.example", f"{token}.dkim.amazonses.com.")
    done = ran(sandbox, dns_server)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    found = marks(done.stdout)
    # MiniStack takes these credentials for the root user's.
    assert found["credentials"] == "to do"
    assert found["region"] == found["SES identity"] == "ok"
    assert found["SES production access"] == "to do"
    assert [found[f"DKIM record {number} of 3"] for number in (1, 2, 3)] == ["ok", "ok", "to do"]
    assert f"{tokens['Tokens'][2]}._domainkey.larder.example" in done.stdout
    assert "400 emails in 24 hours" in done.stdout
    # MiniStack knows no Service Quotas: the checks before and after go on.
    assert found["Lambda concurrent executions"] == "can't tell"


def test_one_missing_permission_leaves_the_other_checks(sandbox: MiniStack, dns_server: DnsServer) -> None:
    access = allowed(sandbox, "ses:GetEmailIdentity")
    done = ran(sandbox, dns_server, **access)
    assert done.returncode == 1, done.stderr
    found = marks(done.stdout)
    assert found["SES production access"] == "can't tell"
    assert "lack the permission ses:GetAccount" in done.stdout
    assert found["credentials"] == found["SES identity"] == "ok"
    assert "checker" not in done.stdout


def allowed(aws: MiniStack, action: str) -> dict[str, str]:
    """Return the credentials of a user who may do this alone."""
    iam: Any = aws.client("iam")
    iam.create_user(UserName="checker")
    statement = f'{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}'
    iam.put_user_policy(
        UserName="checker",
        PolicyName="one",
        PolicyDocument=f'{{"Version": "2012-10-17", "Statement": [{statement}]}}',
    )
    key = iam.create_access_key(UserName="checker")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
