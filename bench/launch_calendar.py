"""What to do when before an opening, at it and afterwards."""

from datetime import datetime, timedelta

from bench.launch_facts import Asked, Figures
from bench.launch_load import admissions_per_second
from chalicelib.domain.line import SEED_PUBLIC_AFTER

DEPLOY = "make deploy STAGE=live PARAMETERS="


def calendar(asked: Asked, found: Figures, now: datetime) -> list[str]:
    """Return a line for each thing to do, in order, in the opening's own zone."""
    lasting = {name: value for name, value in found.parameters.items() if name != "ProvisionedConcurrency"}
    kept = found.parameters["ProvisionedConcurrency"]

    def at(before: timedelta, what: str) -> str:
        moment = asked.opens_at - before
        late = "" if moment > now else "(passed: do it now) "
        return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M} {moment.tzname()}   {late}{what}"

    return [
        *(at(timedelta(days=28), what) for what in _to_ask(found)),
        *(at(timedelta(days=7), what) for what in _before_the_draw(asked)),
        at(
            timedelta(days=1), f'{DEPLOY}"{" ".join(f"{name}={value:g}" for name, value in lasting.items())}"'
        ),
        at(timedelta(hours=1), f'{DEPLOY}"ProvisionedConcurrency={kept:g}"'),
        at(timedelta(0), "booking opens; if something goes wrong: make shut STAGE=live (docs/launch-day.md)"),
        *(at(-SEED_PUBLIC_AFTER, what) for what in _after_the_draw(asked)),
        at(-timedelta(hours=max(1.0, asked.hours - 1)), f'{DEPLOY}"ProvisionedConcurrency=0"'),
    ]


def _to_ask(found: Figures) -> list[str]:
    to_ask = [one.to_ask for one in found.quotas if one.to_ask]
    if not to_ask:
        return []
    return [
        "ask for the quotas above: SES and Lambda look at each request by hand. Once they are granted, "
        f"run this make launch-plan again with {' '.join(to_ask)} (or what you got): the numbers go by it",
    ]


def _before_the_draw(asked: Asked) -> list[str]:
    if not asked.is_queue:
        return []
    wanted = f'{{"admission": "queue", "admissions_per_second": {admissions_per_second(asked)}}}'
    return [
        f"PATCH /admin/events/{{event}} with {wanted} (docs/launch-day.md has the whole line), and publish",
        "announce the seed_hash that GET /events/{slug}/line shows: whoever keeps it can check the draw. "
        "Switching the line off and on before the opening draws another seed: then announce that one",
    ]


def _after_the_draw(asked: Asked) -> list[str]:
    if not asked.is_queue:
        return []
    return ["GET /events/{slug}/line shows the seed itself: publish it beside the hash (docs/launch-day.md)"]
