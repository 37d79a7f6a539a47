"""What `make launch-plan` prints: its arithmetic, its refusals, and that what it says can be set."""

import re
from datetime import UTC, datetime
from math import ceil
from typing import Any

import pytest

from bench.costs import read_prices
from bench.launch.limits import read_limits
from bench.launch.scenarios import READY
from bench.launch_bill import bill_of_launch
from bench.launch_facts import COLD_START_SECONDS, DEFAULTS, Asked, Figures
from bench.launch_figures import figures
from bench.launch_plan import plan
from infra.__main__ import parsers
from infra.launch_plan import asked_for
from infra.levers import require_possible
from infra.stack import CannotDeploy
from infra.template import our_half

CAMP = {
    "PEOPLE": "100000",
    "PLACES": "5000",
    "OPENS": "2027-09-01T10:00:00+01:00",
    "MAILS_PER_SECOND": "14",
    "LAMBDA_CONCURRENCY": "7600",
}


NOW = datetime(2027, 7, 1, tzinfo=UTC)


def asked(**changes: str) -> Asked:
    """Return what is asked for by these variables: each is an option, as the Makefile hands it over."""
    variables = {**CAMP, **changes}
    options = [f"--{name.lower().replace('_', '-')}={value}" for name, value in variables.items() if value]
    return asked_for(parsers()[0].parse_args(["launch-plan", *options]), NOW)


def calendar(**changes: str) -> list[str]:
    """Return the lines of "When"."""
    return next(part for part in plan(asked(**changes), NOW) if part.title == "When").lines


def found(**changes: str) -> Figures:
    return figures(asked(**changes), read_prices().assumed)


def quota(of: Figures, name: str) -> tuple[str, bool]:
    """Return what is needed of this quota, and whether more has to be asked for."""
    (one,) = [one for one in of.quotas if one.name.startswith(name)]
    return one.value, "ASK" in one.why


def expected(of: Figures, name: str) -> str:
    (value,) = [one.value for one in of.expected if one.name == name]
    return value


def test_a_crowd_that_may_all_book_at_once() -> None:
    here = found()
    # 100,000 x 0.6 x (1 - e^-0.25), each with a page view and a form.
    assert expected(here, "come in the first second") == "13,272"
    assert expected(here, "requests in that second") == "26,544"
    assert expected(here, "bookings a second") == "2,500"
    assert expected(here, "counters of a session") == "98"
    # 13,272 try once for 4 units, but no more than 10 units a place, and a fifth on top.
    # At 98 counters each is there for 0.4 seconds, waiting.
    assert here.parameters["WarmWritesPerSecond"] == 60_000
    assert here.parameters["ProvisionedConcurrency"] == 5500
    assert here.parameters["ReservedConcurrency"] == 7400
    # 7,400 processes look at event and 98 counters every other second, and 13,272 people at four counters.
    assert here.parameters["WarmReadsPerSecond"] == 214_000
    # Each method is throttled by itself.
    assert here.parameters["RequestsPerSecond"] == 13_300
    assert here.parameters["RequestsBurst"] == 5000


def test_launch_day_is_played_with_the_levers_that_are_planned_for_it() -> None:
    here = found()
    assert READY.warm_write_units_per_second == here.parameters["WarmWritesPerSecond"]
    assert READY.concurrency == here.parameters["ReservedConcurrency"]
    assert READY.provisioned == here.parameters["ProvisionedConcurrency"]
    asked_for_the_account, has_to_be_asked = quota(here, "API Gateway")
    assert asked_for_the_account == f"{READY.gateway_requests_per_second:,.0f}"
    assert has_to_be_asked
    assert quota(here, "Lambda") == ("7,600", False)


def test_a_small_event_needs_nothing_but_what_there_is() -> None:
    here = found(PEOPLE="200", PLACES="40", LAMBDA_CONCURRENCY="1000", MAILS_PER_DAY="50000")
    assert (here.parameters["WarmWritesPerSecond"], here.parameters["WarmReadsPerSecond"]) == (4000, 12_000)
    assert here.parameters["ProvisionedConcurrency"] == 0
    # What is set for every day is not lowered for a small opening, and nothing is kept from the rest for it.
    assert here.parameters["ReservedConcurrency"] == 0
    assert (here.parameters["RequestsPerSecond"], here.parameters["RequestsBurst"]) == (2000, 4000)
    assert not [one.name for one in here.quotas if "ASK" in one.why]
    assert bill_of_launch(asked(PEOPLE="200", PLACES="40"), here, read_prices()).usd < 1


