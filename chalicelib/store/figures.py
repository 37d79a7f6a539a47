"""Each session's figures, beside those of its event's other sessions. The recount alone writes them."""

from functools import reduce
from operator import or_

from chalicelib.domain.figures import Figures, PlacesCounted
from chalicelib.store.figures_items import FiguresItem
from chalicelib.store.keys import figures_partition
from chalicelib.store.mapping import changes, struct_from
from chalicelib.store.writing import update_if

_COMPARED = [name for name in Figures.__struct_fields__ if name not in ("counted_at", "asks")]


def keep_figures(event_id: str, session_id: str, figures: Figures) -> None:
    """Keep these if they differ from those that are kept, unless those are of a recount that began later.

    One write, whatever is there: nothing is read for it.
    """
    attributes = FiguresItem.get_attributes()
    differs = reduce(or_, (attributes[name] != getattr(figures, name) for name in _COMPARED))
    update_if(
        (figures_partition(event_id), session_id),
        [FiguresItem.schema.set(1), *changes(FiguresItem, figures, Figures.__struct_fields__)],
        FiguresItem.PK.does_not_exist() | ((FiguresItem.asks <= figures.asks) & differs),
    )


def figures_of(event_id: str) -> dict[str, Figures]:
    """Return what is kept of an event's sessions, by session_id, as it was a moment ago."""
    found = FiguresItem.query(figures_partition(event_id))
    return {item.SK: struct_from(Figures, item) for item in found}


def figures_of_session(event_id: str, session_id: str) -> Figures | None:
    """Return what is kept of one session, or None: it was never recounted."""
    try:
        return struct_from(Figures, FiguresItem.get(figures_partition(event_id), session_id))
    except FiguresItem.DoesNotExist:
        return None


def places_counted(event_id: str) -> dict[str, PlacesCounted]:
    """Return how many places of each session were booked and free when it was last recounted."""
    found = FiguresItem.query(figures_partition(event_id), attributes_to_get=["SK", "places", "places_free"])
    return {item.SK: PlacesCounted(int(item.places), int(item.places_free)) for item in found}
