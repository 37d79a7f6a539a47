"""What a launch takes of the account's quotas, and how long its mails take."""

from math import ceil

from bench.launch_facts import (
    GATEWAY_AT_ONCE,
    GATEWAY_PER_SECOND,
    KEPT_BACK,
    MAILED_WITHIN_SECONDS,
    SANDBOX_MAILS,
    TABLE_UNITS,
    Asked,
    Figure,
)


def quotas(
    asked: Asked,
    *,
    requests: int,
    warm_writes: int,
    warm_reads: int,
    warm_reads_behind_edge: int,
    concurrency: int,
) -> list[Figure]:
    """Return what the account has to have of each, and whether it has."""
    why_reads = "the same for reads"
    if warm_reads > TABLE_UNITS and warm_reads_behind_edge < warm_reads:
        avoids = "avoids it" if warm_reads_behind_edge <= TABLE_UNITS else "makes it less"
        why_reads += (
            f"; DISTRIBUTION=on {avoids}, for pages come from the edge then: {warm_reads_behind_edge:,}"
        )
    in_24_hours = asked.places * 2
    rate = max(1, ceil(asked.places / MAILED_WITHIN_SECONDS))
    return [
        _quota(
            "Lambda, concurrent executions",
            concurrency,
            asked.lambda_concurrency,
            f"the API's, {KEPT_BACK} kept back, the other functions",
            "LAMBDA_CONCURRENCY",
        ),
        _quota(
            "API Gateway, requests a second",
            requests,
            GATEWAY_PER_SECOND,
            f"at once {GATEWAY_AT_ONCE:,}, which can't be asked for",
        ),
        _quota("DynamoDB, write units of a table", warm_writes, TABLE_UNITS, "the warm throughput above"),
        _quota("DynamoDB, read units of a table", warm_reads, TABLE_UNITS, why_reads),
        _quota(
            "SES, mails a second",
            rate,
            asked.mails_per_second,
            f"{asked.places:,} mails within {MAILED_WITHIN_SECONDS // 60} minutes",
            "MAILS_PER_SECOND",
        ),
        _mails_in_24_hours(asked, in_24_hours),
    ]


def _mails_in_24_hours(asked: Asked, needed: int) -> Figure:
    """Return the quota that also tells whether the account may mail strangers at all."""
    why = f"{asked.places:,} confirmations, and as many changes or cancellations"
    if asked.mails_per_day > SANDBOX_MAILS:
        return _quota("SES, mails in 24 hours", needed, asked.mails_per_day, why, "MAILS_PER_DAY")
    return Figure(
        "SES, mails in 24 hours",
        f"{needed:,}",
        f"there are {asked.mails_per_day:,}: ASK TO LEAVE THE SANDBOX ({why}). It lets "
        f"{SANDBOX_MAILS} through in 24 hours, and to verified addresses only: who books would get no mail",
        f"MAILS_PER_DAY={max(needed, SANDBOX_MAILS + 1)}",
    )


def _quota(name: str, needed: float, there: float, why: str, variable: str = "") -> Figure:
    if needed <= there:
        return Figure(name, f"{needed:,.0f}", f"there are {there:,g}: enough ({why})")
    to_ask = f"{variable}={needed:g}" if variable else ""
    return Figure(name, f"{needed:,.0f}", f"there are {there:,g}: ASK FOR MORE ({why})", to_ask)


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
