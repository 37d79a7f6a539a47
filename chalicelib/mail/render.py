"""From facts to a mail, ready to be handed to SES.

The parts, and what each is for:

    multipart/mixed
        multipart/alternative
            text/plain
            multipart/related
                text/html
                image/png              the ticket, shown inside the HTML
            text/calendar; method=...  what makes mail clients offer the entry, or take it out
        application/ics                the same file, for clients that only know attachments

A kind of mail without a ticket or without a calendar entry (domain/kinds.py) lacks those parts.
"""

from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.cancellation import why_cancelled
from chalicelib.domain.colours import link_colours
from chalicelib.domain.event import Event, says_zone
from chalicelib.domain.kinds import KINDS, NoticeKind
from chalicelib.domain.questions import answers_to_repeat
from chalicelib.domain.session import Session, is_called_off
from chalicelib.domain.titles import contact_url, full_title, mailed_name, map_url, one_line, place, unlinked
from chalicelib.domain.told import News
from chalicelib.domain.wording import day_in_words, when
from chalicelib.linked import https_linked
from chalicelib.mail.header import encoded, mailbox

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_LANGUAGE = "en"
"""What our own sentences are written in, whatever the event's language is."""

_TICKET_CID = "ticket@turnout"


class _KnownHeaders(HeaderRegistry):
    """Parses a header once: those of parts are the same in all mails, but for the boundaries.

    Nothing of anybody's is among them. Parsing them was half of what a body took.
    """

    @lru_cache(maxsize=128)  # noqa: B019  # there is one of these, for ever
    def __call__(self, name: str, value: str) -> BaseHeader:
        """Return the header, which nobody changes."""
        return super().__call__(name, value)

    @lru_cache(maxsize=32)  # noqa: B019  # as above
    def __getitem__(self, name: str) -> type[BaseHeader]:
        """Return the class of this header: the registry itself makes a new one each time."""
        return super().__getitem__(name)


_POLICY = SMTP.clone(header_factory=_KnownHeaders())


class MailFacts(Struct, frozen=True, kw_only=True):
    """All that a mail says, prepared by the caller: nothing is looked up here."""

    event: Event
    session: Session
    booking: Booking
    """As it stands now. Of a cancelled booking's key there may be a newer one by the same address."""
    news: News | None = None
    """What of time and place its reader has yet to hear."""
    booking_id: str
    """Whom the notice is about: booking.booking_id, unless that address has booked again since."""
    reference: str
    """The one that this booking prints."""
    version: int
    """The notice's. With booking_id and kind it names this mail."""
    manage_url: str
    ticket_url: str
    event_url: str
    mail_from: str
    """The bare address that SES has verified."""
    calendar: bytes | None = None
    """The .ics, with the method that the mail's kind has; None if it has none."""
    ticket_png: bytes | None = None
    """The QR code, if mails of this kind hold it: who may come wants it in their newest mail."""
    now: datetime


class RenderedMail(Struct, frozen=True, kw_only=True):
    """A mail as it goes out. Everything in here is personal."""

    raw: bytes
    """MIME, in 7-bit ASCII with CRLF."""
    recipient: str
    sender: str
    """The From header of ``raw`` on one line: encoded name and address."""
    subject: str


def render(kind: NoticeKind, facts: MailFacts) -> RenderedMail:
    """Return the mail of this kind. The same facts give the same bytes.

    Raises ValueError for facts that make no such mail, and jinja2.UndefinedError
    for a template that names a fact we don't have.
    """
    if KINDS[kind].ticket != (facts.ticket_png is not None):
        raise ValueError("a ticket is in the mails whose kind has one, and in no others")
    if (KINDS[kind].calendar is None) != (facts.calendar is None):
        raise ValueError("a calendar entry is in the mails whose kind has a method for it, and in no others")
    words = _words(facts)
    subject = one_line(_template(kind, "subject.txt", words))
    sender = mailbox(one_line(facts.event.title), facts.mail_from)
    header = _header(kind, facts, sender, subject)
    return RenderedMail(
        raw=header + _body(kind, facts, words).as_bytes(),
        recipient=facts.booking.address,
        sender=sender.replace("\r\n", ""),
        subject=subject,
    )


