"""The DNS records that make mailboxes trust the emails: DKIM, SPF and DMARC."""

import re

from infra.preflight.aws import Aws
from infra.preflight.check import CannotTell, Check, Record, as_form, ok, to_do
from infra.preflight.identity import identity_of
from infra.preflight.lookup import Lookup
from infra.preflight.sender import Sender

DKIM, SPF, DMARC = "DKIM records", "SPF", "DMARC"
_INCLUDE = "include:amazonses.com"
_ADD = "Add this record on the website where your DNS is kept."
_WAIT = "DNS can take some hours, and SES up to 72 hours, to show a change."
_POLICY = re.compile(r"\bp\s*=\s*(none|quarantine|reject)\b", re.IGNORECASE)


def dkim(aws: Aws, lookup: Lookup, sender: Sender) -> list[Check]:
    """Look for each of the domain's DKIM records. Raises CannotTell if SES names none."""
    found = identity_of(aws, sender)
    if found is None or not found.is_domain:
        raise CannotTell("SES shows them once it knows the domain")
    records = found.dkim_records()
    checks = []
    for number, record in enumerate(records, 1):
        name = f"DKIM record {number} of {len(records)}"
        checks.append(_of_record(name, record, found.name, lookup))
    return checks


def spf(aws: Aws, lookup: Lookup, sender: Sender) -> list[Check]:
    """Look for the records of the domain for bounces, if there is one. Raises CannotTell."""
    found = identity_of(aws, sender)
    if found is None:
        raise CannotTell("SES does not know the domain yet")
    bounces = found.bounce_domain
    if bounces is None:
        return [ok(SPF, "nothing to add: bounces go to a domain of Amazon, which passes SPF")]
    takes_bounces = Record("MX", bounces, f"10 feedback-smtp.{aws.region}.amazonses.com")
    return [
        _of_record("MX of the bounce domain", takes_bounces, sender.domain, lookup),
        _spf_of(bounces, lookup),
    ]


def dmarc(lookup: Lookup, sender: Sender) -> Check:
    """Look for a DMARC record of the domain, or of one above it. Raises CannotTell."""
    for domain in sender.domains:
        name = f"_dmarc.{domain}"
        records = [text for text in lookup.values(name, "TXT") if text.lower().startswith("v=dmarc1")]
        if len(records) > 1:
            return to_do(
                DMARC,
                f"{name} has {len(records)} DMARC records",
                "With more than one, none counts. Keep one and delete the others:",
                *as_form(*(Record("TXT", name, text) for text in records)),
            )
        if records and (policy := _POLICY.search(records[0])):
            return ok(DMARC, f"{name} says p={policy[1].lower()}")
        if records:
            return to_do(
                DMARC,
                f"{name} names no policy",
                "A DMARC record needs p=none, p=quarantine or p=reject. Change it to this:",
                *as_form(Record("TXT", name, "v=DMARC1; p=none")),
            )
    wanted = Record("TXT", f"_dmarc.{sender.domain}", "v=DMARC1; p=none")
    add = _misplaced(wanted, sender.domain, lookup) or _ADD
    why = "Large mailbox providers expect it. With p=none, no email is refused because of it."
    return to_do(DMARC, f"{wanted.name} is missing", f"{add} {why}", *as_form(wanted))


def _spf_of(bounces: str, lookup: Lookup) -> Check:
    records = [text for text in lookup.values(bounces, "TXT") if text.lower().startswith("v=spf1")]
    if len(records) > 1:
        return to_do(
            SPF,
            f"{bounces} has {len(records)} SPF records",
            "With more than one, SPF fails. Keep one that has include:amazonses.com and delete the others:",
            *as_form(*(Record("TXT", bounces, text) for text in records)),
        )
    if records and _lets_ses_send(records[0]):
        return ok(SPF, f"{bounces} lets SES send")
    if records:
        # Mechanisms count from left to right, and the last one ends the search.
        version, _, rest = records[0].partition(" ")
        wanted = Record("TXT", bounces, f"{version} {_INCLUDE} {rest}".strip())
        return to_do(SPF, f"{bounces} does not let SES send", "Change the record to this:", *as_form(wanted))
    wanted = Record("TXT", bounces, f"v=spf1 {_INCLUDE} ~all")
    return to_do(
        SPF,
        f"{bounces} has no SPF record",
        f"{_ADD} It lets SES send for your domain for bounces.",
        *as_form(wanted),
    )


def _lets_ses_send(record: str) -> bool:
    for mechanism in record.lower().split():
        if mechanism.removeprefix("+") == _INCLUDE:
            return True
        if mechanism.lstrip("+-~?") == "all":
            # What stands behind it is never read.
            return False
    return False


def _of_record(name: str, wanted: Record, domain: str, lookup: Lookup) -> Check:
    try:
        there = lookup.values(wanted.name, wanted.kind)
        # SES wants its MX to be the only one, and of a CNAME there can be only one.
        if there == [wanted.value.lower()]:
            return ok(name, f"{wanted.name} is there")
        if there:
            return to_do(
                name,
                f"{wanted.name} says {', '.join(there)}",
                f"Change it to this. {_WAIT}",
                *as_form(wanted),
            )
        misplaced = _misplaced(wanted, domain, lookup)
    except CannotTell as reason:
        return Check("can't tell", name, str(reason))
    return to_do(
        name,
        f"{wanted.name} is missing",
        f"{misplaced or _ADD} {_WAIT}",
        *as_form(wanted),
    )


def _misplaced(wanted: Record, domain: str, lookup: Lookup) -> str:
    """Return a hint if the record stands where many forms put it: with the domain written twice."""
    twice = f"{wanted.name}.{domain}"
    try:
        # A record for all names of a zone (*) answers here too, with something else.
        begins = wanted.value.lower().partition(";")[0]
        found = any(value.lower().startswith(begins) for value in lookup.values(twice, wanted.kind))
    except CannotTell:
        # That it is missing is known already; this would only have been a hint.
        found = False
    if not found:
        return ""
    return f"You added it as {twice}: the website adds {domain} by itself. Leave that out of the name."
