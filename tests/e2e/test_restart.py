"""What is booked after a restart is emailed as before it."""

import pytest

from tests.e2e.stack import Stack
from tests.e2e.test_booking import book

pytestmark = pytest.mark.usefixtures("restarted")


def test_what_is_booked_after_the_restart_is_mailed_at_once(stack: Stack) -> None:
    session_id = stack.new_session()
    book(stack, session_id, "afterwards@example.org")
    stack.wait_for_mail("afterwards@example.org", "confirmation", seconds=30)
