"""What to do before an opening, when it comes and afterwards."""

from datetime import datetime, timedelta

from bench.launch_facts import DEFAULTS, Asked, Figures
from bench.launch_figures import per_source
from bench.launch_load import admissions_per_second
from chalicelib.domain.queue import SEED_PUBLIC_AFTER

DEPLOY = "make deploy STAGE=live PARAMETERS="
DEPLOY_NOTHING = timedelta(minutes=30)
"""So long before an opening: a deployment moves the public to other processes, which have to start first."""

TOO_LATE = "passed, and too late if it isn't done: in the last half hour deploy nothing, docs/launch-day.md"

NOTHING_TO_SET = "nothing to deploy: the template's defaults are enough"


def calendar(asked: Asked, found: Figures, now: datetime) -> list[str]:
    """Return a line for each thing to do, in order, in the opening's own zone."""
    is_too_late = asked.opens_at - now < DEPLOY_NOTHING

    def at(before: timedelta, what: str, if_passed: str = "(passed: do it now) ") -> str:
        moment = asked.opens_at - before
        late = "" if moment > now else if_passed
        return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M} {moment.tzname()}   {late}{what}"

    def deploy(before: timedelta, settings: str) -> str:
        if before > timedelta(0) and is_too_late:
            return at(before, settings, f"({TOO_LATE}) ")
        return at(before, f'{DEPLOY}"{settings}"')

    week, day, hour = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
    kept = found.parameters["ProvisionedConcurrency"]
    lasting = _lasting(found)
    return [
        *(at(timedelta(days=28), what) for what in _to_ask(found)),
        *(at(week, what) for what in _before_the_edge(asked)),
        *(deploy(week, settings) for settings in _of_the_edge(asked)),
        *(at(week, what) for what in _before_the_draw(asked)),
        deploy(day, lasting) if lasting else at(day, NOTHING_TO_SET, ""),
        *([deploy(hour, f"ProvisionedConcurrency={kept}")] if kept else []),
        at(timedelta(0), "booking opens; if something goes wrong: make shut STAGE=live (docs/launch-day.md)"),
        *(at(-SEED_PUBLIC_AFTER, what) for what in _after_the_draw(asked)),
        *([deploy(-timedelta(hours=asked.hours - 1), "ProvisionedConcurrency=0")] if kept else []),
    ]


def _lasting(found: Figures) -> str:
    """Return what is set the day before, and left so: all but defaults, and what costs by the hour."""
    return " ".join(
        f"{name}={value}"
        for name, value in found.parameters.items()
        if name != "ProvisionedConcurrency" and value != DEFAULTS[name]
    )


def _to_ask(found: Figures) -> list[str]:
    # Some stand for two quotas.
    to_ask = dict.fromkeys(one.to_ask for one in found.quotas if one.to_ask)
    if not to_ask:
        return []
    return [
        "ask for the quotas above: SES and Lambda look at each request by hand. Once they are granted, "
        f"run this make launch-plan again with {' '.join(to_ask)} (or what you got): the numbers go by it",
    ]


def _before_the_edge(asked: Asked) -> list[str]:
    if not asked.is_distributed:
        return []
    what = [
        "a distribution changes the links that the public gets: docs/deploy.md says where they lead, "
        "and how with a domain of your own"
    ]
    if asked.is_filtered:
        what.append(
            "make a web ACL of scope CLOUDFRONT in us-east-1, with a rate rule by source of "
            f"{per_source(asked)[0]} in five minutes: its ARN goes into the next line"
        )
    return what


def _of_the_edge(asked: Asked) -> list[str]:
    if not asked.is_distributed:
        return []
    return ["Distribution=on" + (" DistributionFilter=ARN" if asked.is_filtered else "")]


def _before_the_draw(asked: Asked) -> list[str]:
    if not asked.is_queue:
        return []
    wanted = f'{{"admission": "queue", "admissions_per_second": {admissions_per_second(asked)}}}'
    return [
        f"PATCH /admin/events/{{event}} with {wanted} (docs/queue.md has the whole line), and publish",
        "announce the seed_hash that GET /events/{slug}/queue shows: with it people can check the draw. "
        "Switching the queue off and on before the opening draws another seed: then announce that one",
    ]


def _after_the_draw(asked: Asked) -> list[str]:
    if not asked.is_queue:
        return []
    return ["GET /events/{slug}/queue shows the seed itself: publish it beside the hash (docs/launch-day.md)"]
