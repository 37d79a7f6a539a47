import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parseaddr
from functools import cache
from html.parser import HTMLParser
from io import BytesIO

import jinja2
import pytest
import vobject
import zxingcpp
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from chalicelib.documents.ticket import ticket_png
from chalicelib.domain.colours import OUR_LINKS, link_colours
from chalicelib.domain.kinds import KINDS, NoticeKind
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.questions import Question
from chalicelib.domain.session import Promise
from chalicelib.domain.ticket import Ticket, read_ticket
from chalicelib.domain.titles import one_line, unlinked
from chalicelib.domain.told import News, told_of
from chalicelib.mail import render as rendering
from chalicelib.mail.render import MailFacts, RenderedMail, render
from tests.mail.samples import (
    BOOKING,
    BOOKING_ID,
    EVENT,
    EVENT_URL,
    MANAGE_URL,
    MOVED,
    NOW,
    SESSION,
    TICKET_URL,
    facts,
)

STANDS: tuple[NoticeKind, ...] = ("confirmation", "change")
"""Those that go to who has a booking."""
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
}
ATTACKS = [
    "Ann\r\nBcc: eve@example.com",
    "Ann\n\nEve",
    'Ann "The Boss" <eve@example.com>',
    "Ann, eve@example.com",
    "Ann\u202eelpmaxe\u202c",
    "Ann 🍛 Ж 中文 عربي",
    "<script>alert(1)</script>",
    "</h1><img src=x onerror=alert(1)>",
    "{{ manage_url }} {% raw %} {# x #}",
    "=?utf-8?q?Eve?= <x>",
    "Ann\u2028Bcc: eve@example.com",
    "-- \r\n--=_bq5xzk3faaaabbbbccccdddd_0--",
]


