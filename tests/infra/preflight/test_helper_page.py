"""docs/helper.md, which leads a person through preflight who is no engineer."""

import re

from infra import preflight
from infra.command import Parser
from infra.preflight.checklist import Wanted
from infra.preflight.costs import quiet_month
from infra.preflight.identity import IDENTITY
from infra.preflight.sending import PRODUCTION
from infra.vendor import ROOT
from tests.plain_words import not_plain

PAGE = (ROOT / "docs" / "helper.md").read_text()


def test_the_page_is_short_narrow_and_in_plain_words() -> None:
    assert len(PAGE.split()) <= 680
    assert [line for line in PAGE.splitlines() if len(line) > 110] == []
    assert not_plain(PAGE) == []


def test_the_command_on_the_page_is_one_that_preflight_takes() -> None:
    (given,) = re.findall(r"^ +make preflight (.*)$", PAGE, re.MULTILINE)
    variables = re.findall(r"(\w+)=(\S+)", given)
    options = [f"--{name.lower().replace('_', '-')}={value}" for name, value in variables]
    parser = Parser(prog="python -m infra")
    preflight.add_command(parser.add_subparsers())
    assert parser.parse_args(["preflight", *options]).people == 2000


def test_the_page_names_checks_as_the_command_does() -> None:
    assert f"*{IDENTITY}*" in PAGE
    assert f"*{PRODUCTION}*" in PAGE
    assert "`All is ready`" in PAGE


def test_the_costs_on_the_page_are_those_of_the_arithmetic() -> None:
    plan = Wanted(people=1000).plan()
    assert f"An event for {plan.people:,} people adds\nabout ${round(plan.bill.usd)}." in PAGE
    assert f"about ${round(quiet_month().usd, -1):.0f} a month" in PAGE
