"""Where a session is: which town and country, and its place on the map. Derived when read, never stored."""

from msgspec import Struct

from chalicelib.domain.countries import country_of_zone
from chalicelib.domain.geography import Point
from chalicelib.domain.session import Session
from chalicelib.domain.towns import town_in


class Located(Struct, frozen=True, kw_only=True):
    """Where a session is, as far as that is known."""

    town: str
    """The organiser's word, or the session's title."""
    country: str | None
    """ISO 3166 alpha-2: the organiser's word, or the country that keeps the session's time zone."""
    point: Point | None
    approximate: bool
    """Whether the point is the town's, and not the organiser's pin."""


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