SMALL = {"PEOPLE": "881", "PLACES": "100", "LAMBDA_CONCURRENCY": "1000", "MAILS_PER_SECOND": "1"}
"""The most people that the defaults carry. 117 of them come in the first second, each with two requests. A
process takes 0.9 seconds to start, so 211 start at once. A quarter of what the account has left is 212."""


def printed(**changes: str) -> str:
    return "\n\n".join(map(str, plan(asked(**{**SMALL, **changes}), NOW)))


def test_for_an_event_that_the_defaults_carry_there_is_nothing_to_do() -> None:
    said = printed()
    assert said.startswith("Nothing to do: the defaults are enough for 881 people and 100 places.\n")
    assert "In the busiest second one method of the API gets 117 requests. It takes 2,000." in said
    assert "They need 468 write units. A new table takes 4,000." in said
    assert "make deploy" not in said
    assert "make preflight MAIL_FROM=" in said
    assert "make shut STAGE=live" in said
    assert printed(LAMBDA_CONCURRENCY="996").startswith("Nothing to do")


@pytest.mark.parametrize(
    "changes",
    [
        {"PEOPLE": "882"},
        {"LAMBDA_CONCURRENCY": "995"},
        {"LAMBDA_CONCURRENCY": "10"},
        {"REQUESTS_PER_SECOND": "239"},
        {"TABLE_UNITS": "11999"},
        {"ADMISSION": "queue"},
        {"DISTRIBUTION": "on"},
        {"FIREWALL": "on"},
    ],
)
def test_one_more_person_or_one_thing_to_set_or_to_ask_for_is_a_plan(changes: dict[str, Any]) -> None:
    said = printed(**changes)
    assert "Nothing to do" not in said
    assert said.startswith("What is expected\n")
    assert "What it costs" in said


def test_what_ses_lets_through_is_named_also_where_there_is_nothing_else_to_do() -> None:
    sandbox = printed()
    assert sandbox.startswith("Nothing to do")
    assert "ASK TO LEAVE THE SANDBOX" in sandbox
    slow = printed(PLACES="800", MAILS_PER_DAY="50000")
    assert slow.startswith("Nothing to do")
    assert re.search(r"SES, emails a second +2 +there are 1: ASK FOR MORE", slow)
    assert re.search(r"until the last is sent +13.3 minutes", slow)
    fast = printed(MAILS_PER_SECOND="14", MAILS_PER_DAY="50000")
    assert fast.startswith("Nothing to do")
    assert "ASK" not in fast
    assert 'make deploy STAGE=live PARAMETERS="MailersAtOnce=6 MailsPerSecond=14"' in fast


def test_how_long_a_process_takes_to_start_is_what_the_simulation_has() -> None:
    assert read_limits().assumed.cold_start_seconds.median == COLD_START_SECONDS


def test_places_over_many_sessions_have_each_sessions_own_counters() -> None:
    here = found(SESSIONS="20")
    assert expected(here, "counters of a session") == "10"
    # At fewer counters the wait is shorter: then ten requests a second of each process are the limit.
    assert here.parameters["ProvisionedConcurrency"] == 2700


def test_few_places_are_few_writes_however_many_come() -> None:
    assert found(PLACES="500").parameters["WarmWritesPerSecond"] == 6_000
    assert expected(found(PLACES="100000"), "write units a second") == f"{13_272 * 4:,}"


def test_pages_from_the_edge_are_no_requests_of_the_api() -> None:
    assert expected(found(DISTRIBUTION="on"), "requests in that second") == "13,272"


@pytest.mark.parametrize(
    ("changes", "reads"),
    [
        # 49 units for the 98 counters of one session, a hundred for twenty sessions with ten each.
        ({}, 7400 * (1.5 + 49) / 2 + 13_272 * 2),
        ({"DISTRIBUTION": "on"}, 7400 * 1.5 / 2 + 13_272 * 2),
        ({"ADMISSION": "queue"}, 3200 * (1.5 + 49 + 9) / 2),
        ({"ADMISSION": "queue", "DISTRIBUTION": "on"}, 3200 * (1.5 + 49 + 9) / 2),
        ({"SESSIONS": "20"}, 3600 * (1.5 + 100) / 2 + 13_272 * 2),
    ],
)
def test_each_process_reads_all_counters_for_pages_that_reach_the_api_and_for_positions(
    changes: dict[str, str], reads: float
) -> None:
    assert found(**changes).parameters["WarmReadsPerSecond"] == ceil(reads / 1000) * 1000


