"""Quotas beside what the plan needs."""

import pytest

from infra.preflight.check import CannotTell
from infra.preflight.checklist import Wanted
from infra.preflight.costs import costs
from infra.preflight.plan import plan_for
from infra.preflight.quotas import CONCURRENCY, REQUESTS, TABLE_WRITES, quota
from tests.infra.preflight.written import WrittenAws


def test_a_quota_that_covers_the_plan_is_ok(written: WrittenAws) -> None:
    written.quota("L-B99A9384", 1000)
    found = quota(written.aws, CONCURRENCY, 200)
    assert (found.mark, found.found) == ("ok", "1,000 is enough, the event needs 200")


def test_a_quota_that_is_just_enough_is_ok_and_one_below_is_to_do(written: WrittenAws) -> None:
    written.quota("L-B99A9384", 200)
    written.quota("L-8A5B8E43", 199)
    assert quota(written.aws, CONCURRENCY, 200).mark == "ok"
    found = quota(written.aws, REQUESTS, 200)
    assert found.mark == "to do"
    assert found.paste == (
        "aws service-quotas request-service-quota-increase --service-code apigateway "
        "--quota-code L-8A5B8E43 --desired-value 200 --region eu-west-2",
    )


def test_a_quota_that_was_never_changed_is_the_default(written: WrittenAws) -> None:
    written.default_quota("L-AB614373", 40000)
    assert quota(written.aws, TABLE_WRITES, 4000).found.startswith("40,000 is enough")


def test_a_quota_that_aws_does_not_know_can_t_be_told(written: WrittenAws) -> None:
    for operation in ("get_service_quota", "get_aws_default_service_quota"):
        written.refuses("service-quotas", operation, "NoSuchResourceException")
    with pytest.raises(CannotTell, match="does not know L-B99A9384"):
        quota(written.aws, CONCURRENCY, 200)


def test_a_missing_permission_for_quotas_is_named(written: WrittenAws) -> None:
    written.refuses("service-quotas", "get_service_quota", "AccessDeniedException")
    with pytest.raises(CannotTell, match="servicequotas:GetServiceQuota"):
        quota(written.aws, CONCURRENCY, 200)


def test_without_numbers_the_plan_is_for_a_thousand_and_usual_quotas_carry_it() -> None:
    plan = Wanted().plan()
    assert (plan.people, plan.places, plan.usual_quotas_do) == (1000, 1000, True)


def test_a_large_plan_needs_what_the_launch_plan_says() -> None:
    plan = plan_for(100_000, 5_000, 1)
    # As `make launch-plan PEOPLE=100000 PLACES=5000` prints them.
    assert (plan.concurrency, plan.requests, plan.table_writes) == (7600, 27000, 60000)
    assert (plan.emails_per_second, plan.emails_per_day) == (9, 10000)
    assert not plan.usual_quotas_do


def test_one_number_stands_for_both_people_and_places() -> None:
    assert (Wanted(people=70).plan().places, Wanted(places=50).plan().people) == (70, 50)


def test_the_costs_are_of_a_quiet_month_and_of_this_opening() -> None:
    small, large = costs(plan_for(100, 100, 1)), costs(plan_for(100_000, 5_000, 1))
    assert small[0] == large[0]
    assert "100 people and 100 places: about $0." in small[1]
    assert "100,000 people and 5,000 places: about $" in large[1]
    assert small[1] != large[1]
