"""Our functions as Lambda runs them, and the series of calls that each of them is measured by."""

from msgspec import Struct

WARM_CALLS = 19
"""After the first. With it they fill a session of 40 places, two by two."""

COUNTED_CALLS = {"mail": 4}
"""Of which series fewer are counted: a mail takes so many instructions that the mean is good without."""


class Function(Struct, frozen=True):
    """A function of the template: its handler, and the series of events that it is called with in turn."""

    config: str
    """What .chalice/config.json calls it."""
    module: str
    handler: str
    series: tuple[str, ...]


FUNCTIONS = {
    "APIHandler": Function("api_handler", "app", "app", ("book", "sold_out", "not_open", "page")),
    "Authorizer": Function("authorizer", "chalicelib.web.http.authorizer", "authorizer", ()),
    "BookingStream": Function(
        "booking_stream", "chalicelib.jobs.booking_stream", "booking_stream", ("stream",)
    ),
    "Mailer": Function("mailer", "chalicelib.jobs.mailer", "mailer", ("mail",)),
    "MailFeedback": Function(
        "mail_feedback", "chalicelib.jobs.mail_feedback", "mail_feedback", ("feedback",)
    ),
    "Clock": Function("clock", "chalicelib.jobs.clock", "clock", ("tick_idle", "tick_waiting")),
}

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "TURNOUT_STAGE": "bench",
    "TURNOUT_TABLE": "bench",
    "TURNOUT_BASE_URL": "https://book.example.org/api",
    "TURNOUT_MAIL_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/mail",
    "TURNOUT_FAN_OUT_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/fan-out",
    "TURNOUT_MAIL_FROM": "bookings@example.org",
    "TURNOUT_MAIL_CONFIGURATION_SET": "bench",
    "TURNOUT_MAILS_PER_SECOND": "1000000",
    "TURNOUT_KEY_SECRET_PARAMETER": "key",
    "TURNOUT_TOKEN_SECRET_PARAMETER": "token",
}