def test_reads_above_the_quota_are_what_pages_from_the_edge_avoid() -> None:
    def why(**changes: str) -> str:
        return next(one.why for one in found(**changes).quotas if one.name.startswith("DynamoDB, read"))

    assert "DISTRIBUTION=on avoids it, for pages come from the edge then: 33,000" in why()
    assert "makes it less" in why(PEOPLE="1000000", PLACES="50000")
    for changes in ({"DISTRIBUTION": "on"}, {"ADMISSION": "queue"}, {"PEOPLE": "200", "PLACES": "40"}):
        assert "DISTRIBUTION" not in why(**changes)


def test_in_turn_people_wait_with_a_page_open_and_book_one_after_the_other() -> None:
    here = found(ADMISSION="queue")
    (admitted,) = [one.value for one in here.settings if one.name.startswith("admissions_per_second")]
    assert admitted == expected(here, "bookings a second") == "50"
    # 100,000 pages every ten seconds, who joins after the opening, and three requests of each of fifty.
    assert expected(here, "requests in that second") == f"{10_000 + 13_272 + 150:,}"
    assert found(ADMISSION="queue", LAMBDA_CONCURRENCY="9000").parameters["RequestsPerSecond"] == 13_300
    assert expected(here, "write units a second") == f"{50 * 10 + 13_272:,}"


def test_what_the_account_does_not_have_is_asked_for_and_until_then_less_is_let_through() -> None:
    here = found(LAMBDA_CONCURRENCY="1000", MAILS_PER_SECOND="2", MAILS_PER_DAY="200")
    assert here.parameters["ReservedConcurrency"] == 1000 - 100 - 50 - 2
    assert here.parameters["RequestsPerSecond"] == 8500
    assert here.parameters["ProvisionedConcurrency"] == 1000 - 100 - 50 - 2
    assert quota(here, "Lambda") == ("7,600", True)
    assert quota(here, "API Gateway") == ("27,000", True)
    assert quota(here, "SES, emails a second") == ("9", True)
    assert quota(here, "SES, emails in 24 hours") == ("10,000", True)
    assert quota(here, "DynamoDB, write") == ("60,000", True)
    assert quota(here, "DynamoDB, read") == ("214,000", True)
    assert quota(found(SESSIONS="20", PLACES="2000"), "DynamoDB, write") == ("24,000", False)


@pytest.mark.parametrize("concurrency", ["10", "150", "156"])
def test_an_account_with_nothing_to_reserve_is_told_so_for_aws_would_refuse(concurrency: str) -> None:
    here = found(LAMBDA_CONCURRENCY=concurrency)
    assert here.parameters["ReservedConcurrency"] == here.parameters["ProvisionedConcurrency"] == 0
    (why,) = [one.why for one in here.settings if one.name == "ReservedConcurrency"]
    assert "nothing can be reserved" in why
    assert here.parameters["RequestsPerSecond"] >= int(concurrency) * 10
    assert found(LAMBDA_CONCURRENCY="157").parameters["ReservedConcurrency"] == 1


@pytest.mark.parametrize(
    ("rate", "lasts"), [("14", "6.0 minutes"), ("1", "83.3 minutes"), ("0.5", "2.8 hours")]
)
def test_how_long_the_mails_take(rate: str, lasts: str) -> None:
    here = found(MAILS_PER_SECOND=rate)
    assert here.mails[0].value == lasts
    assert here.mails[0].why.startswith("at most 5,000 bookings / ")
    # Mails that wait for an hour ring an alarm; whoever sees it should have read so before.
    assert ("MailsLateAlarm" in [one.name for one in here.mails]) == (rate != "14")


