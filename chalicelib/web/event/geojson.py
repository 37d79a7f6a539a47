"""An event's sessions as other people's maps take them: GeoJSON (RFC 7946)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from chalicelib.domain.session import Band
from chalicelib.web.event.views import SessionView
from chalicelib.web.http.shown import shown


class PointView(Struct, frozen=True, kw_only=True):
    """Where a session is: longitude first, as GeoJSON has it."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class FeatureProperties(Struct, frozen=True, kw_only=True):
    """What is said of a session on a map."""

    session_id: str
    title: str
    town: str
    country: str | None
    venue: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    places_left: Band
    bookable: bool
    not_bookable: str | None
    url: str
    approximate: bool


class SessionFeature(Struct, frozen=True, kw_only=True):
    """A session. Its geometry is null if its place is not known (RFC 7946, section 3.2)."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: PointView | None
    properties: FeatureProperties


class SessionFeatures(Struct, frozen=True, kw_only=True):
    """An event's sessions, in the order of its page."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[SessionFeature]


def session_features(views: Sequence[SessionView]) -> SessionFeatures:
    """Return these sessions as GeoJSON."""
    return SessionFeatures(features=[_feature(view) for view in views])


def _feature(view: SessionView) -> SessionFeature:
    where, zone = view.located, ZoneInfo(view.zone)
    geometry = None
    if where.latitude is not None and where.longitude is not None:
        geometry = PointView(coordinates=(where.longitude, where.latitude))
    properties = shown(
        FeatureProperties,
        view,
        town=where.town,
        country=where.country,
        # The same instant, so written that a map can print it without knowing of zones.
        starts_at=view.starts_at.astimezone(zone),
        ends_at=view.ends_at.astimezone(zone),
        url=view.links.page,
        approximate=where.approximate,
    )
    return SessionFeature(id=view.session_id, geometry=geometry, properties=properties)
