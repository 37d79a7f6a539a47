"""Where people read a time, they read its zone too if, and only if, the event's sessions differ in it."""

from typing import Any

import pytest

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store.events import find_event, find_session
from chalicelib.store.table import EventItem
from tests.mail_chain import Chain, mails
from tests.making import make_event, make_session
from tests.web.admin import Admin, new_admin
from tests.web.browsing import Page, ann, book_by_form, get, header
from tests.web.conftest import Clock

pytestmark = pytest.mark.usefixtures("neighbours")

OPENS = "Booking opens at 2pm on Tuesday 1 June 2027"
VANCOUVER = "America/Vancouver"


def published(admin: Admin, **changes: Any) -> tuple[str, str]:
    """Create a published event with a session in London; return where both are."""
    event = admin.new_event(**changes)
    session = admin.new_session(event)
    assert admin.post(f"{event}/publish").status_code == 200
    return event, session


def read(event: str, session: str) -> tuple[Event, Session]:
    event_id, session_id = event.rsplit("/", 1)[1], session.rsplit("/", 1)[1]
    found = find_event(event_id), find_session(event_id, session_id)
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


def text_of(mail: Any, kind: str) -> str:
    return " ".join(mail.get_body((kind,)).get_content().split())


def link_in(mail: Any, purpose: str) -> str:
    """Return the link of this purpose that a mail holds."""
    words: list[str] = mail.get_body(("plain",)).get_content().split()
    return next(word for word in words if f"/{purpose}/" in word)


def pages_of(event: Event, session: Session, done: str) -> list[str]:
    """Return what each page says that somebody sees who has booked just now."""
    form = f"/book/{event.slug}/{session.session_id}"
    paths = [f"/book/{event.slug}", form, f"{form}/again", f"{form}/embed", done]
    paths += [link_in(mails()[-1], purpose) for purpose in ("manage", "ticket")]
    return [" ".join(Page(get(path)).text.split()) for path in paths]


def test_every_page_and_email_names_the_zone_from_the_second_zone_on_and_none_before(table: Any) -> None:
    chain, admin = Chain(table), new_admin()
    at = published(admin)
    event, session = read(*at)

    def book(email: str) -> str:
        sent = ann(email=email, guests=["Bo Baker"], idempotency_key=f"key-{email}")
        done = str(header(book_by_form(event, session, sent), "Location"))
        chain.settle()
        return done

    done = book("ann@example.org")
    readings = [*pages_of(event, session, done), *(text_of(mails()[-1], kind) for kind in ("plain", "html"))]
    assert all("7pm to 10pm" in reading for reading in readings)
    assert not [reading for reading in readings if "UK time" in reading]
    sent = len(mails())
    admin.new_session(at[0], zone=VANCOUVER)
    chain.settle()
    assert len(mails()) == sent, "nobody is told that the event has another zone"
    done = book("bob@example.org")
    readings = [*pages_of(event, session, done), *(text_of(mails()[-1], kind) for kind in ("plain", "html"))]
    assert all("7pm to 10pm, " in reading and "UK time" in reading for reading in readings)
    assert "Vancouver time" in readings[0]


def test_an_opening_names_its_zone_only_where_the_sessions_differ_in_theirs(table: Any, clock: Clock) -> None:
    admin = new_admin()
    for queue in ({}, {"admission": "queue"}):
        slug = f"curry-{len(queue)}"
        event, session = published(admin, slug=slug, opens_at="2027-06-01T13:00:00Z", **queue)
        form = f"/book/{slug}/{session.rsplit('/', 1)[1]}"
        assert f"{OPENS}." in Page(get(f"/book/{slug}")).text
        assert f"{OPENS}." in Page(get(form)).text
        admin.new_session(event, zone=VANCOUVER)
        assert "Booking opens at 1pm on Tuesday 1 June 2027 (UTC)." in Page(get(f"/book/{slug}")).text
        assert f"{OPENS} (UK time)." in Page(get(form)).text


def test_an_opening_of_an_event_without_sessions_names_its_zone(table: Any, clock: Clock) -> None:
    admin = new_admin()
    event = admin.new_event(opens_at="2027-06-01T13:00:00Z", admission="queue")
    assert admin.post(f"{event}/publish").status_code == 200
    text = Page(get("/book/social-care-curry")).text
    assert text.count("1pm on Tuesday 1 June 2027") == text.count("(UTC)") > 0


def test_who_is_told_of_a_change_of_zone_reads_both(table: Any) -> None:
    chain, admin = Chain(table), new_admin()
    event, session = published(admin)
    book_by_form(*read(event, session), ann(guests=["Bo Baker"], idempotency_key="key-1"))
    chain.settle()
    assert admin.patch(session, {"zone": VANCOUVER}).status_code == 200
    chain.settle()
    text = text_of(mails()[-1], "plain")
    assert "7pm to 10pm, Vancouver time It was 7pm to 10pm, UK time." in text
    assert read(event, session)[0].zones == ("Europe/London", VANCOUVER)


def test_an_event_from_before_its_zones_were_kept_names_them_always(table: Any) -> None:
    event = make_event()
    make_session(event)
    assert "zones" not in EventItem.get(f"EVENT#{event.event_id}", "EVENT").serialize()
    assert "7pm to 10pm, UK time" in Page(get(f"/book/{event.slug}")).text
