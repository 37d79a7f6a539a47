"""What SES knows of the domain or the address that emails come from."""

from typing import Any

from msgspec import Struct

from infra.preflight.aws import Aws
from infra.preflight.check import CannotTell, Check, Record, ok, to_do
from infra.preflight.sender import Sender

IDENTITY = "SES identity"
SIGNING = "DKIM signing"
_HOSTED_ZONE = "dkim.amazonses.com"


class Identity(Struct, frozen=True):
    """A domain or an address that SES was asked to verify."""

    name: str
    answer: dict[str, Any]

    @property
    def is_domain(self) -> bool:
        """Whether it is a domain: only a domain has DKIM records of its own."""
        return "@" not in self.name

    @property
    def is_verified(self) -> bool:
        """Whether SES sends for it."""
        return bool(self.answer.get("VerifiedForSendingStatus"))

    @property
    def dkim(self) -> dict[str, Any]:
        """How emails are signed."""
        found: dict[str, Any] = self.answer.get("DkimAttributes", {})
        return found

    @property
    def bounce_domain(self) -> str | None:
        """The domain of its own for bounces (custom MAIL FROM), if there is one."""
        return self.answer.get("MailFromAttributes", {}).get("MailFromDomain") or None

    def dkim_records(self) -> list[Record]:
        """Return the records that SES looks for; for a key of the account's own SES can't name them."""
        if self.dkim.get("SigningAttributesOrigin") == "EXTERNAL":
            return []
        # Some regions keep the keys in a zone of their own.
        zone = self.dkim.get("SigningHostedZone") or _HOSTED_ZONE
        return [
            Record("CNAME", f"{token}._domainkey.{self.name}", f"{token}.{zone}")
            for token in self.dkim.get("Tokens", [])
        ]


def identity_of(aws: Aws, sender: Sender) -> Identity | None:
    """Return the identity that SES uses for this sender: its domain, one above it, or the address alone.

    Raises CannotTell.
    """
    for name in [*sender.domains, *([sender.address] if sender.address else [])]:
        answer = aws.ask(
            "sesv2", "get_email_identity", "ses:GetEmailIdentity", "NotFoundException", EmailIdentity=name
        )
        if answer is not None:
            return Identity(name, answer)
    return None


def identity(aws: Aws, sender: Sender) -> Check:
    """Look whether SES sends for this sender. Raises CannotTell."""
    found = identity_of(aws, sender)
    create = f"aws sesv2 create-email-identity --email-identity {sender.domain} --region {aws.region}"
    if found is None:
        return to_do(
            IDENTITY,
            f"SES does not know {sender.domain} in this region",
            "SES sends only for what it has verified. Paste this, then run preflight again for the records:",
            create,
        )
    if found.is_verified:
        return ok(IDENTITY, f"{found.name} is verified")
    if not found.is_domain:
        return to_do(
            IDENTITY,
            f"{found.name} is not verified",
            "SES sent an email with a link to this address. A domain is better: it is signed with DKIM.",
            create,
        )
    if found.answer.get("VerificationStatus") == "FAILED" or found.dkim.get("Status") == "FAILED":
        return to_do(
            IDENTITY,
            f"{found.name} is not verified: SES has stopped looking",
            "SES found no DKIM records for 72 hours. Begin again, then add the records:",
            f"aws sesv2 delete-email-identity --email-identity {found.name} --region {aws.region}",
            f"aws sesv2 create-email-identity --email-identity {found.name} --region {aws.region}",
        )
    return to_do(
        IDENTITY,
        f"{found.name} is not verified yet",
        "Add the DKIM records below. SES can take up to 72 hours to find them.",
    )


def signing(aws: Aws, sender: Sender) -> Check:
    """Look whether SES signs with DKIM in the name of the domain. Raises CannotTell."""
    found = identity_of(aws, sender)
    if found is None:
        raise CannotTell("SES does not know the domain yet")
    if not found.is_domain:
        return to_do(
            SIGNING,
            f"SES knows {found.name}, but not its domain",
            "Without DKIM many mailboxes treat emails as spam. Paste this, then run preflight again:",
            f"aws sesv2 create-email-identity --email-identity {sender.domain} --region {aws.region}",
        )
    if not found.dkim.get("SigningEnabled"):
        return to_do(
            SIGNING,
            "switched off",
            "Without DKIM many mailboxes treat emails as spam. Switch it on:",
            "aws sesv2 put-email-identity-dkim-attributes --signing-enabled "
            f"--email-identity {found.name} --region {aws.region}",
        )
    if found.dkim.get("SigningAttributesOrigin") == "EXTERNAL":
        status = found.dkim.get("Status", "")
        if status != "SUCCESS":
            return to_do(
                SIGNING,
                "with a key of your own, which SES does not find in DNS",
                "Add the TXT record of your key again. SES gives only its selector: "
                + ", ".join(found.dkim.get("Tokens", [])),
            )
        return ok(SIGNING, "on, with a key of your own")
    return ok(SIGNING, "on")
