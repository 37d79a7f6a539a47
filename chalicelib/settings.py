"""The only reader of os.environ: what differs between one deployment and the next."""

import os
from functools import cache

from msgspec import Struct


class Settings(Struct, frozen=True):
    """Names and addresses of what the template made. No secrets: store/secrets.py reads those."""

    stage: str
    table: str
    base_url: str
    """Where the public reaches the API, stage prefix included, without a slash at the end."""
    mail_queue_url: str
    fan_out_queue_url: str
    mail_from: str
    mail_configuration_set: str
    mails_per_second: float
    """What SES lets the whole account send."""
    mailers_at_once: int
    """How many mailers share that rate."""
    mails_per_source_hour: int
    """How many confirmations one source may set off in an hour, for one organiser."""
    bookings_per_source_minute: int
    """How many bookings one source may send through one process of the API in a minute."""
    edge_secret_hash: str
    """SHA-256, in hex, of what our own CloudFront distribution sends along; "" if there is none."""
    key_secret_parameter: str
    token_secret_parameter: str


@cache
def settings() -> Settings:
    """Return this process's settings, read once. A function is given only what it uses; the rest is empty."""
    read = os.environ.get
    return Settings(
        stage=read("TURNOUT_STAGE", "dev"),
        table=read("TURNOUT_TABLE", "turnout"),
        base_url=read("TURNOUT_BASE_URL", "").rstrip("/"),
        mail_queue_url=read("TURNOUT_MAIL_QUEUE_URL", ""),
        fan_out_queue_url=read("TURNOUT_FAN_OUT_QUEUE_URL", ""),
        mail_from=read("TURNOUT_MAIL_FROM", ""),
        mail_configuration_set=read("TURNOUT_MAIL_CONFIGURATION_SET", ""),
        mails_per_second=float(read("TURNOUT_MAILS_PER_SECOND", "1")),
        mailers_at_once=int(read("TURNOUT_MAILERS_AT_ONCE", "1")),
        mails_per_source_hour=int(read("TURNOUT_MAILS_PER_SOURCE_HOUR", "100")),
        bookings_per_source_minute=int(read("TURNOUT_BOOKINGS_PER_SOURCE_MINUTE", "120")),
        edge_secret_hash=read("TURNOUT_EDGE_SECRET_HASH", ""),
        key_secret_parameter=read("TURNOUT_KEY_SECRET_PARAMETER", ""),
        token_secret_parameter=read("TURNOUT_TOKEN_SECRET_PARAMETER", ""),
    )