def test_what_it_says_to_set_the_template_has_and_takes() -> None:
    declared = our_half()["Parameters"]
    for changes in (
        {},
        {"ADMISSION": "queue"},
        {"PEOPLE": "1", "PLACES": "1"},
        {"MAILS_PER_SECOND": "0.2"},
        {"MAILS_PER_SECOND": "1000000"},
        {"FIREWALL": "on"},
        {"LAMBDA_CONCURRENCY": "10"},
    ):
        parameters = found(**changes).parameters
        for name, value in parameters.items():
            one = declared[name]
            assert one.get("MinValue", 0) <= value <= one.get("MaxValue", 10**9), name
        require_possible({name: f"{value:g}" for name, value in parameters.items()}, {})
    deployed = [line for line in calendar() if "make deploy STAGE=live" in line]
    named = {name for line in deployed for name in re.findall(r"(\w+)=\d", line)}
    assert named == set(found().parameters)


def test_what_is_kept_started_is_ended_again_and_all_is_in_the_openings_own_zone() -> None:
    kept, ended = (line for line in calendar(HOURS="3") if "ProvisionedConcurrency" in line)
    assert kept.startswith("Wed 1 Sep 2027 09:00 UTC+01:00")
    assert "ProvisionedConcurrency=5500" in kept
    assert ended.startswith("Wed 1 Sep 2027 12:00")
    assert "ProvisionedConcurrency=0" in ended


def test_after_the_quotas_are_granted_it_is_run_again_with_what_they_became() -> None:
    asks = calendar(LAMBDA_CONCURRENCY="1000", MAILS_PER_SECOND="2")[0]
    assert "ask for the quotas" in asks
    assert (
        "make launch-plan again with LAMBDA_CONCURRENCY=7600 REQUESTS_PER_SECOND=27000 TABLE_UNITS=214000 "
        "MAILS_PER_SECOND=9 MAILS_PER_DAY=10000 (or what you got)" in asks
    )
    granted = {
        "LAMBDA_CONCURRENCY": "7600",
        "REQUESTS_PER_SECOND": "27000",
        "TABLE_UNITS": "214000",
        "MAILS_PER_SECOND": "9",
        "MAILS_PER_DAY": "10000",
    }
    assert not [one.to_ask for one in found(**granted).quotas if one.to_ask]
    assert not [line for line in calendar(**granted) if "quota" in line]
    for name in granted:
        less = {**granted, name: "200" if name == "MAILS_PER_DAY" else "5"}
        assert f" {name}=" in calendar(**less)[0]


@pytest.mark.parametrize(
    ("places", "mails"), [("40", 100), ("1000", 100), ("1001", 200), ("5000", 500), ("50000", 1000)]
)
def test_people_whose_phones_share_an_address_are_not_left_waiting_for_their_emails(
    places: str, mails: int
) -> None:
    here = found(PLACES=places)
    assert here.parameters["MailsPerSourceHour"] == mails
    declared = our_half()["Parameters"]["MailsPerSourceHour"]
    assert declared["MinValue"] <= mails <= declared["MaxValue"]
    (day_before,) = [line for line in calendar(PLACES=places) if line.startswith("Tue 31 Aug")]
    assert (f"MailsPerSourceHour={mails}" in day_before) == (mails != 100)


def test_what_the_template_has_by_default_is_not_set_again() -> None:
    declared = our_half()["Parameters"]
    assert {name: declared[name]["Default"] for name in DEFAULTS} == DEFAULTS
    small = {"PEOPLE": "2000", "PLACES": "50", "LAMBDA_CONCURRENCY": "1000"}
    (day_before,) = [line for line in calendar(**small) if line.startswith("Tue 31 Aug")]
    assert day_before.endswith('PARAMETERS="MailersAtOnce=6 MailsPerSecond=14"')
    (day_before,) = [
        line for line in calendar(**small, MAILS_PER_SECOND="1") if line.startswith("Tue 31 Aug")
    ]
    assert "nothing to deploy" in day_before


def test_where_nothing_can_be_kept_started_nothing_is_said_of_it() -> None:
    assert not [line for line in calendar(LAMBDA_CONCURRENCY="10") if "ProvisionedConcurrency" in line]


