"""Where a session is: which town and country, and its place on the map. Derived when read, never stored."""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.domain.countries import country_of_zone
from chalicelib.domain.geography import Point
from chalicelib.domain.session import Session
from chalicelib.domain.towns import town_in, town_key


class Located(Struct, frozen=True, kw_only=True):
    """Where a session is, as far as that is known."""

    town: str
    """The organiser's word, or the session's title."""
    country: str | None
    """ISO 3166 alpha-2: the organiser's word, or the country that keeps the session's time zone."""
    point: Point | None
    approximate: bool
    """Whether the point is the town's, and not the organiser's pin."""


def towns_of(sessions: Iterable[Session]) -> set[tuple[str | None, str]]:
    """Return the different towns that these sessions are in, each as its country and folded name.

    A title is taken for a town's name only where most titles are towns that we know: else an event's
    "Morning" and "Evening" would be two towns.
    """
    named, titled = set(), set()
    known = untold = 0
    for session in sessions:
        country = session.country or country_of_zone(session.zone)
        if session.town:
            named.add((country, town_key(session.town)))
            continue
        untold += 1
        known += country is not None and town_in(session.title, country) is not None
        titled.add((country, town_key(session.title)))
    return named | titled if 2 * known > untold else named


def located(session: Session) -> Located:
    """Return where this session is: where its organiser says, or else in the middle of its town."""
    town = session.town or session.title
    country = session.country or country_of_zone(session.zone)
    if session.latitude is not None and session.longitude is not None:
        pin = Point(session.latitude, session.longitude)
        return Located(town=town, country=country, point=pin, approximate=False)
    found = town_in(town, country) if country else None
    return Located(
        town=town, country=country, point=found.point if found else None, approximate=found is not None
    )
