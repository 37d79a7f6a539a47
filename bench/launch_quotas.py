"""What a launch takes of the account's quotas, and how long its mails take."""

from math import ceil

from bench.launch_facts import (
    GATEWAY_AT_ONCE,
    GATEWAY_PER_SECOND,
    KEPT_BACK,
    MAILED_WITHIN_SECONDS,
    TABLE_WRITES,
    Asked,
    Figure,
)


def quotas(asked: Asked, requests: int, warm: int, concurrency: int) -> list[Figure]:
    """Return what the account has to have of each, and whether it has."""
    a_day = asked.places * 2
    rate = max(1, ceil(asked.places / MAILED_WITHIN_SECONDS))
    return [
        _quota(
            "Lambda, concurrent executions",
            concurrency,
            asked.lambda_concurrency,
            f"the API's, {KEPT_BACK} kept back, the other functions",
        ),
        _quota(
            "API Gateway, requests a second",
            requests,
            GATEWAY_PER_SECOND,
            f"at once {GATEWAY_AT_ONCE:,}, which can't be asked for",
        ),
        _quota("DynamoDB, write units of a table", warm, TABLE_WRITES, "the warm throughput above"),
        _quota(
            "SES, mails a second",
            rate,
            asked.mails_per_second,
            f"{asked.places:,} mails within {MAILED_WITHIN_SECONDS // 60} minutes",
        ),
        _quota(
            "SES, mails a day",
            a_day,
            asked.mails_per_day,
            f"{asked.places:,} confirmations, and as many changes or cancellations",
        ),
    ]


def _quota(name: str, needed: float, there: float, why: str) -> Figure:
    verdict = f"there are {there:,g}: enough" if needed <= there else f"there are {there:,g}: ASK FOR MORE"
    return Figure(name, f"{needed:,.0f}", f"{verdict} ({why})")


def mails(asked: Asked) -> list[Figure]:
    """Return how long the confirmations take at the account's rate."""
    seconds = asked.places / asked.mails_per_second
    lasts = f"{seconds / 60:,.1f} minutes" if seconds < 5400 else f"{seconds / 3600:,.1f} hours"
    why = f"{asked.places:,} bookings of one place at most / {asked.mails_per_second:g} a second"
    found = [Figure("until the last is sent", lasts, why)]
    if asked.places > asked.mails_per_day:
        days = asked.places / asked.mails_per_day
        found.append(
            Figure(
                "but by the day's quota", f"{days:,.1f} days", f"{asked.places:,} / {asked.mails_per_day:,}"
            )
        )
    if seconds > 3600:
        found.append(
            Figure(
                "MailsLateAlarm",
                "rings",
                "a mail waits for more than an hour: expected then, and nothing is lost",
            )
        )
    return found
