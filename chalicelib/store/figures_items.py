"""The item that holds a session's figures."""

from pynamodb.attributes import NumberAttribute, UTCDateTimeAttribute

from chalicelib.store.attributes import Json
from chalicelib.store.connection import Item


class FiguresItem(Item):
    """domain.figures.Figures. Some hundred bytes, since an event's page reads those of all its sessions."""

    booked = NumberAttribute()
    places = NumberAttribute()
    came = NumberAttribute()
    cancelled = NumberAttribute()
    answers = Json()
    emails_in_trouble = NumberAttribute()
    places_free = NumberAttribute()
    capacity = NumberAttribute()
    counted_at = UTCDateTimeAttribute()
    asks = NumberAttribute()
