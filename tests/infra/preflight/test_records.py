"""DNS records, looked up at a DNS server that runs on this machine."""

import pytest

from infra.preflight.check import CannotTell
from infra.preflight.lookup import Server, server_in
from infra.preflight.records import dkim, dmarc, spf
from infra.preflight.sender import sender_in
from tests.infra.preflight.dns_server import DnsServer
from tests.infra.preflight.written import SENDER, TOKENS, WrittenAws

BOUNCES = {"MailFromDomain": "bounce.larder.example", "MailFromDomainStatus": "SUCCESS"}
MX = "10 feedback-smtp.eu-west-2.amazonses.com."


def add_dkim(dns_server: DnsServer, *tokens: str) -> None:
    for token in tokens:
        dns_server.add("CNAME", f"{token}._domainkey.larder.example", f"{token}.dkim.amazonses.com.")


def test_each_dkim_record_is_ok_or_has_its_line_to_paste(written: WrittenAws, dns_server: DnsServer) -> None:
    written.identity()
    add_dkim(dns_server, TOKENS[0], TOKENS[2])
    found = dkim(written.aws, dns_server.lookup, SENDER)
    assert [check.mark for check in found] == ["ok", "to do", "ok"]
    assert found[1].name == "DKIM record 2 of 3"
    assert [line.split() for line in found[1].paste] == [
        ["type", "name", "value"],
        ["CNAME", "bbbb2222._domainkey.larder.example", "bbbb2222.dkim.amazonses.com"],
    ]