def test_a_firewall_and_a_distribution_are_set_as_the_template_takes_them() -> None:
    def deployed(**changes: str) -> str:
        return "\n".join(line for line in calendar(**changes) if "make deploy" in line)

    assert "RequestsPerSourceFiveMinutes=2000" in deployed(FIREWALL="on")
    assert "RequestsPerSourceFiveMinutes=12000" in deployed(FIREWALL="on", ADMISSION="queue")
    assert (
        'Wed 25 Aug 2027 10:00 UTC+01:00   make deploy STAGE=live PARAMETERS="Distribution=on"'
        in deployed(DISTRIBUTION="on")
    )
    # Behind a distribution the API's own firewall would see CloudFront and nobody else.
    both = deployed(DISTRIBUTION="on", FIREWALL="on")
    assert "Distribution=on DistributionFilter=ARN" in both
    assert "RequestsPerSourceFiveMinutes" not in both
    assert "Distribution" not in deployed(FIREWALL="on")
    for changes in ({"FIREWALL": "on"}, {"DISTRIBUTION": "on"}, {"DISTRIBUTION": "on", "FIREWALL": "on"}):
        named = dict(re.findall(r"(\w+)=(\w+)[ \"]", deployed(**changes).replace("STAGE=live ", "")))
        assert set(named) <= set(our_half()["Parameters"])
        require_possible(named, {})


@pytest.mark.parametrize("rate", ["6371000", "1234567.5", "14.0"])
def test_numbers_are_printed_as_people_write_them_however_large(rate: str) -> None:
    large = {"PEOPLE": "100000000", "PLACES": "100000000", "MAILS_PER_DAY": "2000000"}
    changes = {**large, "MAILS_PER_SECOND": rate}
    *sections, bill = plan(asked(**changes), NOW)
    assert "cost" in bill.title
    printed = "\n\n".join(map(str, sections))
    assert not re.findall(r"\de[+-]\d", printed)
    assert "there are 2,000,000:" in printed
    assert f"MailsPerSecond={rate.removesuffix('.0')}" in printed
    assert found(**changes).parameters["MailersAtOnce"] == (6 if rate == "14.0" else 1000)


def test_what_should_have_been_done_before_today_is_still_to_be_done() -> None:
    late = [line for line in calendar(OPENS="2027-07-10T10:00:00Z") if "passed: do it now" in line]
    assert late
    assert all(line.startswith("Sat 12 Jun 2027 10:00") for line in late)


def test_within_the_last_half_hour_nothing_is_deployed_any_more() -> None:
    late = calendar(OPENS="2027-07-01T00:20:00Z", DISTRIBUTION="on")
    (opens,) = [number for number, line in enumerate(late) if "booking opens" in line]
    assert not [line for line in late[:opens] if "make deploy STAGE=live" in line]
    assert "too late if it isn't done" in late[opens - 1]
    assert late[opens - 1].endswith("ProvisionedConcurrency=5500")
    # An earlier plan may have set it.
    assert late[-1].endswith('make deploy STAGE=live PARAMETERS="ProvisionedConcurrency=0"')
    still = calendar(OPENS="2027-07-01T00:40:00Z")
    assert [line for line in still if 'do it now) make deploy STAGE=live PARAMETERS="Prov' in line]


def test_the_draw_of_a_queue_is_announced_before_and_shown_afterwards() -> None:
    assert not [line for line in calendar() if "seed" in line]
    in_turn = calendar(ADMISSION="queue")
    order = [
        next(number for number, line in enumerate(in_turn) if said in line)
        for said in (
            'PATCH /admin/events/{event} with {"admission": "queue", "admissions_per_second": 50}',
            "announce the seed_hash",
            "booking opens",
            "shows the seed itself",
        )
    ]
    assert order == sorted(order)
    assert in_turn[order[1]].startswith("Wed 25 Aug 2027 10:00")
    assert in_turn[order[3]].startswith("Wed 1 Sep 2027 10:01")


@pytest.mark.parametrize(("places", "said"), [("40", "80"), ("100", "200"), ("5000", "10,000")])
def test_the_sandbox_of_ses_is_never_enough_for_it_mails_nobody_who_is_not_verified(
    places: str, said: str
) -> None:
    for changes in ({}, {"MAILS_PER_DAY": "200"}):
        here = found(PLACES=places, **changes)
        (line,) = [one for one in here.quotas if one.name.startswith("SES, emails in 24 hours")]
        assert line.value == said
        assert "enough" not in line.why
        assert "ASK TO LEAVE THE SANDBOX" in line.why
        assert "verified addresses only" in line.why
    assert quota(found(PLACES=places, MAILS_PER_DAY="50000"), "SES, emails in") == (said, False)


