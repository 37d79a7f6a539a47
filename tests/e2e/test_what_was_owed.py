"""An email owed before the stop is sent after the start."""

import time

from chalicelib.actions.event.recount_session import GRACE
from tests.e2e.stack import Stack, eventually


def test_a_booking_whose_change_never_left_the_stream_is_mailed_after_the_restart(
    stack: Stack, restarted: float
) -> None:
    stack.empty_mail_queue()
    time.sleep(max(0, GRACE.total_seconds() + 1 - (time.monotonic() - restarted)))

    def mailed() -> bool:
        stack.tick()
        return bool(stack.mails_to("owed@example.org"))

    eventually(mailed, "email that was owed")
    assert len(stack.mails_to("owed@example.org")) == 1
