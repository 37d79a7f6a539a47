"""domain/admission.py: what one holds in a queue can't be forged, cut, swapped or used by somebody else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.admission import (
    ADMISSION_LASTS,
    give_admission,
    new_queue_ticket,
    read_queue_ticket,
    require_admission,
    seed_hash,
    sign_queue_ticket,
)
from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.ids import booking_key, person_in_queue
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.signing import TokenSecret

NOW = datetime(2027, 6, 1, 9, 0, 0, 123456, tzinfo=UTC)
OLD, NEW = TokenSecret("k1", b"1" * 32), TokenSecret("k2", b"2" * 32)
BOTH = {"k1": OLD, "k2": NEW}
ADA, BOB = "ada" * 8, "bob" * 8
TICKET = new_queue_ticket("event", ADA, NOW)
TURN = 1_811_840_400_123
TEXT = sign_queue_ticket(NEW, TICKET)
ADMISSION = give_admission(NEW, TICKET, TURN, NOW)


def why_not(text: str | None, *, event_id: str = "event", person: str = ADA, now: datetime = NOW) -> str:
    with pytest.raises(NotAdmitted) as refused:
        require_admission(BOTH, event_id, person, text, now)
    return str(refused.value.facts["why_not"])


def test_what_was_signed_is_read_back_to_the_millisecond_also_by_an_older_secret() -> None:
    for secret in (OLD, NEW):
        read = read_queue_ticket(BOTH, "event", sign_queue_ticket(secret, TICKET))
        assert read == TICKET
        assert read.at == NOW.replace(microsecond=123000)


def test_an_admission_lets_its_person_book_in_its_event_until_it_is_over() -> None:
    for now in (NOW, NOW + ADMISSION_LASTS - timedelta(milliseconds=1)):
        assert require_admission(BOTH, "event", ADA, ADMISSION.text, now) == TURN


def test_it_says_why_an_admission_does_not_hold() -> None:
    assert why_not(None) == why_not("") == "missing"
    assert why_not(ADMISSION.text, now=NOW + ADMISSION_LASTS + timedelta(seconds=1)) == "expired"
    assert why_not(ADMISSION.text, event_id="other") == "another_event"
    assert why_not(ADMISSION.text, person=BOB) == "another_address"
    assert why_not(TEXT) == "not_ours"


def test_a_ticket_is_for_one_line_and_an_admission_is_no_ticket() -> None:
    for event_id, text in (("other", TEXT), ("event", ADMISSION.text)):
        with pytest.raises(NotFound):
            read_queue_ticket(BOTH, event_id, text)


@given(st.one_of(st.text(max_size=300), st.lists(st.text(max_size=20), min_size=5, max_size=5).map(".".join)))
def test_whatever_else_is_sent_is_refused(text: str) -> None:
    assume(text not in {TEXT, ADMISSION.text})
    with pytest.raises(NotFound):
        read_queue_ticket(BOTH, "event", text)
    with pytest.raises(NotAdmitted):
        require_admission(BOTH, "event", ADA, text, NOW)


@given(
    place=st.integers(0, 5),
    other=st.sampled_from(["", "x", "0", "-1", "9" * 40, ADA, BOB, "event", "k1", "k2", "é"]),
)
def test_no_part_of_it_can_be_another(place: int, other: str) -> None:
    for text in (TEXT, ADMISSION.text):
        parts = text.split(".")
        assume(place < len(parts) and parts[place] != other)
        parts[place] = other
        forged = ".".join(parts)
        with pytest.raises(NotFound):
            read_queue_ticket(BOTH, "event", forged)
        with pytest.raises(NotAdmitted):
            require_admission(BOTH, "event", ADA, forged, NOW)


@given(st.integers(0, len(ADMISSION.text) - 1))
def test_none_can_be_cut(length: int) -> None:
    with pytest.raises(NotAdmitted):
        require_admission(BOTH, "event", ADA, ADMISSION.text[:length], NOW)


def test_a_secret_that_is_gone_takes_what_it_signed_with_it() -> None:
    with pytest.raises(NotFound):
        read_queue_ticket({"k1": OLD}, "event", TEXT)


def test_a_person_is_another_in_each_queue_and_never_a_bookings_key() -> None:
    persons = {person_in_queue(b"k", event, address) for event in "ab" for address in ("a@b.cd", "b@b.cd")}
    assert len(persons) == 4
    assert person_in_queue(b"k", "s", "a@b.cd") != booking_key(b"k", "s", "a@b.cd")


def test_a_seeds_hash_is_that_of_its_bytes() -> None:
    # printf '\x00%.0s' {1..32} | sha256sum
    assert seed_hash("00" * 32) == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
