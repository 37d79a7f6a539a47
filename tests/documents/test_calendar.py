import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import count
from typing import Any

import pytest
import vobject
from dateutil.tz import tzical
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.documents import zone_rules
from chalicelib.documents.calendar import Method, calendar
from chalicelib.domain.ids import reference
from chalicelib.domain.session import Session
from tests.mail.samples import BOOKING_ID, EVENT, NOW, SESSION, TICKET_URL

_NAMES = count()


@pytest.fixture(params=["of the system", "of the tzdata package"])
def zone_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both sources of time zones: they can be of different years, and may disagree about one to come."""
    if request.param == "of the system":
        zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()
    yield
    # As chalicelib.domain leaves it: the package only.
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()


def make(session: Session = SESSION, method: Method = "REQUEST", **changes: Any) -> bytes:
    arguments: dict[str, Any] = {
        "event": EVENT,
        "booking_id": BOOKING_ID,
        "reference": reference(BOOKING_ID),
        "sequence": 1,
        "attendee_name": "Ann Other",
        "attendee_address": "ann@example.com",
        "organiser_address": "bookings@example.org",
        "ticket_url": TICKET_URL,
        "now": NOW,
    }
    return calendar(method=method, session=session, **{**arguments, **changes})


def at(zone: str, starts: datetime, hours: int = 3) -> Session:
    return replace(SESSION, zone=zone, starts_local=starts, ends_local=starts + timedelta(hours=hours))


def strange(file: bytes, zone: str) -> str:
    """Return the file with its zone under a name that no reader knows: so it has to read the VTIMEZONE."""
    return (
        file.decode()
        .replace(f"TZID:{zone}", name := f"TZID:Nowhere/{next(_NAMES)}")
        .replace(f"TZID={zone}", name.replace(":", "="))
    )


def entry(file: bytes | str) -> Any:
    return vobject.readOne(file if isinstance(file, str) else file.decode()).vevent


def lines(file: bytes) -> list[str]:
    return file.decode().replace("\r\n ", "").split("\r\n")


@pytest.mark.usefixtures("zone_database")
@pytest.mark.parametrize("year", [2026, 2027])
@pytest.mark.parametrize("month", [1, 7])
@pytest.mark.parametrize("zone", ["Europe/London", "America/Vancouver"])
def test_the_entry_says_the_venues_wall_clock_and_its_own_zone_rules_give_the_right_instant(
    zone: str, month: int, year: int
) -> None:
    starts = datetime(year, month, 14, 19, 0)
    session = at(zone, starts)
    read = entry(strange(make(session), zone))
    assert read.dtstart.value.replace(tzinfo=None) == starts
    assert read.dtstart.value.astimezone(UTC) == session.starts_at
    assert read.dtend.value.astimezone(UTC) == session.ends_at
    assert f"DTSTART;TZID={zone}:{year}{month:02}14T190000" in lines(make(session))


def test_london_is_an_hour_ahead_of_utc_in_july_and_level_with_it_in_january() -> None:
    july = entry(strange(make(at("Europe/London", datetime(2026, 7, 14, 19))), "Europe/London"))
    january = entry(strange(make(at("Europe/London", datetime(2027, 1, 14, 19))), "Europe/London"))
    assert july.dtstart.value.astimezone(UTC) == datetime(2026, 7, 14, 18, tzinfo=UTC)
    assert january.dtstart.value.astimezone(UTC) == datetime(2027, 1, 14, 19, tzinfo=UTC)


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(sorted(zoneinfo.available_timezones() - {"localtime", "posixrules"})),
    starts=st.datetimes(datetime(2015, 1, 1), datetime(2032, 1, 1)),
    hours=st.integers(1, 40),
)
def test_a_reader_that_knows_no_zones_finds_the_right_instant_in_any_zone(
    zone: str, starts: datetime, hours: int
) -> None:
    session = at(zone, starts.replace(second=0, microsecond=0), hours)
    clock = zoneinfo.ZoneInfo(zone)
    for edge in (session.starts_local, session.ends_local):
        # Readers differ on an hour that comes twice or not at all; around it nothing is to be learned.
        near = [(edge + timedelta(hours=h)).replace(tzinfo=clock).utcoffset() for h in (-3, 0, 3)]
        assume(len(set(near)) == 1)
    text = make(session).decode()
    block = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")] + "END:VTIMEZONE\r\n"
    reader = tzical(StringIO(block)).get(zone)
    assert session.starts_local.replace(tzinfo=reader).astimezone(UTC) == session.starts_at
    assert session.ends_local.replace(tzinfo=reader).astimezone(UTC) == session.ends_at


def test_the_zone_rules_of_a_session_are_worked_out_once_and_stand_before_its_entry() -> None:
    session = at("Europe/Lisbon", datetime(2031, 9, 5, 19))
    zone_rules._written.cache_clear()
    files = [make(session, booking_id=booking_id) for booking_id in ("a" * 24, "b" * 24)]
    assert (zone_rules._written.cache_info().misses, zone_rules._written.cache_info().hits) == (1, 1)
    for file in files:
        parts = [line for line in lines(file) if line.startswith(("BEGIN:", "END:"))]
        assert [parts[0], parts[1], parts[-3:]] == [
            "BEGIN:VCALENDAR",
            "BEGIN:VTIMEZONE",
            ["BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR"],
        ]


def test_what_looks_like_the_beginning_of_an_entry_is_words_and_moves_no_zone() -> None:
    typed = "BEGIN:VEVENT\r\nX"
    file = make(replace(SESSION, title=typed, venue=typed, address=typed), attendee_name=typed)
    assert file.count(b"\r\nBEGIN:VEVENT\r\n") == file.count(b"\r\nBEGIN:VTIMEZONE\r\n") == 1
    assert file.index(b"END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:") > 0


def test_zone_rules_are_the_one_pair_of_yearly_rules_that_outlook_reads() -> None:
    rules = [line for line in lines(make(at("Europe/London", datetime(2027, 1, 14, 19)))) if "RRULE" in line]
    assert rules == ["RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"]


def test_an_onset_is_written_in_the_time_that_clocks_showed_before_it() -> None:
    # London goes to summer time at 01:00 UTC, when its clocks show 01:00 and not yet 02:00.
    text = make(at("Europe/London", datetime(2026, 7, 14, 19))).decode()
    assert "BEGIN:DAYLIGHT\r\nDTSTART:19700329T010000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100" in text


def test_a_zone_whose_clocks_stand_still_has_one_standard_time_and_no_rule() -> None:
    text = make(at("Asia/Kathmandu", datetime(2026, 7, 14, 19))).decode()
    assert text.count("BEGIN:STANDARD") == 1
    assert "DAYLIGHT" not in text
    assert "RRULE" not in text
    assert "TZOFFSETTO:+0545" in text


def test_a_zone_that_is_about_to_give_up_changing_its_clocks_gets_dates_and_no_rule() -> None:
    # America/Whitehorse stopped in 2020, on its summer time: seen from 2019 that was to come.
    text = make(at("America/Whitehorse", datetime(2019, 12, 14, 19))).decode()
    assert "RRULE" not in text
    assert "BEGIN:STANDARD\r\nDTSTART:20191103T020000\r\nTZOFFSETFROM:-0700\r\nTZOFFSETTO:-0800" in text
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20200308T020000\r\nTZOFFSETFROM:-0800\r\nTZOFFSETTO:-0700" in text


def test_a_zone_that_has_stopped_on_its_summer_time_has_that_as_its_one_standard_time() -> None:
    text = make(at("America/Whitehorse", datetime(2020, 12, 14, 19))).decode()
    assert text.count("BEGIN:STANDARD") == 1
    assert "DAYLIGHT" not in text
    assert "TZOFFSETTO:-0700" in text


def test_a_session_that_lasts_over_a_change_of_clocks_ends_at_the_right_instant() -> None:
    session = at("Europe/London", datetime(2026, 10, 24, 20), hours=12)
    read = entry(strange(make(session), "Europe/London"))
    assert read.dtstart.value.astimezone(UTC) == datetime(2026, 10, 24, 19, tzinfo=UTC)
    assert read.dtend.value.astimezone(UTC) == datetime(2026, 10, 25, 8, tzinfo=UTC)
    assert make(session).count(b"BEGIN:DAYLIGHT") == 1


def test_the_uid_is_the_bookings_own_and_stays_the_same_in_every_file_about_it_wherever_we_move() -> None:
    methods: tuple[Method, ...] = ("REQUEST", "CANCEL", "PUBLISH")
    files = [
        make(
            method=method,
            sequence=number,
            ticket_url=f"https://host{number}.example.org/manage/link",
            now=NOW + timedelta(days=number),
        )
        for number, method in enumerate(methods)
    ]
    assert {entry(file).uid.value for file in files} == {f"{BOOKING_ID}@turnout"}


def test_sequence_and_stamp_are_the_ones_given() -> None:
    read = entry(make(sequence=7))
    assert read.sequence.value == "7"
    assert read.dtstamp.value == NOW


def test_a_request_invites_somebody_who_has_accepted_already() -> None:
    file = make(attendee_name="Ann Other")
    assert "METHOD:REQUEST" in lines(file)
    read = entry(file)
    assert read.status.value == "CONFIRMED"
    assert read.transp.value == "OPAQUE"
    assert read.organizer.value == "mailto:bookings@example.org"
    assert read.organizer.params["CN"] == ["Curry Night"]
    assert read.attendee.value == "mailto:ann@example.com"
    assert read.attendee.params["CN"] == ["Ann Other"]
    assert read.attendee.params["PARTSTAT"] == ["ACCEPTED"]
    assert read.attendee.params["RSVP"] == ["FALSE"]


def test_a_cancel_takes_the_entry_out_and_frees_the_evening() -> None:
    file = make(method="CANCEL")
    assert "METHOD:CANCEL" in lines(file)
    read = entry(file)
    assert read.status.value == "CANCELLED"
    assert read.transp.value == "TRANSPARENT"
    assert read.attendee.value == "mailto:ann@example.com"


def test_a_downloaded_file_publishes_and_invites_nobody() -> None:
    file = make(method="PUBLISH")
    assert "METHOD:PUBLISH" in lines(file)
    read = entry(file)
    assert not hasattr(read, "attendee")
    assert read.organizer.value == "mailto:bookings@example.org"
    assert read.status.value == "CONFIRMED"


def test_the_entry_says_what_where_and_how_to_cancel() -> None:
    read = entry(make())
    assert read.summary.value == "Curry Night: Leeds"
    assert read.location.value == "The Copper Pot, 12 High Street, Leeds, LS1 4AB"
    assert read.geo.value == "53.7997;-1.5492"
    assert TICKET_URL in read.description.value
    assert "BQ5XZK3F" in read.description.value


def test_a_place_whose_spot_is_unknown_has_no_geo() -> None:
    assert not hasattr(entry(make(replace(SESSION, latitude=None, longitude=None))), "geo")


def test_lines_end_in_crlf_and_hold_at_most_75_octets_with_no_letter_torn() -> None:
    title = "Ж" * 60 + " 🍛" * 20
    file = make(event=replace(EVENT, title=title))
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert b"\r" not in file.replace(b"\r\n", b"")
    physical = file.split(b"\r\n")
    assert max(map(len, physical)) <= 75
    for line in physical:
        line.decode()
    assert entry(file).summary.value == f"{title}: Leeds"


@settings(max_examples=100, deadline=None)
@given(typed=st.text(max_size=80))
def test_nothing_that_anybody_typed_can_add_a_property(typed: str) -> None:
    def properties(file: bytes) -> list[str]:
        return [line.partition(":")[0].partition(";")[0] for line in lines(file)]

    session = replace(SESSION, title="x" + typed, venue="x" + typed, address=typed)
    file = make(session, event=replace(EVENT, title="x" + typed), attendee_name=typed)
    assert properties(file) == properties(make())
    assert entry(file).attendee.value == "mailto:ann@example.com"


@pytest.mark.parametrize(
    "name", ['Ann "The Boss" O\'Neill', "Ann; RSVP=TRUE:mailto:eve@example.com", "Ann\r\nX-EVIL:1", "^'n"]
)
def test_a_name_stays_inside_its_quotes(name: str) -> None:
    file = make(attendee_name=name)
    read = entry(file)
    assert read.attendee.value == "mailto:ann@example.com"
    assert read.attendee.params["RSVP"] == ["FALSE"]
    assert not any(line.startswith("X-EVIL") for line in lines(file))