def _words(facts: MailFacts) -> dict[str, Any]:
    """Return what the templates may use. All that people typed is one line here, whoever typed it."""
    same_booking = facts.booking.booking_id == facts.booking_id
    called_off = is_called_off(facts.event, facts.session, facts.now)
    changes, before = (facts.news.promises, facts.news.before) if facts.news else ((), None)
    moved_at = facts.session.sequence_at
    says = says_zone(facts.event)
    said = why_cancelled(facts.event, facts.session, facts.now) if called_off else facts.session.change_note
    brand, brand_by_night = link_colours(facts.event.accent_colour)
    return {
        "brand": brand,
        "brand_by_night": brand_by_night,
        "language": _LANGUAGE,
        "title": full_title(facts.event, facts.session),
        "title_language": facts.event.language,
        "noun": facts.event.session_noun if facts.session.status == "cancelled" else "event",
        "name": mailed_name(facts.booking.name),
        "when": when(facts.session, says_zone=says),
        "day": day_in_words(facts.session, facts.now),
        "venue": one_line(facts.session.venue),
        "place": place(facts.session),
        "map_url": map_url(facts.session),
        "places": facts.booking.places,
        "not_kept": facts.booking.not_kept,
        "bookings_max": facts.event.bookings_per_address_max,
        "guests": [mailed_name(guest) for guest in facts.booking.guests],
        "reference": facts.reference,
        "manage_url": facts.manage_url,
        "ticket_url": facts.ticket_url,
        "event_url": facts.event_url,
        "ticket_cid": _TICKET_CID,
        "can_reply": facts.event.reply_to is not None,
        "organiser_name": facts.event.organiser_name and mailed_name(facts.event.organiser_name),
        "contact": facts.event.contact,
        "contact_url": facts.event.contact and contact_url(facts.event.contact),
        "price": facts.event.price and one_line(facts.event.price),
        "answers": [
            (label, unlinked(answer))
            for label, answer in answers_to_repeat(facts.event.questions, facts.booking.answers)
        ],
        "was_changed_before": moved_at is not None and moved_at <= facts.booking.created_at,
        "new_time": "time" in changes,
        "new_place": "place" in changes,
        "when_before": when(before, says_zone=says) if before else None,
        "place_before": place(before) if before else None,
        "organiser_says": one_line(said or ""),
        "called_off": called_off,
        "by_organiser": same_booking and facts.booking.cancelled_by == "organiser",
        "booked_again": not same_booking and facts.booking.status == "confirmed",
    }


def _body(kind: NoticeKind, facts: MailFacts, words: dict[str, Any]) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message.set_content(_template(kind, "body.txt", words), cte="quoted-printable")
    message.add_alternative(_template(kind, "body.html", words), subtype="html", cte="quoted-printable")
    if facts.ticket_png is not None:
        html = list(message.iter_parts())[1]
        html.add_related(
            facts.ticket_png,
            "image",
            "png",
            cid=f"<{_TICKET_CID}>",
            filename="ticket.png",
            disposition="inline",
        )
    if facts.calendar is not None:
        message.add_alternative(
            facts.calendar.decode(),
            subtype="calendar",
            # Base64 keeps its bytes as they are: folded lines must not be folded again on the way.
            cte="base64",
            # The part has to say what the file in it says.
            params={"method": KINDS[kind].calendar},
        )
        message.add_attachment(facts.calendar, "application", "ics", filename="invite.ics")
    _name_boundaries(message, facts.booking_id)
    return message


def _name_boundaries(message: EmailMessage, booking_id: str) -> None:
    # Else they are drawn at random. "=_" can't occur in a quoted-printable or base64 body (RFC 2045 6.7).
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{booking_id}_{number}")


def _header(kind: NoticeKind, facts: MailFacts, sender: str, subject: str) -> bytes:
    """Return the header, up to what the body says of itself.

    No List-Unsubscribe: these are about what this person has booked, and one can't unsubscribe from
    one's own booking. A button that does so would hide the next cancellation.
    """
    fields = {
        "From": sender,
        "To": mailbox("", facts.booking.address),
        "Subject": encoded(subject),
        # SES writes its own of these two; any other way out needs ours.
        "Date": format_datetime(facts.now),
        "Message-ID": f"<{facts.booking_id}.{kind}.{facts.version}@{facts.mail_from.rpartition('@')[2]}>",
        # Asks other machines not to answer: RFC 3834, and Exchange's own.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": _LANGUAGE,
    }
    if facts.event.reply_to is not None:
        fields["Reply-To"] = mailbox(one_line(facts.event.title), facts.event.reply_to)
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("ascii")


def _template(kind: NoticeKind, name: str, words: dict[str, Any]) -> str:
    return _templates().get_template(f"{KINDS[kind].templates}/{name}").render(words)


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415  # slow

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["https_linked"] = https_linked
    return made
