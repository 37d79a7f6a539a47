"""Who wants an email again: one item for whoever asks, so that the answer can't depend on who has booked.

The API writes it and reads nothing. The stream's function reads it off the stream and sees what is booked
(actions/mail/answer_ask.py). Then it is of no more use, and the table forgets it.
"""

from datetime import timedelta
from typing import Any

from msgspec.structs import asdict
from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.domain.booking import AskedAgain
from chalicelib.domain.refusals import Busy
from chalicelib.store.attributes import SparseNumber, SparseText
from chalicelib.store.connection import Item
from chalicelib.store.mapping import Image, struct_from_image
from chalicelib.store.writing import writing

_KEPT_FOR = timedelta(days=1)


class AskedItem(Item):
    """domain.booking.AskedAgain, for the stream to see. A later one of the same address replaces it."""

    session_id = UnicodeAttribute()
    keys: ListAttribute[Any] = ListAttribute()
    asked_at = UTCDateTimeAttribute()
    source = SparseText()
    request_id = SparseText()
    not_kept = SparseNumber()
    expires = NumberAttribute()


def write_ask(asked: AskedAgain) -> None:
    """Write down that somebody asks. Raises Busy; doing it again is safe."""
    with writing(lambda _: Busy()):
        asked_item(asked).save()


def asked_item(asked: AskedAgain) -> AskedItem:
    """Return the item to put."""
    forgotten_at = asked.asked_at + _KEPT_FOR
    return AskedItem(
        f"ASKED#{asked.keys[0]}", "ASKED", **asdict(asked), expires=int(forgotten_at.timestamp())
    )


def ask_from_image(image: Image) -> AskedAgain:
    """Return what a stream's image of such an item says."""
    return struct_from_image(AskedAgain, AskedItem, image)