def parse(mail: RenderedMail) -> EmailMessage:
    message = message_from_bytes(mail.raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert all(not part.defects for part in message.walk())
    return message


def part(mail: RenderedMail, content_type: str) -> EmailMessage:
    found = [p for p in parse(mail).walk() if p.get_content_type() == content_type]
    assert len(found) == 1
    assert isinstance(found[0], EmailMessage)
    return found[0]


def text_of(mail: RenderedMail) -> str:
    return str(part(mail, "text/plain").get_content())


class Reader(HTMLParser):
    """What a person gets to see of an HTML mail, where its links go, and what it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        attributes = dict(attrs)
        assert not any(name.startswith("on") for name in attributes)
        if tag == "a":
            self.links.append(attributes["href"] or "")
        if tag == "img":
            self.pictures.append(attributes)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def html_of(mail: RenderedMail) -> Reader:
    return Reader(part(mail, "text/html").get_content())


def tree(message: EmailMessage) -> list[object]:
    return [
        message.get_content_type(),
        *(tree(child) for child in message.iter_parts() if isinstance(child, EmailMessage)),
    ]


@pytest.mark.parametrize("kind", STANDS)
def test_a_mail_of_a_booking_that_stands_is_built_as_mail_clients_expect_an_invitation(
    kind: NoticeKind,
) -> None:
    assert tree(parse(render(kind, facts(kind)))) == [
        "multipart/mixed",
        [
            "multipart/alternative",
            ["text/plain"],
            ["multipart/related", ["text/html"], ["image/png"]],
            ["text/calendar"],
        ],
        ["application/ics"],
    ]


def test_a_cancellation_is_built_the_same_without_a_ticket() -> None:
    assert tree(parse(render("cancellation", facts("cancellation")))) == [
        "multipart/mixed",
        ["multipart/alternative", ["text/plain"], ["text/html"], ["text/calendar"]],
        ["application/ics"],
    ]


@pytest.mark.parametrize(
    ("kind", "method"), [("confirmation", "REQUEST"), ("cancellation", "CANCEL"), ("change", "REQUEST")]
)
def test_the_calendar_part_names_its_method_and_holds_the_very_file_that_is_attached(
    kind: NoticeKind, method: str
) -> None:
    made = facts(kind)
    mail = render(kind, made)
    inline = part(mail, "text/calendar")
    assert inline.get_param("method") == method
    assert inline.get_content_charset() == "utf-8"
    attached = part(mail, "application/ics")
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content_disposition() == "attachment"
    assert made.calendar is not None
    assert inline.get_payload(decode=True) == attached.get_payload(decode=True) == made.calendar
    assert f"METHOD:{method}\r\n".encode() in made.calendar
    assert vobject.readOne(made.calendar.decode()).vevent.uid.value.startswith(BOOKING_ID)


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_says_who_writes_to_whom_and_that_a_machine_does(kind: NoticeKind) -> None:
    mail = render(kind, facts(kind))
    message = parse(mail)
    assert sorted(message.keys()) == sorted(HEADERS)
    assert message["From"] == "Curry Night <bookings@example.org>"
    assert message["To"] == "ann@example.com"
    assert message["Reply-To"] == "Curry Night <hello@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "en"
    assert message["Date"] == "Sat, 01 Aug 2026 12:00:00 +0000"
    assert message["Message-ID"] == f"<{BOOKING_ID}.{kind}.1@example.org>"
    assert (mail.recipient, mail.sender) == ("ann@example.com", '"Curry Night" <bookings@example.org>')


def test_the_subject_says_what_was_done_and_when_it_is() -> None:
    told = ("confirmation", "cancellation", "change")
    confirmation, cancellation, change = (render(kind, facts(kind)) for kind in told)
    assert confirmation.subject == "Booked: Curry Night: Leeds, Sat 5 Sep at 7pm"
    assert cancellation.subject == "Cancelled: Curry Night: Leeds, Sat 5 Sep at 7pm"
    assert change.subject == "New time and place: Curry Night: Leeds, Sat 5 Sep at 7.30pm"
    assert parse(confirmation)["Subject"] == confirmation.subject


def test_without_an_address_for_replies_nobody_is_asked_to_reply() -> None:
    mail = render("confirmation", facts("confirmation", event=replace(EVENT, reply_to=None)))
    assert parse(mail)["Reply-To"] is None
    assert "Reply to this email" not in text_of(mail)
    assert "Reply to this email" not in html_of(mail).text


def test_the_same_facts_make_the_same_bytes() -> None:
    assert render("confirmation", facts("confirmation")) == render("confirmation", facts("confirmation"))


@pytest.mark.parametrize("kind", KINDS)
def test_headers_that_are_parsed_once_make_the_bytes_that_the_library_makes_anew(
    kind: NoticeKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [facts(kind, booking_id=booking_id) for booking_id in ("a" * 24, "b" * 24, "a" * 24)]
    ours = [render(kind, one) for one in made]
    monkeypatch.setattr(rendering, "_POLICY", SMTP)
    assert [render(kind, one) for one in made] == ours


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_seven_bit_with_crlf_and_no_line_that_a_mail_server_may_cut(kind: NoticeKind) -> None:
    raw = render(kind, facts(kind, event=replace(EVENT, title="Жаркое 🍛 " * 12))).raw
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_both_readings_of_a_confirmation_say_when_where_who_and_the_reference() -> None:
    mail = render("confirmation", facts("confirmation"))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert "your 3 places are booked" in reading.lower()
        assert "Curry Night: Leeds" in reading
        assert "Saturday 5 September 2026" in reading
        assert "7pm to 10pm, UK time" in reading
        assert "The Copper Pot, 12 High Street, Leeds, LS1 4AB" in reading
        assert "3 places for Ann Other with Sam and Jo" in reading
        assert "BQ5XZK3F" in reading
        assert "t book this? Someone probably mistyped their address." in reading


def test_a_confirmation_says_what_it_costs_what_was_answered_and_whom_to_ask() -> None:
    questions = (
        Question(question_id="starter", kind="text", label="Which starter?"),
        Question(question_id="first", kind="yes_no", label="Is this your first time?"),
        Question(question_id="left_open", kind="text", label="Anything else?"),
    )
    event = replace(
        EVENT,
        organiser_name="Social Care Curry",
        contact="0113 496 0000",
        price="You pay the restaurant",
        questions=questions,
        reply_to=None,
    )
    # What was answered to another question by the same id is not said again under this one.
    given = {"starter": "Onion\nbhaji", "first": False, "removed": "gone", "left_open": True}
    booking = replace(BOOKING, answers=given)
    mail = render("confirmation", facts("confirmation", event=event, booking=booking))
    for reading in (" ".join(text_of(mail).split()), " ".join(html_of(mail).text.split())):
        assert "Price You pay the restaurant" in reading
        assert "Which starter? Onion bhaji" in reading
        assert "Is this your first time? No" in reading
        assert "Social Care Curry: 0113 496 0000" in reading
        assert "Anything else?" not in reading
    assert "tel:01134960000" in html_of(mail).links


@pytest.mark.parametrize("answer", ["Win 500 at www.example.org", "Please read " + "this " * 20])
def test_no_email_repeats_an_answer_that_could_be_an_advertisement_or_tells_of_somebodys_health(
    answer: str,
) -> None:
    questions = (
        Question(question_id="note", kind="text", label="Anything else?"),
        Question(question_id="diet", kind="yes_no", label="Do you need halal food?", sensitive=True),
    )
    booking = replace(BOOKING, answers={"note": answer, "diet": True})
    changes = {"event": replace(EVENT, questions=questions), "booking": booking}
    for kind in KINDS:
        mail = render(kind, facts(kind, **changes))
        for reading in (text_of(mail), html_of(mail).text):
            assert "Anything else?" not in reading
            assert "halal" not in reading


def test_the_first_button_of_a_confirmation_shows_the_ticket_and_the_calendar_entry_can_not_cancel() -> None:
    mail = render("confirmation", facts("confirmation"))
    ours = [link for link in re.findall(r"https?://\S+", text_of(mail)) if "openstreetmap" not in link]
    assert ours[:2] == [TICKET_URL, MANAGE_URL]
    entry = facts("confirmation").calendar or b""
    unfolded = entry.replace(b"\r\n ", b"").decode()
    assert TICKET_URL in unfolded
    assert MANAGE_URL not in unfolded


@pytest.mark.parametrize(
    ("places", "bookings_max", "said"),
    [
        (
            4,
            1,
            "Another booking for 4 places was made with this address. An address can have 1 booking here,",
        ),
        (
            1,
            2,
            "Another booking for 1 place was made with this address. An address can have 2 bookings here,",
        ),
    ],
)
def test_a_confirmation_says_which_other_booking_was_not_kept_and_why(
    places: int, bookings_max: int, said: str
) -> None:
    booking, event = replace(BOOKING, not_kept=places), replace(EVENT, bookings_per_address_max=bookings_max)
    mail = render("confirmation", facts("confirmation", booking=booking, event=event))
    usual = render("confirmation", facts("confirmation"))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert f"{said} so we did not keep that one." in reading
    assert "Another booking" not in text_of(usual) + html_of(usual).text


def test_one_place_is_not_called_places() -> None:
    alone = replace(BOOKING, places=1, guests=())
    mail = render("confirmation", facts("confirmation", booking=alone))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert "our place is booked" in reading
        assert "1 place for Ann Other" in reading
        assert "places" not in reading


def test_the_times_are_the_venues_whatever_the_season_or_the_continent() -> None:
    winter = SESSION.starts_local.replace(year=2027, month=1)
    session = replace(SESSION, zone="Europe/London", starts_local=winter, ends_local=winter.replace(hour=22))
    mail = render("confirmation", facts("confirmation", session=session))
    assert "7pm to 10pm, UK time" in text_of(mail)
    mail = render("confirmation", facts("confirmation", session=replace(SESSION, zone="America/Vancouver")))
    assert "7pm to 10pm, Vancouver time" in text_of(mail)


@pytest.mark.parametrize("kind", KINDS)
def test_a_night_on_which_the_clocks_change_says_so_beside_its_hours(kind: NoticeKind) -> None:
    starts = datetime(2026, 10, 25, 0, 30)
    night = {"starts_local": starts, "ends_local": starts.replace(hour=2), "last_change": ("time",)}
    mail = render(kind, facts(kind, session=replace(MOVED, **night)))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert "12.30am to 2.30am, UK time (the clocks go back 1 hour at 2am)" in reading


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_link_to_the_same_places(kind: NoticeKind) -> None:
    mail = render(kind, facts(kind))
    links = re.findall(r"https?://\S+", text_of(mail))
    assert sorted(links) == sorted(html_of(mail).links)
    old_place = "https://www.openstreetmap.org/?mlat=53.799700&mlon=-1.549200#map=17/53.799700/-1.549200"
    new_place = "https://www.openstreetmap.org/?mlat=53.800000&mlon=-1.550000#map=17/53.800000/-1.550000"
    assert (
        set(links)
        == {
            "confirmation": {MANAGE_URL, TICKET_URL, EVENT_URL, old_place},
            "cancellation": {EVENT_URL},
            "change": {MANAGE_URL, TICKET_URL, new_place},
            "reminder": {MANAGE_URL, TICKET_URL, old_place},
            "reminder_today": {MANAGE_URL, TICKET_URL, old_place},
        }[kind]
    )


@pytest.mark.parametrize("kind", STANDS)
def test_the_ticket_in_the_mail_is_the_picture_the_html_shows_and_reads_as_the_booking(
    kind: NoticeKind,
) -> None:
    mail = render(kind, facts(kind))
    picture = part(mail, "image/png")
    (shown,) = html_of(mail).pictures
    assert picture["Content-ID"] == f"<{(shown['src'] or '').removeprefix('cid:')}>"
    assert picture.get_content_disposition() == "inline"
    assert "BQ5XZK3F" in (shown["alt"] or "")
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.get_content())).convert("L"))
    assert read_ticket(code.text) == Ticket(BookingAddress("s" * 16, "k" * 32, BOOKING_ID))


@pytest.mark.parametrize("kind", STANDS)
def test_the_html_has_a_language_one_heading_and_loads_nothing_from_anywhere(kind: NoticeKind) -> None:
    html = str(part(render(kind, facts(kind)), "text/html").get_content())
    assert '<html lang="en"' in html
    reader = Reader(html)
    assert reader.tags.count("h1") == 1
    assert not {"script", "link", "iframe", "form", "table"} & set(reader.tags)
    assert "url(" not in html
    assert [picture["src"] for picture in reader.pictures] == ["cid:ticket@turnout"]


@pytest.mark.parametrize(
    ("last_change", "subject", "said", "not_said"),
    [
        (
            ("time",),
            "New time",
            ["Sorry, the time has changed", "Where (not changed)"],
            "New place",
        ),
        (
            ("place",),
            "New place",
            ["Sorry, the place has changed", "When (not changed)"],
            "New time",
        ),
        (
            ("time", "place"),
            "New time and place",
            ["Sorry, the time and the place have changed", "New time", "New place"],
            "not changed",
        ),
    ],
)
def test_a_change_says_what_is_new_and_that_booking_and_ticket_stand(
    last_change: tuple[Promise, ...], subject: str, said: list[str], not_said: str
) -> None:
    moved = replace(MOVED, last_change=last_change, sequence_at=NOW + timedelta(days=1))
    mail = render("change", facts("change", session=moved))
    assert mail.subject == f"{subject}: Curry Night: Leeds, Sat 5 Sep at 7.30pm"
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert all(words in re.sub("['\u2019]", "_", reading) for words in said)
        assert not_said not in reading
        assert "Saturday 5 September 2026" in reading
        assert "7.30pm to 10pm, UK time" in reading
        assert "The Brass Ladle, 1 Broad Street, Leeds" in reading
        assert "Your booking and your ticket are still valid" in reading
        assert "3 places for Ann Other with Sam and Jo" in reading
        assert "BQ5XZK3F" in reading
        assert "Reply to this email" in reading


def test_who_booked_after_a_change_reads_that_it_came_before_and_no_apology() -> None:
    booking = replace(facts("change").booking, created_at=NOW + timedelta(minutes=2))
    mail = render("change", facts("change", booking=booking))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert "The time and the place changed before you booked" in reading
        assert "The page that you booked on may have shown it as it was before." in reading
        assert "Sorry" not in reading
        assert "earlier one" not in reading


def test_a_change_moves_the_entry_that_the_confirmation_made() -> None:
    before, after = (
        vobject.readOne(str(part(render(kind, facts(kind)), "text/calendar").get_content())).vevent
        for kind in STANDS
    )
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) > int(before.sequence.value)
    assert f"{after.dtstart.value:%d.%m. %H:%M %Z}" == "05.09. 19:30 BST"
    assert after.location.value == "The Brass Ladle, 1 Broad Street, Leeds"
    assert (after.status.value, after.attendee.params["PARTSTAT"]) == ("CONFIRMED", ["ACCEPTED"])


def test_a_cancellation_says_that_the_places_are_gone_and_so_are_ticket_and_entry() -> None:
    mail = render("cancellation", facts("cancellation"))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert "our booking is cancelled" in reading
        assert "We no longer hold any places for you" in reading
        assert "ticket in our earlier email no longer works" in reading
        assert "Your calendar should update by itself" in reading
        assert "ook again" in reading
        assert MANAGE_URL not in reading


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_is_read_from_right_to_left_can_not_turn_our_sentence_round(kind: NoticeKind) -> None:
    booking = replace(BOOKING, name="משה", guests=("Sam", "نور"))
    mail = render(kind, facts(kind, booking=booking))
    for reading in (text_of(mail), html_of(mail).text):
        assert "\u2068משה\u2069" in reading
        assert ("\u2068نور\u2069" in reading) == (kind != "cancellation")
        assert "\u2068Sam" not in reading
    assert "bdi" not in html_of(mail).tags


@pytest.mark.parametrize("level", ["session", "event"])
def test_a_session_that_was_called_off_can_not_be_booked_again(level: str) -> None:
    dinners = replace(
        EVENT, session_noun="dinner", organiser_name="Social Care Curry", contact="0113 496 0000"
    )
    off: dict[str, object] = (
        {"session": replace(SESSION, status="cancelled"), "event": dinners}
        if level == "session"
        else {"event": replace(dinners, status="cancelled")}
    )
    mail = render("cancellation", facts("cancellation", **off))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert f"Sorry, this {'dinner' if level == 'session' else 'event'} has been cancelled" in reading
        assert "0113 496 0000" in reading
        assert "don" in reading
        assert "ook again" not in reading


def test_who_was_cancelled_by_the_organiser_is_not_asked_whether_they_changed_their_mind() -> None:
    event = replace(EVENT, organiser_name="St Mary's Church", contact="0113 496 0000")
    for who in ("attendee", "organiser", None):
        booking = replace(BOOKING, status="cancelled", cancelled_by=who)
        mail = render("cancellation", facts("cancellation", event=event, booking=booking))
        for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
            assert ("St Mary's Church has cancelled your booking." in reading) == (who == "organiser")
            assert ("ook again" in reading) == (who != "organiser")
            assert "0113 496 0000" in reading


def test_whoever_has_booked_again_reads_that_the_newer_booking_stands() -> None:
    newer = replace(BOOKING, booking_id="zzzzzzzzaaaabbbbccccdddd", version=3)
    mail = render("cancellation", facts("cancellation", booking=newer, booking_id=BOOKING_ID))
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert "newer booking is still valid" in reading
        assert "BQ5XZK3F" in reading
        assert "ZZZZZZZZ" not in reading
    assert "newer booking" not in text_of(render("cancellation", facts("cancellation")))


@pytest.mark.parametrize(
    ("hours", "said"), [(1, "Sorry, the place has changed."), (-1, "The place changed before you booked.")]
)
def test_a_confirmation_says_what_has_changed_since_the_page_that_was_booked_from(
    hours: int, said: str
) -> None:
    moved = replace(MOVED, sequence_at=NOW + timedelta(hours=hours), change_note="Mind the step.")
    mail = render("confirmation", facts("confirmation", session=moved, news=News(("place",), SESSION)))
    assert mail.subject == "Booked, new place: Curry Night: Leeds, Sat 5 Sep at 7.30pm"
    page = " The page that you booked on may have shown it as it was before." if hours < 0 else ""
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert f"{said}{page} From the organiser Mind the step. When (not changed)" in reading
        assert "New place The Brass Ladle, 1 Broad Street, Leeds" in reading
        assert "It was The Copper Pot" in reading


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_organiser_says_is_in_the_email_that_it_is_about_and_in_no_other(kind: NoticeKind) -> None:
    said = {"change_note": "Mind the step.", "cancellation_reason": "The kitchen has flooded."}
    standing = render(kind, facts(kind, session=replace(MOVED, **said)))
    for reading in (" ".join(text_of(standing).split()), html_of(standing).text):
        assert ("From the organiser Mind the step." in reading) is (kind == "change")
        assert "flooded" not in reading
    off = render("cancellation", facts("cancellation", session=replace(MOVED, status="cancelled", **said)))
    for reading in (" ".join(text_of(off).split()), html_of(off).text):
        assert "From the organiser The kitchen has flooded." in reading
        assert "Mind the step" not in reading


@pytest.mark.parametrize("kind", ["change", "cancellation"])
def test_a_link_in_what_an_organiser_says_can_be_followed_from_the_email(kind: NoticeKind) -> None:
    said = "See https://curry.example/a?b=1&c=2. Or http://a.example, eve@a.example <b>"
    off = {"status": "cancelled"} if kind == "cancellation" else {}
    session = replace(MOVED, change_note=said, cancellation_reason=said, **off)
    page = part(render(kind, facts(kind, session=session)), "text/html").get_content()
    assert (
        '<a class="link" style="color:#8c2f12;text-decoration:underline;" href="https://curry.example/a?b=1&amp;c=2"'
        in page
    )
    assert "http://a.example, eve@a.example &lt;b&gt;" in page


@pytest.mark.parametrize("kind", KINDS)
def test_links_and_buttons_of_an_email_have_the_events_own_colour_and_all_else_stays(
    kind: NoticeKind,
) -> None:
    said = {"change_note": "See https://curry.example", "cancellation_reason": "See https://curry.example"}
    off = {"status": "cancelled"} if kind == "cancellation" else {}
    session, (by_day, by_night) = replace(MOVED, **said, **off), link_colours("#1d4f91")
    plain, coloured = (
        part(render(kind, facts(kind, session=session, event=event)), "text/html").get_content()
        for event in (EVENT, replace(EVENT, accent_colour="#1d4f91"))
    )
    assert by_day == "#1d4f91"
    assert plain.count(OUR_LINKS[0]) > 1
    assert coloured == plain.replace(OUR_LINKS[0], by_day).replace(OUR_LINKS[1], by_night)
    assert by_night in coloured


def test_a_change_has_one_blank_line_between_its_parts_and_room_between_its_last_lines() -> None:
    mail = render("change", facts("change"))
    assert "\n\n\n" not in text_of(mail)
    page = part(mail, "text/html").get_content()
    assert re.search(r"margin:0 0 10px[^>]*>Your calendar should update by itself", page)


def attacked(kind: NoticeKind, typed: str) -> MailFacts:
    said = {"change_note": f"Why {typed}", "cancellation_reason": f"Why {typed}"}
    off = {"status": "cancelled"} if kind == "cancellation" else {}
    return facts(
        kind,
        news=News(("place",), told_of(replace(SESSION, venue=f"Old {typed}", address=typed))),
        event=replace(EVENT, title=f"Night {typed}"),
        session=replace(
            MOVED if kind == "change" else SESSION, title=typed, venue=typed, address=typed, **said, **off
        ),
        booking=replace(BOOKING, name=f"Ann {typed}", guests=(typed, "Jo")),
    )


@cache
def harmless(kind: NoticeKind) -> RenderedMail:
    return render(kind, attacked(kind, "Leeds"))


def check_harmless(kind: NoticeKind, typed: str) -> None:
    made = attacked(kind, typed)
    mail = render(kind, made)
    message = parse(mail)
    assert sorted(message.keys()) == sorted(HEADERS)
    assert tree(message) == tree(parse(harmless(kind)))
    (sender,) = message["From"].addresses
    assert sender.addr_spec == "bookings@example.org"
    words, address = parseaddr(mail.sender)
    assert (str(make_header(decode_header(words))), address) == (one_line(made.event.title), sender.addr_spec)
    assert message["Subject"] == mail.subject
    (recipient,) = message["To"].addresses
    assert recipient.addr_spec == "ann@example.com"
    plain, reader = html_of(harmless(kind)), html_of(mail)
    assert reader.tags == plain.tags
    assert unlinked(made.booking.name) in reader.text
    assert unlinked(made.booking.name) in text_of(mail)
    assert len(text_of(mail).splitlines()) == len(text_of(harmless(kind)).splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_stranger_types_becomes_a_link_in_a_mail(kind: NoticeKind) -> None:
    event = replace(
        EVENT, questions=(Question(question_id="note", kind="text", label="Else?"),), organiser_name="A.St"
    )
    booking = replace(
        BOOKING, name="S.Ly", guests=("free.in", "Dr.Md.Rahman"), answers={"note": "casino.ai pays"}
    )
    mail = render(kind, facts(kind, event=event, booking=booking))
    for part_of_mail in parse(mail).walk():
        if part_of_mail.get_content_maintype() == "text" or part_of_mail.get_content_subtype() == "ics":
            content = part_of_mail.get_content()
            read = (content.decode() if isinstance(content, bytes) else content).replace("\r\n ", "")
            assert "S.\u2060Ly" in read
            assert not re.search(r"S\.Ly|free\.in|Md\.Rahman|casino\.ai|A\.St", read)
    assert "S.Ly" not in html_of(mail).text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("typed", ATTACKS)
def test_what_people_type_is_words_and_nothing_else(kind: NoticeKind, typed: str) -> None:
    check_harmless(kind, typed)


# Shrinking renders hundreds of mails for a shorter example; any example will do.
@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(typed=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_nothing_that_can_be_typed_changes_the_shape_of_a_mail(typed: str) -> None:
    check_harmless("confirmation", f"x{typed}x")


@pytest.mark.parametrize("local_part", ["a..b", ".a", "a.", "o'neill+night", "a/b=c{d}|e"])
def test_every_address_that_a_browser_lets_through_gets_its_mail(local_part: str) -> None:
    mail = render(
        "confirmation", facts("confirmation", booking=replace(BOOKING, address=f"{local_part}@example.com"))
    )
    (recipient,) = parse(mail)["To"].addresses
    assert (recipient.username, recipient.domain) == (local_part, "example.com")


def test_an_address_of_full_length_survives_the_folding_of_headers() -> None:
    address = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"
    mail = render("confirmation", facts("confirmation", booking=replace(BOOKING, address=address)))
    assert [found.addr_spec for found in parse(mail)["To"].addresses] == [address]
    assert mail.recipient == address


def test_a_mail_of_a_booking_that_stands_has_a_ticket_and_no_other_has() -> None:
    for kind in STANDS:
        with pytest.raises(ValueError, match="ticket"):
            render(kind, facts(kind, ticket_png=None))
    with pytest.raises(ValueError, match="ticket"):
        render("cancellation", facts("cancellation", ticket_png=ticket_png("TURNOUT")))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].calendar])
def test_a_mail_whose_kind_has_a_calendar_entry_is_none_without_it(kind: NoticeKind) -> None:
    with pytest.raises(ValueError, match="calendar"):
        render(kind, facts(kind, calendar=None))


@pytest.fixture
def broken_template() -> Iterator[None]:
    templates = rendering._templates()
    loader = templates.loader
    templates.loader = jinja2.DictLoader({"confirmation/subject.txt": "{{ nmae }}"})
    if templates.cache is not None:
        templates.cache.clear()
    yield
    templates.loader = loader
    if templates.cache is not None:
        templates.cache.clear()


@pytest.mark.usefixtures("broken_template")
def test_a_template_that_names_a_fact_we_do_not_have_is_an_error_and_no_mail() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render("confirmation", facts("confirmation"))


@pytest.mark.parametrize(("now", "day"), [("2026-09-04T10:00Z", "Tomorrow"), ("2026-09-05T16:00Z", "Today")])
def test_a_reminder_says_when_and_where_with_the_ticket_and_how_to_give_back_the_places(
    now: str, day: str
) -> None:
    event = replace(EVENT, price="You pay the restaurant", contact="0113 496 0000")
    mail = render("reminder", facts("reminder", event=event, now=datetime.fromisoformat(now)))
    assert mail.subject == f"{day}: Curry Night: Leeds, Sat 5 Sep at 7pm"
    assert [part.get_content_type() for part in parse(mail).walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "image/png",
    ]
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        for said in (
            f"{day}, 7pm",
            "Saturday 5 September 2026",
            "The Copper Pot, 12 High Street, Leeds, LS1 4AB",
            "BQ5XZK3F",
            "3 places for Ann Other with Sam and Jo",
            "You pay the restaurant",
            "Can't come? Please tell us: someone else would like your place.",
            "Reply to this email",
            "0113 496 0000",
        ):
            assert said in reading
    assert "\n\n\n" not in text_of(mail).replace("\r", "")


def test_a_reminder_tells_of_a_change_that_its_reader_has_yet_to_hear_of() -> None:
    news = News(("time", "place"), SESSION)
    mail = render("reminder", facts("reminder", session=MOVED, news=news))
    assert ", new time and place: Curry Night: Leeds" in mail.subject
    for reading in (" ".join(text_of(mail).split()), html_of(mail).text):
        assert "Sorry, the time and the place have changed." in reading
        assert "It was The Copper Pot" in reading
