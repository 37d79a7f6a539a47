"""What the reader of a wrong address's email can still do once the address is corrected: nothing."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar

from chalicelib.domain.booking import Booking
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.ticket import ticket_text
from chalicelib.store.bookings import every_booking
from tests.mail_chain import Chain, mails
from tests.making import make_event, make_session
from tests.web.admin import new_admin, problem
from tests.web.browsing import FORM, Page, ann, book_by_json, get, post
from tests.web.conftest import NOW
from tests.web.public.test_done import WRONG, booked, correct
from tests.web.refused import Scene

pytestmark = pytest.mark.usefixtures("table", "neighbours")
RIGHT = "ann@example.org"


class Story:
    """A booking by the form under a wrong address, its emails, and an organiser's token."""

    def __init__(self, table: Any) -> None:
        self.admin = new_admin()
        event = make_event(organiser_id=self.admin.organiser_id)
        starts = (NOW + timedelta(hours=3)).replace(tzinfo=None)
        session = make_session(event, starts_local=starts, ends_local=starts + timedelta(hours=3), zone="UTC")
        self.it = Scene(event, session)
        self.chain = Chain(table)
        self.path = f"/admin/events/{event.event_id}/sessions/{session.session_id}"
        self.done = booked(self.it)
        self.chain.settle()

    def live(self) -> Booking:
        (booking,) = [one for one in every_booking(self.it.session.session_id) if one.status == "confirmed"]
        return booking

    def corrected_by_themselves(self, to: str) -> None:
        assert correct(self.it, self.done, to).status_code == 303
        self.chain.settle()

    def corrected_by_the_organiser(self, to: str, *, keep_links: bool = False) -> None:
        body = {"email": to, "keep_links": keep_links}
        answer = self.admin.post(f"{self.path}/bookings/{self.live().path}/address", body)
        assert answer.status_code == 200, answer.body
        self.chain.settle()

    def shows_at_the_door(self, nonce: str, **named: str) -> str:
        answer = self.admin.post(f"{self.path}/check-ins", {**named, "nonce": nonce, "places": 1})
        return "in" if answer.status_code == 201 else problem(answer)[1]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def printed(mail: EmailMessage) -> str:
    found = re.search(r"Your reference(?: was)?\s+(\w{8})\s", text_of(mail))
    assert found is not None
    return found[1]


def link(mail: EmailMessage, purpose: str) -> str:
    found = re.search(rf"https://\S+/{purpose}/\S+", text_of(mail))
    assert found is not None
    return found[0]


