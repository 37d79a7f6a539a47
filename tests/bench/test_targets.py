"""bench/targets.py: what fails `make bench`."""

from msgspec.structs import replace

from bench.callgrind import Instructions
from bench.functions import FUNCTIONS
from bench.scene import Played, Step
from bench.targets import START_SHARES_MAX, missed

BOOK = Step(
    requests={"dynamodb.TransactWriteItems": 1.0},
    written=4,
    read=0,
    answer_bytes=0,
    log_bytes=0,
    mail_bytes=0,
)
NOTHING = replace(BOOK, requests={"ssm.GetParameter": 1.0}, written=0)
MAIL = replace(BOOK, requests={"dynamodb.UpdateItem": 5.0, "dynamodb.GetItem": 2.0, "sesv2.SendEmail": 1.0})
LISTED = replace(BOOK, requests={"dynamodb.BatchWriteItem": 1.0}, written=8)
MANY = replace(NOTHING, requests={"dynamodb.Query": 10.0}, read=100)
STEPS = {
    "book": BOOK,
    "sold_out": NOTHING,
    "not_open": NOTHING,
    "page": NOTHING,
    "stream": LISTED,
    "mail": MAIL,
    "tick_many": replace(NOTHING, requests={"dynamodb.UpdateItem": 25.0, "dynamodb.BatchGetItem": 35.0}),
}
STEPS |= {"page_of_many": MANY, "figures_of_many": MANY}
PLAYED = Played(steps=STEPS, stored_bytes=0, large_booking_bytes=1_023, series={}, answers={})
COUNTED = Instructions(start=70, first={}, warm={"book": 20, "mail": 120}, yardstick=10)
INSTRUCTIONS = dict.fromkeys(FUNCTIONS, COUNTED)


def test_every_function_that_is_counted_has_a_budget_for_its_start() -> None:
    assert set(START_SHARES_MAX) == set(FUNCTIONS)


def test_what_keeps_to_its_targets_is_not_named() -> None:
    assert missed(PLAYED, 100, INSTRUCTIONS) == []


def test_each_target_that_is_missed_is_named() -> None:
    asked = replace(NOTHING, requests={"dynamodb.GetItem": 1.0}, read=1)
    for steps in ({**STEPS, "book": replace(BOOK, read=1)}, {**STEPS, "sold_out": asked}):
        assert len(missed(replace(PLAYED, steps=steps), 100, INSTRUCTIONS)) == 1
    assert len(missed(replace(PLAYED, large_booking_bytes=1_024), 100, INSTRUCTIONS)) == 1
    slow = {**INSTRUCTIONS, "APIHandler": replace(COUNTED, warm={"book": 21})}
    assert missed(PLAYED, 100, slow) == ["A booking takes more than 2 signed calls."]
    heavy = {**INSTRUCTIONS, "Mailer": replace(COUNTED, warm={"mail": 121})}
    assert missed(PLAYED, 100, heavy) == ["A mail takes more than 12 signed calls."]
    twice = replace(MAIL, requests={**MAIL.requests, "dynamodb.GetItem": 3.0})
    often = replace(PLAYED, steps={**STEPS, "mail": twice})
    assert missed(often, 100, INSTRUCTIONS) == ["A mail takes more than 7 round trips."]
    dear = replace(PLAYED, steps={**STEPS, "stream": replace(LISTED, written=9)})
    assert missed(dear, 100, INSTRUCTIONS) == ["Listing a booking takes more than 8 write units."]
    idle = replace(NOTHING, requests={"dynamodb.GetItem": 61.0})
    restless = missed(replace(PLAYED, steps={**STEPS, "tick_many": idle}), 100, INSTRUCTIONS)
    assert restless == ["A minute with five hundred sessions at rest takes more than 60 round trips."]
    for step in ("page_of_many", "figures_of_many"):
        more = replace(MANY, requests={"dynamodb.Query": 11.0})
        asking = missed(replace(PLAYED, steps={**STEPS, step: more}), 100, INSTRUCTIONS)
        assert asking == [f"The answer to {step} takes more than 10 round trips."]
    heavy_page = replace(PLAYED, steps={**STEPS, "page_of_many": replace(MANY, read=101)})
    reading = missed(heavy_page, 100, INSTRUCTIONS)
    assert reading == ["The page of five hundred sessions takes more than 100 read units."]
    late = {**INSTRUCTIONS, "Clock": replace(COUNTED, start=76)}
    assert missed(PLAYED, 100, late) == ["Clock starts with 0.76 of the bare client, more than 0.7."]
