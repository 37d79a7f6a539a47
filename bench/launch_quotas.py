"""What a launch takes of the account's quotas, and how long its emails take."""

from math import ceil

from bench.launch_facts import (
    GATEWAY_AT_ONCE,
    KEPT_BACK,
    MAILED_WITHIN_SECONDS,
    SANDBOX_MAILS,
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
    if warm_reads > asked.table_units and warm_reads_behind_edge < warm_reads:
        avoids = "avoids it" if warm_reads_behind_edge <= asked.table_units else "makes it less"
        why_reads += (
            f"; DISTRIBUTION=on {avoids}, for pages come from the edge then: {warm_reads_behind_edge:,}"
        )
    # One number for both, so the larger: with it, neither is asked for again.
    table_units = f"TABLE_UNITS={max(warm_writes, warm_reads)}"
    in_24_hours = asked.places * 2
    rate = max(1, ceil(asked.places / MAILED_WITHIN_SECONDS))
    return [
        _quota(
            "Lambda, concurrent executions",
            concurrency,
            asked.lambda_concurrency,
            f"the API's, {KEPT_BACK} kept back, the other functions",
            f"LAMBDA_CONCURRENCY={concurrency}",
        ),
        _quota(
            "API Gateway, requests a second",
            requests,
            asked.requests_per_second,
            f"at once {GATEWAY_AT_ONCE:,}, which can't be asked for",
            f"REQUESTS_PER_SECOND={requests}",
        ),
        _quota(
            "DynamoDB, write units of a table",
            warm_writes,
            asked.table_units,
            "the warm throughput above",
            table_units,
        ),
        _quota("DynamoDB, read units of a table", warm_reads, asked.table_units, why_reads, table_units),
        _quota(
            "SES, emails a second",
            rate,
            asked.mails_per_second,
            f"{asked.places:,} emails within {MAILED_WITHIN_SECONDS // 60} minutes",
            f"MAILS_PER_SECOND={rate}",
        ),
        _mails_in_24_hours(asked, in_24_hours),
    ]


def _mails_in_24_hours(asked: Asked, needed: int) -> Figure:
    """Return the quota that also says whether the account may send emails to strangers."""
    why = f"{asked.places:,} confirmations, and as many changes or cancellations"
    if asked.mails_per_day > SANDBOX_MAILS:
        return _quota("SES, emails in 24 hours", needed, asked.mails_per_day, why, f"MAILS_PER_DAY={needed}")
    return Figure(
        "SES, emails in 24 hours",
        f"{needed:,}",
        f"there are {asked.mails_per_day:,}: ASK TO LEAVE THE SANDBOX ({why}). It lets "
        f"{SANDBOX_MAILS} through in 24 hours, to verified addresses only: other people would get no email",
        f"MAILS_PER_DAY={max(needed, SANDBOX_MAILS + 1)}",
    )


def _quota(name: str, needed: int, there: float, why: str, to_ask: str) -> Figure:
    if needed <= there:
        return Figure(name, f"{needed:,}", f"there are {there:,}: enough ({why})")
    return Figure(name, f"{needed:,}", f"there are {there:,}: ASK FOR MORE ({why})", to_ask)


def mails(asked: Asked) -> list[Figure]:
    """Return how long the confirmations take at the account's rate."""
    seconds = asked.places / asked.mails_per_second
    lasts = f"{seconds / 60:,.1f} minutes" if seconds < 5400 else f"{seconds / 3600:,.1f} hours"
    why = f"at most {asked.places:,} bookings / {asked.mails_per_second:,} a second"
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
                "an email waits for more than an hour: expected then, and nothing is lost",
            )
        )
    return found
