"""From a plain HTML form's body to what the actions take, or to *every* field that is wrong.

What the booking form sends (application/x-www-form-urlencoded, UTF-8):

    name, email, places     one each
    guests                  once for each guest; empty ones are left out
    answer.<question_id>    one for each question of the event (domain/questions.py)
    consent                 a check box, where a question is marked sensitive
    website                 the honeypot; people never see it
    admission               from the event's queue, if it has one
    queue_ticket            what that came from, for another one if it runs out
    idempotency_key         what makes a second press of the button harmless
    return_url              where to go afterwards, if the event lists it
    shown                   the session's sequence when the form was shown: what its reader knows
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from chalicelib.domain.booking import Party
from chalicelib.domain.booking_request import BookingRequest, check_request
from chalicelib.domain.event import Event
from chalicelib.domain.questions import Question, answer_from_form
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.session import Session
from chalicelib.domain.validation import decode, pointer
from chalicelib.web.http.forms import Form, single

_SINGLE = ("name", "email", "places", "consent", "website", "admission", "idempotency_key", "return_url")
_TICKED = {"on", "yes", "true", "1"}

# What passes every check of check_request, for finding what is wrong with the *other* fields.
_BLAMELESS = {
    "name": "x",
    "email": "x@example.org",
    "places": 1_000_000,
    "guests": (),
    "answers": {},
    "consent": True,
    "website": "",
    "admission": None,
}


def answer_field(question: Question) -> str:
    """Return the name of the form's field that answers this question."""
    return f"answer.{question.question_id}"


class Wanted(Struct, frozen=True):
    """What somebody wants: places for a party, and the admission that they show for it, if any."""

    party: Party
    admission: str | None


def booking_from_form(form: Form, questions: Sequence[Question]) -> Wanted:
    """Return what the form asks for. Raises Invalid naming every field that is wrong."""
    once = {name: pointer(name) for name in _SINGLE}
    once |= {answer_field(question): pointer("answers", question.question_id) for question in questions}
    repeated = [
        FieldError(where, "repeated", "Please send this only once.")
        for name, where in once.items()
        if len(form.get(name, ())) > 1
    ]
    if repeated:
        raise Invalid(repeated)
    raw: dict[str, object] = {
        name: text for name in ("name", "email", "website", "admission") if (text := single(form, name))
    }
    if "places" in form:
        # Sent empty, nothing was chosen; not sent at all, the form has no such field and means one.
        raw["places"] = single(form, "places") or ""
    raw["guests"] = form.get("guests", ())
    raw["answers"] = {
        question.question_id: answer_from_form(question, text)
        for question in questions
        if (text := single(form, answer_field(question)))
    }
    # A box that isn't ticked is not sent at all: that is a "no", not a forgotten field.
    raw["consent"] = (single(form, "consent") or "").lower() in _TICKED
    return read_booking(raw, questions, from_form=True)


def read_booking(raw: object, questions: Sequence[Question], *, from_form: bool = False) -> Wanted:
    """Return what ``raw`` (parsed JSON or a form's fields) asks for, once all of its fields are right.

    Raises Invalid naming every field that is wrong, of shape and of sense together, so that people
    can correct everything at once.
    """
    try:
        request = decode(BookingRequest, raw, from_form=from_form)
    except Invalid as shape:
        if not isinstance(raw, dict):
            raise
        wrong = {error.pointer.split("/")[1] for error in shape.errors}
        rest = {
            name: blameless if name in wrong else raw[name]
            for name, blameless in _BLAMELESS.items()
            if name in wrong or name in raw
        }
        asked = () if "answers" in wrong else questions
        sense = _errors_of_sense(decode(BookingRequest, rest, from_form=from_form), asked)
        raise Invalid(shape.errors + sense) from shape
    return Wanted(check_request(request, questions), request.admission)


def _errors_of_sense(request: BookingRequest, questions: Sequence[Question]) -> list[FieldError]:
    try:
        check_request(request, questions)
    except Invalid as sense:
        return sense.errors
    return []


def read_return_url(event: Event, form: Form) -> str | None:
    """Return where the form wants the visitor to go afterwards, or None for our own page.

    Raises Invalid unless the event lists exactly this address: a form that may name any
    address would let a phisher use every event as a redirector.
    """
    return_url = single(form, "return_url")
    if return_url is not None and return_url not in event.return_urls:
        detail = "The organiser has not listed this address in return_urls."
        raise Invalid([FieldError("/return_url", "return_url", detail)])
    return return_url


def read_shown(form: Form, session: Session) -> int | None:
    """Return the session's sequence that the form was shown with; None if it doesn't say.

    A number that the session hasn't come to was copied from the form of another: it says nothing.
    """
    text = single(form, "shown") or ""
    shown = int(text) if re.fullmatch("[0-9]{1,9}", text) else None
    return shown if shown is not None and shown <= session.sequence else None


def with_outcome(url: str, outcome: str) -> str:
    """Return the URL with ``turnout=<outcome>`` in its query, so that the page there can say what happened.

    A fragment stays at the end, where browsers look for it.
    """
    parts = urlsplit(url)
    query = f"{parts.query}&turnout={outcome}" if parts.query else f"turnout={outcome}"
    return urlunsplit(parts._replace(query=query))