def test_the_bill_holds_what_the_levers_cost_and_only_those_that_are_pulled() -> None:
    def lines(**changes: str) -> dict[str, float]:
        bill = bill_of_launch(asked(**changes), found(**changes), read_prices())
        return {line.what: line.usd for line in bill.lines}

    plain = lines()
    assert plain["warm for writes, once"] == pytest.approx(56_000 * 0.00065)
    assert plain["processes kept for 2 h: GB-s"] == pytest.approx(5500 * 7200 * 0.0000033334)
    assert plain["emails"] == pytest.approx(0.50)
    assert not [what for what in plain if "CloudFront" in what or "firewall" in what]
    edge = lines(DISTRIBUTION="on", FIREWALL="on")
    assert edge["requests to CloudFront"] == pytest.approx(500_000 / 10_000 * 0.01)
    assert edge["firewall with one rule, a month"] == pytest.approx(6)
    assert edge["requests to API Gateway"] < plain["requests to API Gateway"]
    assert lines(ADMISSION="queue")["queue tickets: write units"] == pytest.approx(0.0625)


def test_every_line_shows_its_arithmetic() -> None:
    here = found(ADMISSION="queue")
    for one in [*here.expected, *here.settings, *here.quotas, *here.mails]:
        assert one.why, one.name
    printed = "\n\n".join(map(str, plan(asked(), NOW)))
    assert printed.count("\n") > 30


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PEOPLE": ""}, "required: --people"),
        ({"PEOPLE": "many"}, "'many' is not"),
        ({"PEOPLE": "-5"}, "'-5' is not"),
        ({"PLACES": "0"}, "'0' is not"),
        ({"PLACES": "²"}, "is not"),
        ({"PEOPLE": "", "PLACES": "", "OPENS": ""}, "required: --people, --places, --opens"),
        ({"OPENS": "tomorrow"}, "--opens: has to be like"),
        ({"OPENS": "2027-09-01T10:00:00"}, "offset from UTC"),
        ({"PEOPLE": "1,0"}, "'1,0' is not"),
        ({"PEOPLE": "1_00"}, "'1_00' is not"),
        ({"PLACES": "1,000_000"}, "is not"),
        ({"PLACES": "10.0"}, "is not"),
        ({"PLACES": "9" * 5000}, "is not"),
        ({"OPENS": "9999-12-31T10:00:00Z"}, "--opens: has to be in the year 9998 at the latest"),
        ({"MAILS_PER_SECOND": "0"}, "--mails-per-second: has to be a number from 0.2 to 100,000,000"),
        ({"MAILS_PER_SECOND": "nan"}, "'nan' is not"),
        ({"MAILS_PER_SECOND": "0.1"}, "'0.1' is not"),
        ({"MAILS_PER_SECOND": "1,4"}, "'1,4' is not"),
        ({"HOURS": "1"}, "--hours: has to be a number from 2 to 168; '1' is not"),
        ({"HOURS": "inf"}, "--hours: has to be a number from 2 to 168"),
        ({"HOURS": "99999999"}, "--hours: has to be a number from 2 to 168"),
        ({"TABLE_UNITS": "0"}, "--table-units: has to be a whole number"),
        ({"ADMISSION": "lottery"}, "--admission: invalid choice: 'lottery'"),
        ({"DISTRIBUTION": "yes"}, "--distribution: invalid choice: 'yes'"),
    ],
)
def test_what_can_not_be_read_is_refused_in_words(
    changes: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        asked(**changes)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"OPENS": "2027-06-30T23:59:00Z"}, "in the future; 2027-06-30 23:59 UTC has passed"),
        ({"OPENS": "2027-07-01T01:00:00+01:00"}, "has passed"),
        ({"SESSIONS": "5001"}, "more than --places: 5,001 sessions can't share 5,000 places"),
    ],
)
def test_what_does_not_fit_together_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotDeploy, match=re.escape(said)):
        asked(**changes)


def test_large_numbers_may_be_written_as_people_write_them() -> None:
    assert asked(PEOPLE="100,000") == asked(PEOPLE="100_000") == asked()
    assert asked(MAILS_PER_SECOND="1,400.5").mails_per_second == 1400.5


def test_the_longest_and_the_latest_that_may_be_asked_for_are_planned() -> None:
    ended = calendar(HOURS="168", OPENS="9998-12-31T23:59:00-12:00")[-1]
    assert "9999" in ended
    assert 'PARAMETERS="ProvisionedConcurrency=0"' in ended
