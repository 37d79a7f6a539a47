"""Mails that didn't arrive, as organisers and hosts see them, and what they do about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.kinds import is_timed
from chalicelib.domain.notices import Notice, notice_owed, notices_possible
from chalicelib.store import capacity, sent_mail
from chalicelib.store.mail_limits import suppress
from chalicelib.store.sent_mail import SettledState
from chalicelib.web.organiser import booking_views, mails
from tests.making import MADE_AT
from tests.web.admin import Admin, new_admin, pointers, problem
from tests.web.conftest import Clock
from tests.web.organiser.test_bookings import all_slices, book_for, stored

AT = datetime(2027, 6, 1, 10, tzinfo=UTC)


def ended(booking: Booking | Notice, state: SettledState, reason: str | None = None) -> None:
    """Let this booking's mail have ended so."""
    notice = booking if isinstance(booking, Notice) else notice_owed(booking)
    sent_mail.advance((notice.booking_id, notice.kind, notice.version), state, AT, reason=reason)


@pytest.fixture
def admin(table: Any) -> Admin:
    return new_admin()


@pytest.fixture
def session(admin: Admin) -> str:
    return admin.new_session(admin.new_event())


def in_trouble(admin: Admin, session: str) -> dict[str, Any]:
    """What is listed, by whose it is."""
    listed = admin.get(f"{session}/mails").json_body["bookings"]
    return {entry["name"].removeprefix("mail-"): entry for entry in listed}


def test_only_mails_that_did_not_arrive_are_listed_each_with_why_and_what_helps(
    admin: Admin, session: str
) -> None:
    names = ["owed", "sent", "delivered", "fails", "bounced", "complained", "bounced-before",
             "complained-before", "waits", "waits-too", "busy"]  # fmt: skip
    # Not the bare words: those are in our log lines, where no name may be.
    people = {name: book_for(session, f"mail-{name}") for name in names}
    for name in ("sent", "delivered"):
        ended(people[name], name)
    ended(people["fails"], "failed", "rejected")
    ended(people["bounced"], "bounced", "permanent_general")
    ended(people["complained"], "complained", "abuse")
    ended(people["bounced-before"], "suppressed", "bounced")
    ended(people["complained-before"], "suppressed", "complained")
    for name, reason in (
        ("waits", "source_limit"),
        ("waits-too", "recipient_limit"),
        ("busy", "throttled"),
    ):
        lease = sent_mail.take_lease(notice_owed(people[name]), AT)
        assert isinstance(lease, sent_mail.Lease)
        sent_mail.postpone(lease, AT, 60, begun=False, reason=reason)
    listed = in_trouble(admin, session)
    both = ["send_again", "correct_address"]
    shown = {
        name: (mail["state"], mail["reason"], entry["remedies"])
        for name, entry in listed.items()
        for mail in entry["mails"]
    }
    assert shown == {
        "fails": ("failed", "rejected", both),
        "bounced": ("bounced", "permanent_general", both),
        "complained": ("complained", "abuse", ["correct_address"]),
        "bounced-before": ("suppressed", "bounced", both),
        "complained-before": ("suppressed", "complained", ["correct_address"]),
        "waits": ("postponed", "source_limit", []),
        "waits-too": ("postponed", "recipient_limit", []),
    }
    entry = listed["bounced"]
    assert entry["mails"][0]["at"] == "2027-06-01T10:00:00Z"
    assert admin.get(entry["url"]).json_body["reference"] == entry["reference"]
    assert entry["email"] == entry["address"] == "mail-bounced@example.org"


def test_a_mail_sent_again_is_in_trouble_no_more_unless_it_fails_again(admin: Admin, session: str) -> None:
    booked = book_for(session, "ada", created_at=MADE_AT.replace(year=2026, month=1),
                      mailed_at=MADE_AT.replace(year=2026, month=1),
                      changed_at=MADE_AT.replace(year=2026, month=1))  # fmt: skip
    ended(booked, "bounced", "permanent_general")
    suppress(booked.address, "bounced", AT)
    [entry] = admin.get(f"{session}/mails").json_body["bookings"]
    answer = admin.post(f"{entry['url']}/send-again")
    assert answer.status_code == 200, answer.body
    assert [(mail["kind"], mail["state"]) for mail in answer.json_body["mails"]] == [("confirmation", "owed")]
    assert in_trouble(admin, session) == {}
    at_once = admin.post(f"{entry['url']}/send-again")
    assert problem(at_once) == (429, "mailed_just_now")
    assert 1 <= int(at_once.headers["Retry-After"]) <= 60
    ended(replace(booked, version=2), "bounced", "permanent_general")
    assert set(in_trouble(admin, session)) == {"ada"}
    corrected = admin.post(f"{entry['url']}/address", {"email": "right@example.org"})
    assert corrected.status_code == 200
    assert in_trouble(admin, session) == {}


