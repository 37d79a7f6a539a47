"""What is passed on of an event: to search engines, to sites that show a link to it, to people by email.

Only pages that are the same for everybody hold it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup
from msgspec import Struct

from chalicelib.domain.event import Event, says_zone
from chalicelib.domain.session import Session, to_utc
from chalicelib.domain.titles import full_title, one_line, place
from chalicelib.domain.wording import when
from chalicelib.web.event.cards import Card
from chalicelib.web.event.urls import calendar_feed_url, event_page_url, session_page_url
from chalicelib.web.event.views import SessionView

_DESCRIPTION_CHARACTERS_MAX = 200
_SESSIONS_LISTED = 25
"""Of an event's page, which search engines need no more of: each session has a page of its own."""

_SCHEMA = "https://schema.org/"
_AVAILABILITY = {"none": "SoldOut", "few": "LimitedAvailability", "some": "InStock", "many": "InStock"}


class PassedOn(Struct, frozen=True, kw_only=True):
    """What the templates say of it."""

    title: str
    description: str
    url: str
    picture_url: str | None
    data: Markup | None
    """schema.org's Event as JSON-LD, safe inside a script element."""
    mail_url: str | None
    """Writes an email about it; None if it doesn't take place."""
    calendar_url: str | None = None


def event_passed_on(event: Event, cards: Sequence[Card]) -> PassedOn:
    """Return what is passed on of an event and its sessions."""
    sessions = ", ".join(one_line(card.session.title) for card in cards) or event.title
    url, title = event_page_url(event), one_line(event.title)
    return PassedOn(
        title=title,
        description=_shortened(event.description or sessions),
        url=url,
        picture_url=event.picture_url,
        data=_written(_event_data(event, cards)) if cards else None,
        mail_url=_mail_url(title, url) if event.status != "cancelled" else None,
        calendar_url=calendar_feed_url(event) if cards and event.status != "cancelled" else None,
    )


def session_passed_on(event: Event, session: Session, view: SessionView) -> PassedOn:
    """Return what is passed on of one session."""
    url, title = session_page_url(event, session), full_title(event, session)
    said = when(session, says_zone=says_zone(event))
    facts = (f"{said.date}, {said.hours}", place(session))
    return PassedOn(
        title=title,
        description=_shortened(". ".join(facts)),
        url=url,
        picture_url=event.picture_url,
        data=_written(_session_data(event, session, view) | _shared(event)),
        mail_url=_mail_url(title, *facts, url) if view.not_bookable != "cancelled" else None,
    )


def _event_data(event: Event, cards: Sequence[Card]) -> dict[str, Any]:
    if len(cards) == 1:
        return _session_data(event, cards[0].session, cards[0].view) | _shared(event)
    sessions = [card.session for card in cards]
    first = min(sessions, key=lambda session: session.starts_at)
    last = max(sessions, key=lambda session: session.ends_at)
    return {
        "name": one_line(event.title),
        "url": event_page_url(event),
        "startDate": _instant(first.starts_local, first.zone),
        "endDate": _instant(last.ends_local, last.zone),
        "eventStatus": _SCHEMA + ("EventCancelled" if event.status == "cancelled" else "EventScheduled"),
        "subEvent": [_session_data(event, card.session, card.view) for card in cards[:_SESSIONS_LISTED]],
    } | _shared(event)


def _session_data(event: Event, session: Session, view: SessionView) -> dict[str, Any]:
    previous = _previous_start(session)
    status = "EventRescheduled" if previous else "EventScheduled"
    spot = {"@type": "GeoCoordinates", "latitude": session.latitude, "longitude": session.longitude}
    data = {
        "@type": "Event",
        "name": full_title(event, session),
        "url": session_page_url(event, session),
        "startDate": _instant(session.starts_local, session.zone),
        "endDate": _instant(session.ends_local, session.zone),
        "previousStartDate": previous,
        "eventStatus": _SCHEMA + ("EventCancelled" if view.not_bookable == "cancelled" else status),
        "location": {
            "@type": "Place",
            "name": one_line(session.venue),
            "address": one_line(session.address),
            **({"geo": spot} if session.latitude is not None else {}),
        },
        "offers": _offer(view),
    }
    return {name: value for name, value in data.items() if value is not None}


def _offer(view: SessionView) -> dict[str, Any] | None:
    """Return what the page says of places; nothing where it says that there is no more booking."""
    if view.over or view.not_bookable in {"cancelled", "closed"}:
        return None
    opens = {"validFrom": view.opens_at} if view.opens_at else {}
    availability = _SCHEMA + _AVAILABILITY[view.places_left]
    return {"@type": "Offer", "url": view.links.page, "availability": availability, **opens}


def _previous_start(session: Session) -> str | None:
    """Return when the session was to start before, if people were told of a change and it isn't then now."""
    if session.sequence_at is None:
        return None
    others = (
        one for one in reversed(session.earlier) if to_utc(one.starts_local, one.zone) != session.starts_at
    )
    return next((_instant(one.starts_local, one.zone) for one in others), None)


def _shared(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = {"@context": _SCHEMA, "@type": "Event", "inLanguage": event.language}
    if event.description:
        data["description"] = _shortened(event.description)
    if event.picture_url:
        data["image"] = event.picture_url
    if event.organiser_name:
        data["organizer"] = {"@type": "Organization", "name": event.organiser_name}
    return data


def _written(data: dict[str, Any]) -> Markup:
    # A "</script>" or "<!--" that somebody typed would end what it stands in.
    return Markup(msgspec.json.encode(data).decode().replace("<", "\\u003c"))  # noqa: S704


def _instant(local: datetime, zone: str) -> str:
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).isoformat()


def _shortened(text: str) -> str:
    line = one_line(text)
    if len(line) <= _DESCRIPTION_CHARACTERS_MAX:
        return line
    return line[: _DESCRIPTION_CHARACTERS_MAX - 1].rsplit(" ", 1)[0] + "…"


def _mail_url(title: str, *lines: str) -> str:
    """Return the link that begins an email (RFC 6068)."""
    return "mailto:?" + urlencode({"subject": title, "body": "\r\n".join((title, *lines))}, quote_via=quote)
