"""Names that are stored or signed: they stay although the words of the code have changed since.

What people wait in for an opening was called a line when these were chosen, and is a queue now. In the table
and in texts that are out in the world it keeps its old name, or nothing there could be read any more. There
is one more: the attribute ``line_seed`` of an event, which the struct, its item and its request's actions
call the same.
"""

from typing import Final

QUEUES = "LINES"
"""The partition in which the queues of all events are, so that the clock finds them."""

QUEUE_TICKETS = "LINE"
"""How the partitions begin in which an event's queue tickets are counted: LINE#event#h."""

QUEUE_TICKET_PURPOSE: Final = "line"
"""What is signed with a queue ticket, beside what it says (domain/signing.py)."""

PERSON_PURPOSE = "line"
"""What a person's name in a queue is made with, beside event and address (domain/ids.py)."""
