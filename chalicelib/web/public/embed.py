"""A booking form to paste into one's own web site: plain HTML, for each session.

It needs no frame and no token, and its script may be left out; whoever sends it comes to our page, or to
one that the event lists. It carries no Idempotency-Key, for a fixed one would make all visitors one: where
scripts run, each visitor's copy draws its own, and where none do, the address itself guards against
booking twice (unless the event allows an address several bookings).

In an event with a queue it is the form that joins the queue: what is pasted once can't hold an admission. A
booking form that was pasted before leads to the queue, with the address that was typed.
"""

from chalice.app import Blueprint, Response

from chalicelib.domain.event import says_zone
from chalicelib.domain.questions import characters_shared
from chalicelib.domain.titles import full_title, place
from chalicelib.domain.wording import when
from chalicelib.web.event.lookup import published_event, refusals_as_event_pages, session_of
from chalicelib.web.event.urls import bookings_url, join_url, session_page_url
from chalicelib.web.http.rendering import fill, shared_page
from chalicelib.web.http.requests import request_of

blueprint = Blueprint(__name__)


@blueprint.route("/book/{slug}/{session_id}/embed", methods=["GET"])
@refusals_as_event_pages
def show_embed(slug: str, session_id: str) -> Response:
    """Show the form's HTML, to be copied."""
    event = published_event(slug)
    session = session_of(event, session_id)
    in_turn = event.admission == "queue"
    snippet = fill(
        "public/embed_queue.html" if in_turn else "public/embed_form.html",
        join_url=join_url(event),
        title=full_title(event, session),
        when=when(session, says_zone=says_zone(event)),
        place=place(session),
        page_url=session_page_url(event, session),
        event=event,
        session=session,
        answers_share=characters_shared(event.questions),
        action=bookings_url(event, session),
        return_url=event.return_urls[0] if event.return_urls else None,
    )
    # The page that it is pasted into may say nothing of its encoding, or another one.
    in_ascii = snippet.encode("ascii", "xmlcharrefreplace").decode("ascii")
    return shared_page(
        request_of(blueprint),
        "public/embed.html",
        event=event,
        session=session,
        page_url=session_page_url(event, session),
        snippet=in_ascii,
        in_turn=in_turn,
    )
