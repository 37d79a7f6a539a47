"""The page with a session's booking form: empty, or refused and holding what was typed.

Who has a place and lost its email finds the way to ask for it again here (again.py): as a form of its own
where nothing else is to be done.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.event import Event, says_zone
from chalicelib.domain.questions import characters_shared
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Cancelled,
    IdempotencyKeyReused,
    NotOpenYet,
    Refusal,
    SoldOut,
)
from chalicelib.domain.session import Session, paused_until
from chalicelib.domain.wording import clock_in_words
from chalicelib.store.availability import places_free_lately
from chalicelib.store.places_left import PlacesLeft
from chalicelib.web.event.cards import Card, cards_of
from chalicelib.web.event.facts import facts_of
from chalicelib.web.event.urls import bookings_url
from chalicelib.web.event.views import session_view, why_not_bookable
from chalicelib.web.http.chance import new_long_id
from chalicelib.web.http.forms import Form, single
from chalicelib.web.http.rendering import FRESH, page
from chalicelib.web.http.replies import HTTP_STATUS, count_refusal, retry_after
from chalicelib.web.public.booking_form import answer_field, read_shown
from chalicelib.web.public.booking_problems import ends_booking, problems_of, sentence_of
from chalicelib.web.queue.admission_fields import AdmissionFields, admission_fields, why_not_admitted
from chalicelib.web.queue.join_form import join_form

if TYPE_CHECKING:
    from chalicelib.web.event.passed_on import PassedOn


def empty_form_page(event: Event, session: Session, sent: Form, now: datetime) -> Response:
    """Return the page with an empty form, or with why there is none now. ``sent`` is the link's query."""
    from chalicelib.web.event.passed_on import session_passed_on  # noqa: PLC0415  # for pages alone

    free = places_free_lately([session])[session.session_id]
    refusal = why_not_bookable(event, session, free, now)
    held = admission_fields(event, sent, now)
    if refusal is None and held is not None and not held.unclear:
        refusal = why_not_admitted(event, held, now)
    paused = refusal is None and paused_until(session, now) is not None
    # A place in the queue is somebody's own.
    is_own = held is not None and (held.admission or held.queue_ticket)
    view = session_view(event, session, PlacesLeft(free, is_fresh=True), now)
    return _page(
        event,
        session,
        {},
        now,
        held,
        closed_because=refusal,
        paused=paused,
        nearest=_nearest(event, session, now) if isinstance(refusal, SoldOut | Cancelled) else [],
        passed_on=None if is_own else session_passed_on(event, session, view),
    )


def refused_form_page(
    event: Event,
    session: Session,
    form: Form,
    refusal: Refusal,
    now: datetime,
    *,
    idempotency_key: str | None,
    return_url: str | None,
) -> Response:
    """Return the page with the form as it was sent, and what is wrong with it.

    It keeps its idempotency key: nothing was stored under it as far as we know, and if an answer was
    lost after all, the same form sent again must meet that booking instead of making a second one.
    Only when a *different* form was booked under that key does this one need a key of its own.
    """
    count_refusal(refusal)
    reused = isinstance(refusal, IdempotencyKeyReused)
    # A turn that was used leads nowhere, so the page doesn't hold on to it.
    held = admission_fields(event, {} if _is_turn_used(refusal) else form, now)
    return _page(
        event,
        session,
        form,
        now,
        held,
        refusal=refusal,
        closed_because=refusal if ends_booking(refusal, held) else None,
        idempotency_key=None if reused else idempotency_key,
        return_url=return_url,
    )


def _page(
    event: Event,
    session: Session,
    form: Form,
    now: datetime,
    held: AdmissionFields | None,
    *,
    refusal: Refusal | None = None,
    closed_because: Refusal | None = None,
    paused: bool = False,
    nearest: Sequence[tuple[Card, str]] = (),
    idempotency_key: str | None = None,
    return_url: str | None = None,
    passed_on: "PassedOn | None" = None,
) -> Response:
    queue = None
    if held is not None and isinstance(closed_because, NotOpenYet | NotAdmitted):
        queue = join_form(event, cards_of(event, now), now, email=single(form, "email") or "")
    problems = problems_of(refusal, event, session, held) if refusal else []
    # Before the opening and after a cancellation there is no email to wait for, nor once it is over.
    asks = now <= session.ends_at and not isinstance(closed_because, Cancelled | NotOpenYet)
    already_booked = isinstance(refusal, AlreadyBooked)
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(problem.field_id, problem.sentence)
    return page(
        "public/book.html",
        status=HTTP_STATUS[type(refusal)] if refusal else 200,
        headers={**FRESH, **(retry_after(refusal) if refusal else {})},
        form_targets=event.return_urls,
        framed_by=event.allowed_origins,
        action=bookings_url(event, session),
        closed_because=sentence_of(closed_because, event, session) if closed_because else None,
        closed_code=closed_because.code if closed_because else None,
        paused=paused,
        nearest=nearest,
        carried=_carried(held),
        refused=refusal is not None,
        already_booked=already_booked,
        again_form=asks and (already_booked or closed_because is not None),
        again_link=asks,
        problems=problems,
        errors=errors,
        typed=_typed(form, event),
        answers_share=characters_shared(event.questions),
        held=held,
        book_until=clock_in_words(held.until, session.zone, says_zone=says_zone(event))
        if held and held.until
        else None,
        queue=queue,
        turn_used=_is_turn_used(refusal),
        idempotency_key=idempotency_key or new_long_id(),
        return_url=return_url,
        passed_on=passed_on,
        # Who is asked to put something right reads that, and not again when and where it is.
        shown=session.sequence if (shown := read_shown(form, session)) is None else shown,
        **facts_of(event, session, now),
    )


def _nearest(event: Event, session: Session, now: datetime) -> list[tuple[Card, str]]:
    from chalicelib.web.event.near import nearest_with_room  # noqa: PLC0415  # who books doesn't need it

    return nearest_with_room(session, cards_of(event, now))


def _carried(held: AdmissionFields | None) -> str:
    """Return the query with which somebody's turn goes along to another form."""
    named = {"admission": held.admission, "queue_ticket": held.queue_ticket} if held else {}
    query = urlencode({name: text for name, text in named.items() if text})
    return f"?{query}" if query else ""


def _is_turn_used(refusal: Refusal | None) -> bool:
    return isinstance(refusal, NotAdmitted) and refusal.facts["why_not"] == "used"


def _typed(form: Form, event: Event) -> dict[str, object]:
    guests = list(form.get("guests", ()))[: event.places_per_booking_max]
    rows = max(event.places_per_booking_max - 1, len(guests))
    return {
        "name": single(form, "name") or "",
        "email": single(form, "email") or "",
        "places": single(form, "places") or "1",
        "guests": guests + [""] * (rows - len(guests)),
        "any_guest": any(guest.strip() for guest in guests),
        "answers": {
            question.question_id: single(form, answer_field(question)) or "" for question in event.questions
        },
        "consent": bool(single(form, "consent")),
    }