def entry_of(mail: EmailMessage) -> Any:
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    (entry,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    return entry


def qr(mail: EmailMessage) -> str:
    session_id, key, booking_id, *_ = link(mail, "ticket").rpartition("/")[2].split(".")
    return ticket_text(BookingAddress(session_id, key, booking_id))


def opens_nothing(story: Story, mail: EmailMessage) -> None:
    """Try all that this email holds."""
    before = story.live()
    file = entry_of(mail)
    its_ticket = re.search(r"https://\S+/ticket/\S+", str(file["DESCRIPTION"]))
    assert its_ticket is not None
    for url in (link(mail, "manage"), link(mail, "ticket"), its_ticket[0]):
        answer = get(url)
        assert answer.status_code == 410
        assert b"Ann" not in answer.body
    assert post(link(mail, "manage") + "/cancel", b"", **FORM).status_code == 410
    uid = str(file["UID"]).partition("@")[0]
    spelt = {
        printed(mail),
        uid[:8].upper(),
        link(mail, "ticket").rpartition("/")[2].split(".")[2][:8].upper(),
    }
    for nth, reference in enumerate(sorted(spelt)):
        assert story.shows_at_the_door(f"stolen-{nth}", reference=reference) == "not_found"
        listed = story.admin.get(f"{story.path}/bookings?reference={reference}").json_body["bookings"]
        assert listed == []
    assert story.shows_at_the_door("stolen-qr", ticket=qr(mail)) == "ticket_replaced"
    assert story.live() == before


def opens_the_booking(story: Story, mail: EmailMessage) -> None:
    """See that this email has all that it should, and that everything shows the same reference."""
    reference = printed(mail)
    assert get(link(mail, "manage")).status_code == 200
    assert reference in Page(get(link(mail, "manage"))).text
    assert reference in Page(get(link(mail, "ticket"))).text
    assert f"Your booking: {reference}" in str(entry_of(mail)["DESCRIPTION"])
    (download,) = [
        have["href"] for have in Page(get(link(mail, "manage"))).all("a") if "/calendar/" in have["href"]
    ]
    assert reference in get(download).headers["Content-Disposition"]
    (listed,) = story.admin.get(f"{story.path}/bookings?reference={reference.lower()}").json_body["bookings"]
    assert listed["reference"] == reference
    assert reference in story.admin.get(f"{story.path}/bookings.csv").body.decode()
    assert story.shows_at_the_door(f"qr-{reference}", ticket=qr(mail)) == "in"
    assert story.shows_at_the_door(f"typed-{reference}", reference=reference) == "in"


@pytest.mark.parametrize("who", ["corrected_by_themselves", "corrected_by_the_organiser"])
def test_the_wrong_address_lets_nobody_in_and_the_right_one_comes_in_by_all_that_it_was_sent(
    table: Any, who: str
) -> None:
    story = Story(table)
    getattr(story, who)(RIGHT)
    wrong, right = mails()
    assert (wrong["To"], right["To"]) == (WRONG, RIGHT)
    assert printed(wrong) != printed(right)
    assert printed(wrong) not in text_of(right)
    opens_nothing(story, wrong)
    opens_the_booking(story, right)
    assert story.shows_at_the_door("after", reference=printed(wrong)) == "not_found"


def test_a_reference_that_the_organiser_kept_is_still_good(table: Any) -> None:
    story = Story(table)
    story.corrected_by_the_organiser(RIGHT, keep_links=True)
    first, second = mails()
    assert printed(first) == printed(second)
    opens_the_booking(story, second)


def test_kept_links_end_with_the_next_correction_that_keeps_none(table: Any) -> None:
    story = Story(table)
    story.corrected_by_themselves("ann.other@example.org")
    story.corrected_by_the_organiser("annie@example.org", keep_links=True)
    assert printed(mails()[1]) == printed(mails()[2])
    story.corrected_by_the_organiser(RIGHT)
    for mail in mails()[:3]:
        opens_nothing(story, mail)
    opens_the_booking(story, mails()[3])


def test_who_read_the_email_at_a_wrong_address_gets_in_no_more_when_the_booking_came_back(table: Any) -> None:
    story = Story(table)
    story.corrected_by_the_organiser(RIGHT)
    story.corrected_by_the_organiser(WRONG)
    first, between, last = mails()
    assert len({printed(mail) for mail in mails()}) == 3
    opens_nothing(story, between)
    assert story.shows_at_the_door("first", reference=printed(first)) == "not_found", (
        "the other one spells it"
    )
    opens_the_booking(story, last)


def test_a_booking_cancelled_after_a_correction_prints_its_own_reference_and_the_next_one_another(
    table: Any,
) -> None:
    story = Story(table)
    story.corrected_by_themselves(RIGHT)
    corrected = printed(mails()[-1])
    post(link(mails()[-1], "manage") + "/cancel", b"", **FORM)
    story.chain.run_stream()
    assert book_by_json(story.it.event, story.it.session, ann(), Idempotency_Key="anew").status_code == 201
    story.chain.settle()
    by_subject = {("cancelled" in str(mail["Subject"]).lower()): mail for mail in mails()[2:]}
    assert printed(by_subject[True]) == corrected, "also once its key is another booking's"
    assert printed(by_subject[False]) == story.live().booking_id[:8].upper() != corrected
    assert story.shows_at_the_door("gone", reference=corrected) == "not_found"
    opens_the_booking(story, by_subject[False])