@pytest.mark.parametrize("kept", [False, True])
def test_a_correction_says_whether_earlier_links_still_work_and_so_does_its_retry(
    admin: Admin, session: str, kept: bool
) -> None:
    booked = book_for(session, "ada")
    asked = {"email": "right@example.org", **({"keep_links": True} if kept else {})}
    answers = [admin.post(f"{session}/bookings/{booked.path}/address", asked) for _ in range(2)]
    assert [answer.json_body["links_kept"] for answer in answers] == [kept, kept]
    assert {answer.json_body["address"] for answer in answers} == {"right@example.org"}


def test_who_complained_is_not_mailed_again(admin: Admin, session: str) -> None:
    booked = book_for(session, "ada", mailed_at=MADE_AT.replace(year=2026, month=1),
                      changed_at=MADE_AT.replace(year=2026, month=1))  # fmt: skip
    suppress(booked.address, "complained", AT)
    answer = admin.post(f"{session}/bookings/{booked.path}/send-again")
    assert problem(answer) == (409, "recipient_complained")


def test_a_cancellation_that_bounced_is_sent_again_and_no_address_is_corrected_for_it(
    admin: Admin, session: str
) -> None:
    booked = book_for(session, "ada")
    ended(capacity.give_back(booked, MADE_AT), "bounced", "permanent_general")
    assert in_trouble(admin, session)["ada"]["remedies"] == ["send_again"]


def test_of_a_session_that_is_off_or_over_nothing_helps(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(book_for(session, "ada"), "bounced")
    after = stored(session).ends_at + timedelta(seconds=1)
    with monkeypatch.context() as later:
        later.setattr(mails, "utc_now", lambda: after)
        assert in_trouble(admin, session)["ada"]["remedies"] == []
    admin.post(f"{session}/cancel")
    assert in_trouble(admin, session)["ada"]["remedies"] == []


def test_the_list_comes_in_pages_that_hold_each_of_them_once(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        booked = book_for(session, f"p{number}")
        if number % 3 == 0:
            ended(booked, "failed", "rejected")
    expected = {f"p{number}" for number in range(0, 20, 3)}
    for at_once, at_most in ((50, 1000), (2, 1000), (2, 4), (1, 1)):
        monkeypatch.setattr(booking_views, "_LOOKED_AT_ONCE", at_once)
        monkeypatch.setattr(booking_views, "LOOKED_AT_MAX", at_most)
        for limit in (1, 3, 100):
            pages = all_slices(admin, f"{session}/mails?limit={limit}")
            seen = [entry["name"] for page in pages for entry in page]
            assert len(seen) == len(expected), (at_once, at_most, limit)
            assert set(seen) == expected
            assert max(map(len, pages)) <= limit
    assert pointers(admin.get(f"{session}/mails?limit=0")) == ["/limit"]
    assert pointers(admin.get(f"{session}/mails?cursor=x")) == ["/cursor"]


def test_a_change_that_failed_is_listed_until_a_later_confirmation_told_the_same(
    admin: Admin, session: str, clock: Clock
) -> None:
    booked = book_for(session, "ada", created_at=MADE_AT.replace(year=2026, month=1),
                      mailed_at=MADE_AT.replace(year=2026, month=1),
                      changed_at=MADE_AT.replace(year=2026, month=1))  # fmt: skip
    ended(booked, "delivered")
    assert admin.patch(session, {"venue": "Elsewhere"}, If_Match="*").status_code == 200
    changed = replace(notice_owed(booked), kind="change", version=stored(session).sequence)
    ended(changed, "bounced", "permanent_general")
    [mail] = in_trouble(admin, session)["ada"]["mails"]
    assert (mail["kind"], mail["state"]) == ("change", "bounced")
    clock.now += timedelta(minutes=5)
    assert admin.post(f"{session}/bookings/{booked.path}/send-again").status_code == 200
    assert in_trouble(admin, session) == {}


def test_a_reminder_is_shown_from_when_it_is_sent_and_helped_by_sending_the_confirmation_again(
    admin: Admin, session: str, clock: Clock
) -> None:
    booked = book_for(session, "ada")
    ended(booked, "delivered")
    url = f"{session}/bookings/{booked.path}"
    clock.now = datetime(2027, 9, 4, 11, tzinfo=UTC)
    assert [mail["kind"] for mail in admin.get(url).json_body["mails"]] == ["confirmation"]
    [reminder] = [
        notice for notice in notices_possible(booked, stored(session), clock.now) if is_timed(notice.kind)
    ]
    ended(reminder, "bounced", "permanent_general")
    [mail] = in_trouble(admin, session)["ada"]["mails"]
    assert (mail["kind"], mail["state"]) == ("reminder", "bounced")
    assert "reminder bounced (permanent_general)" in admin.get(f"{session}/bookings.csv").body.decode()
    again = admin.post(f"{url}/send-again")
    assert [(mail["kind"], mail["state"]) for mail in again.json_body["mails"]] == [
        ("confirmation", "owed"),
        ("reminder", "bounced"),
    ]
    assert in_trouble(admin, session) == {}
