"""The mails that the sink took, and the pages that show them."""

import base64
import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from msgspec import Struct

# What somebody else wrote is shown without scripts, without the network, and without our origin.
MAIL_SECURITY_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)

_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True)


class Mail(Struct, frozen=True):
    """A mail as listed. ``tags`` are those for SES's events."""

    id: str
    received: str
    sender: str
    to: str
    subject: str
    tags: dict[str, str]


class Part(Struct, frozen=True):
    """One leaf of a mail's MIME tree."""

    number: int
    name: str
    content_type: str
    content_id: str
    content: bytes

    @property
    def size(self) -> int:
        """Its size in bytes, decoded."""
        return len(self.content)


class Inbox:
    """A directory with an .eml and a .json for each mail, named so that they sort by time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, mail_id: str, raw: bytes, tags: dict[str, str], received: datetime) -> None:
        """Write a mail down."""
        message = _parse(raw)
        mail = Mail(
            id=mail_id,
            received=received.astimezone(UTC).isoformat(timespec="seconds"),
            sender=str(message["From"] or ""),
            to=str(message["To"] or ""),
            subject=str(message["Subject"] or "").strip(),
            tags=tags,
        )
        (self._directory / f"{mail_id}.eml").write_bytes(raw)
        # Last and whole, because the list goes by these.
        unfinished = self._directory / f"{mail_id}.unfinished"
        unfinished.write_text(json.dumps({name: getattr(mail, name) for name in Mail.__struct_fields__}))
        unfinished.rename(self._directory / f"{mail_id}.json")

    def mails(self) -> list[Mail]:
        """Return all mails, newest first."""
        files = sorted(self._directory.glob("*.json"), reverse=True)
        return [Mail(**json.loads(file.read_text())) for file in files]

    def mail(self, mail_id: str) -> Mail | None:
        """Return this email, or None if there is no such id."""
        return next((mail for mail in self.mails() if mail.id == mail_id), None)

    def raw(self, mail_id: str) -> bytes:
        """Return the mail as it was given to SES."""
        return (self._directory / f"{mail_id}.eml").read_bytes()

    def parts(self, mail_id: str) -> list[Part]:
        """Return the leaves of the mail, numbered from 0."""
        leaves = [part for part in _parse(self.raw(mail_id)).walk() if not part.is_multipart()]
        return [
            Part(
                number=number,
                name=leaf.get_filename() or f"part-{number}.{leaf.get_content_subtype()}",
                content_type=leaf.get_content_type(),
                content_id=str(leaf["Content-ID"] or "").strip("<> "),
                content=_content(leaf),
            )
            for number, leaf in enumerate(leaves)
        ]


def list_page(inbox: Inbox) -> str:
    """Return the page with all mails."""
    return _PAGES.get_template("inbox.html").render(mails=inbox.mails())


def mail_page(inbox: Inbox, mail: Mail) -> str:
    """Return the page with one mail."""
    message = _parse(inbox.raw(mail.id))
    text = message.get_body(("plain",))
    return _PAGES.get_template("mail.html").render(
        mail=mail,
        parts=inbox.parts(mail.id),
        text=text.get_content() if text else "(This email has no text.)",
        has_html=message.get_body(("html",)) is not None,
    )


def html_body(inbox: Inbox, mail: Mail) -> str:
    """Return the mail's HTML, its own images inside it and its links opening beside it."""
    body = _parse(inbox.raw(mail.id)).get_body(("html",))
    html: str = body.get_content() if body else ""
    for part in inbox.parts(mail.id):
        if part.content_id:
            encoded = base64.b64encode(part.content).decode()
            html = html.replace(f"cid:{part.content_id}", f"data:{part.content_type};base64,{encoded}")
    return '<base target="_blank">' + html


def _parse(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _content(leaf: Any) -> bytes:
    content: bytes = leaf.get_payload(decode=True) or b""
    return content
