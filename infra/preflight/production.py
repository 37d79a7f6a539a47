"""The request for production access at SES, ready to paste. AWS reads it, so all of it has to be true.

What it says of the emails is what chalicelib/domain/kinds.py and chalicelib/actions/mail/ do. It has no
apostrophe: a shell takes the whole text between two of them.
"""

import shlex

_USE_CASE = """\
We take bookings for our events. People book a place themselves on our web page.
An organiser can also book for a person who asks. Each person gives their own email address.
We send transactional emails only, each about a booking of the person who gets it:
- a confirmation of the booking, with its ticket and a link to cancel;
- a notice if the time or the venue changes;
- a reminder on the day before or two hours before, if the organiser wants one;
- a notice if the booking or the event is cancelled.
We send no newsletters and no marketing, and we use no bought lists.
Unsubscribing does not apply: there is no list to leave. A person who cancels gets one last email.
Bounces and complaints: SES publishes its events to an SNS topic, and we record them for each email.
So we keep our own books beside those of SES. After a permanent bounce or a complaint we stop emailing
that address. An organiser can try again after a bounce, but not after a complaint.
Alarms watch the rates of bounces and complaints. We limit the emails that one network address can cause."""

_VOLUME = """
Expected volume: at most {places:,} confirmations for an event, and at most as many notices of changes,
cancellations or reminders. So we expect at most {emails:,} emails in 24 hours."""


def use_case(places: int | None) -> str:
    """Return what the emails are; with the volumes, if it is known how many places there are."""
    return _USE_CASE + (_VOLUME.format(places=places, emails=places * 2) if places else "")


def request_to_paste(website: str, region: str, places: int | None) -> tuple[str, ...]:
    """Return the command that asks for production access."""
    command = [
        "aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL \\",
        f"--contact-language EN --website-url {shlex.quote(website)} --region {region} \\",
        "--use-case-description \\",
        shlex.quote(use_case(places)),
    ]
    return tuple("\n".join(command).splitlines())