def test_a_dkim_record_with_another_value_is_shown_with_what_it_says(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.identity()
    dns_server.add("CNAME", "aaaa1111._domainkey.larder.example", "old.dkim.amazonses.com.")
    found = dkim(written.aws, dns_server.lookup, SENDER)[0]
    assert found.mark == "to do"
    assert found.found.endswith("says old.dkim.amazonses.com")


def test_a_record_with_the_domain_written_twice_is_recognised(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.identity()
    twice = "aaaa1111._domainkey.larder.example.larder.example"
    dns_server.add("CNAME", twice, "aaaa1111.dkim.amazonses.com.")
    first, second, _ = dkim(written.aws, dns_server.lookup, SENDER)
    assert f"You added it as {twice}" in first.why
    assert "You added it as" not in second.why


def test_the_keys_of_a_region_with_a_zone_of_its_own_are_expected_there(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    zone = "dkim.af-south-1.amazonses.com"
    attributes = {"SigningEnabled": True, "Status": "PENDING", "Tokens": TOKENS, "SigningHostedZone": zone}
    written.identity(DkimAttributes=attributes)
    assert f"aaaa1111.{zone}" in dkim(written.aws, dns_server.lookup, SENDER)[0].paste[1]


def test_a_dns_server_that_fails_or_is_silent_can_t_tell_and_the_others_go_on(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.identity()
    add_dkim(dns_server, *TOKENS)
    dns_server.broken.add("aaaa1111._domainkey.larder.example")
    dns_server.silent.add("bbbb2222._domainkey.larder.example")
    found = dkim(written.aws, dns_server.impatient_lookup, SENDER)
    assert [check.mark for check in found] == ["can't tell", "can't tell", "ok"]
    assert "no DNS server answers" in found[0].found


def test_a_port_where_no_server_is_can_t_tell(written: WrittenAws) -> None:
    with DnsServer() as gone:
        lookup = gone.impatient_lookup
    with pytest.raises(CannotTell, match="no DNS server answers"):
        dmarc(lookup, SENDER)


def test_dkim_records_of_a_domain_that_ses_does_not_know_can_t_be_told(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.no_identity("larder.example")
    written.no_identity("bookings@larder.example")
    with pytest.raises(CannotTell, match="SES shows them"):
        dkim(written.aws, dns_server.lookup, SENDER)
    assert dns_server.asked == []


def test_spf_needs_nothing_while_bounces_go_to_amazon(written: WrittenAws, dns_server: DnsServer) -> None:
    written.identity()
    (found,) = spf(written.aws, dns_server.lookup, SENDER)
    assert (found.mark, dns_server.asked) == ("ok", [])


def test_a_bounce_domain_of_one_s_own_needs_its_mx_and_its_spf(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.identity(MailFromAttributes={**BOUNCES, "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"})
    missing = spf(written.aws, dns_server.lookup, SENDER)
    assert [check.mark for check in missing] == ["to do", "to do"]
    assert missing[0].paste[1].split(maxsplit=2) == ["MX", "bounce.larder.example", MX.removesuffix(".")]
    assert missing[1].paste[1].endswith("v=spf1 include:amazonses.com ~all")

    dns_server.add("MX", "bounce.larder.example", MX)
    # In two pieces, as long texts are kept.
    dns_server.add("TXT", "bounce.larder.example", '"v=spf1 include:amazon" "ses.com ~all"')
    assert [check.mark for check in spf(written.aws, dns_server.lookup, SENDER)] == ["ok", "ok"]


def test_an_spf_record_that_does_not_name_ses_is_completed(
    written: WrittenAws, dns_server: DnsServer
) -> None:
    written.identity(MailFromAttributes={**BOUNCES, "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"})
    dns_server.add("TXT", "bounce.larder.example", '"v=spf1 ip4:192.0.2.1 -all"')
    found = spf(written.aws, dns_server.lookup, SENDER)[1]
    assert found.mark == "to do"
    assert found.paste[1].endswith("v=spf1 include:amazonses.com ip4:192.0.2.1 -all")


def test_two_spf_records_are_one_too_many(written: WrittenAws, dns_server: DnsServer) -> None:
    written.identity(MailFromAttributes={**BOUNCES, "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"})
    for value in ('"v=spf1 include:amazonses.com ~all"', '"v=spf1 -all"'):
        dns_server.add("TXT", "bounce.larder.example", value)
    found = spf(written.aws, dns_server.lookup, SENDER)[1]
    assert (found.mark, found.found) == ("to do", "bounce.larder.example has 2 SPF records")


@pytest.mark.parametrize(
    ("record", "mark"),
    [
        ("v=spf1 +include:amazonses.com -all", "ok"),
        ("V=SPF1  a  INCLUDE:AmazonSES.com  ~all", "ok"),
        ("v=spf1 -all include:amazonses.com", "to do"),
        ("v=spf1 -include:amazonses.com ~all", "to do"),
        ("v=spf1", "to do"),
    ],
)
def test_spf_lets_ses_send_only_before_what_matches_all(
    written: WrittenAws, dns_server: DnsServer, record: str, mark: str
) -> None:
    written.identity(MailFromAttributes={**BOUNCES, "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"})
    dns_server.add("TXT", "bounce.larder.example", f'"{record}"')
    assert spf(written.aws, dns_server.lookup, SENDER)[1].mark == mark


def test_a_second_mx_is_one_too_many_for_ses(written: WrittenAws, dns_server: DnsServer) -> None:
    written.identity(MailFromAttributes={**BOUNCES, "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"})
    for value in (MX, "20 mx.larder.example."):
        dns_server.add("MX", "bounce.larder.example", value)
    found = spf(written.aws, dns_server.lookup, SENDER)[0]
    assert found.mark == "to do"
    assert "20 mx.larder.example" in found.found


def test_a_record_for_all_names_of_a_zone_is_not_taken_for_one_with_the_domain_written_twice(
    dns_server: DnsServer,
) -> None:
    for name in ("_dmarc.larder.example", "_dmarc.larder.example.larder.example"):
        dns_server.add("TXT", name, '"hello"')
    assert "It stands at" not in dmarc(dns_server.lookup, SENDER).why


def test_dmarc_that_names_a_policy_is_ok_also_in_pieces(dns_server: DnsServer) -> None:
    dns_server.add("TXT", "_dmarc.larder.example", '"v=DMARC1; " "p=quarantine; rua=mailto:a@larder.example"')
    found = dmarc(dns_server.lookup, SENDER)
    assert (found.mark, found.found) == ("ok", "_dmarc.larder.example says p=quarantine")


def test_dmarc_of_the_domain_above_counts(dns_server: DnsServer) -> None:
    dns_server.add("TXT", "_dmarc.larder.example", '"v=DMARC1; p=none"')
    assert dmarc(dns_server.lookup, sender_in("post.larder.example")).mark == "ok"


def test_missing_dmarc_has_its_line_to_paste_whatever_other_texts_there_are(dns_server: DnsServer) -> None:
    dns_server.add("TXT", "_dmarc.larder.example", '"some other text"')
    found = dmarc(dns_server.lookup, SENDER)
    assert found.mark == "to do"
    assert found.paste[1].split(maxsplit=2) == ["TXT", "_dmarc.larder.example", "v=DMARC1; p=none"]


def test_dmarc_with_only_a_policy_for_subdomains_is_to_do(dns_server: DnsServer) -> None:
    dns_server.add("TXT", "_dmarc.larder.example", '"v=DMARC1; sp=none"')
    assert dmarc(dns_server.lookup, SENDER).found == "_dmarc.larder.example names no policy"


def test_two_dmarc_records_are_one_too_many(dns_server: DnsServer) -> None:
    for value in ('"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'):
        dns_server.add("TXT", "_dmarc.larder.example", value)
    found = dmarc(dns_server.lookup, SENDER)
    assert (found.mark, len(found.paste)) == ("to do", 3)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("9.9.9.9:5353", Server("9.9.9.9", 5353)),
        ("9.9.9.9", Server("9.9.9.9", 53)),
        ("2620:fe::fe", Server("2620:fe::fe", 53)),
        ("[2620:fe::fe]:5353", Server("2620:fe::fe", 5353)),
    ],
)
def test_a_resolver_is_an_ip_address_with_or_without_a_port(text: str, server: Server) -> None:
    assert server_in(text) == server


@pytest.mark.parametrize("text", ["", "dns.example:53", "9.9.9.9:0", "9.9.9.9:x", "9.9.9.9:65536"])
def test_what_is_no_resolver_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        server_in(text)
