"""What an organiser sets, it is shown; what anybody is shown, is named one by one."""

import msgspec.inspect
import pytest
from msgspec import Struct, structs

from chalicelib.domain import event_request, session_request, token_request
from chalicelib.domain.booking import Booking, Party
from chalicelib.domain.event import Event, OrganisersEvent
from chalicelib.domain.event_request import EventRequest
from chalicelib.domain.organiser import OrganisersToken, Token
from chalicelib.domain.session import OrganisersSession, Session
from chalicelib.domain.session_request import SessionDetails, SessionRequest
from chalicelib.domain.token_request import TokenRequest
from chalicelib.domain.validation import Check
from chalicelib.web.door.check_ins import PartyView
from chalicelib.web.event.views import EventView as PublicEventView
from chalicelib.web.event.views import SessionView as PublicSessionView
from chalicelib.web.organiser.booking_views import BookingView
from chalicelib.web.organiser.tokens import TokenView
from chalicelib.web.organiser.views import EventView, SessionView
from chalicelib.web.public.booking import BookingReply


def names(struct: type[Struct]) -> set[str]:
    return set(struct.__struct_fields__)


@pytest.mark.parametrize(
    ("settable", "shared", "view", "ours"),
    [
        (EventRequest, OrganisersEvent, EventView, {"event_id", "status"}),
        (SessionRequest, OrganisersSession, SessionView, {"session_id", "event_id", "status"}),
        (TokenRequest, OrganisersToken, TokenView, {"token_id"}),
    ],
)
def test_what_an_organiser_is_shown_it_can_set_but_for_ids_and_status(
    settable: type[Struct], shared: type[Struct], view: type[Struct], ours: set[str]
) -> None:
    assert names(shared) - names(settable) == ours
    assert names(settable) <= names(view)


@pytest.mark.parametrize(
    ("request_of", "struct"), [(EventRequest, Event), (SessionRequest, Session), (TokenRequest, Token)]
)
def test_what_an_organiser_leaves_out_is_what_an_older_item_lacks(
    request_of: type[Struct], struct: type[Struct]
) -> None:
    asked = {field.name: (field.required, field.default) for field in structs.fields(request_of)}
    stored = {field.name: (field.required, field.default) for field in structs.fields(struct)}
    for name in asked.keys() & stored.keys() - {
        "expires_at"
    }:  # a token has one, whether it is asked for or not
        assert asked[name] == stored[name], name


@pytest.mark.parametrize(
    ("request_of", "checks"),
    [
        (EventRequest, event_request._CHECKS),
        (SessionRequest, session_request._CHECKS),
        (TokenRequest, token_request._CHECKS),
    ],
)
def test_every_text_and_time_that_an_organiser_sets_is_checked_beyond_its_bounds(
    request_of: type[Struct], checks: dict[str, Check]
) -> None:
    judged_by_their_type = {"role", "admission", "reminders", "counter", "event_id", "session_id"}
    free = {
        field.name
        for field in msgspec.inspect.type_info(request_of).fields  # type: ignore[attr-defined]  # of a struct
        if not isinstance(field.type, msgspec.inspect.IntType | msgspec.inspect.BoolType)
    }
    assert free - judged_by_their_type <= checks.keys()


def test_a_session_is_patched_in_all_that_it_is_created_with_but_its_capacity() -> None:
    assert names(SessionRequest) - names(SessionDetails) == {"capacity"}


def test_what_is_known_of_a_party_is_kept_and_shown_to_its_organiser() -> None:
    assert names(Party) <= names(Booking) & names(BookingView)


@pytest.mark.parametrize("view", [PublicEventView, PublicSessionView, BookingReply, PartyView])
def test_what_the_public_and_the_door_are_shown_is_inherited_from_nothing(view: type[Struct]) -> None:
    assert view.__bases__ == (Struct,)


def test_nothing_of_an_events_own_is_public() -> None:
    private = {"organiser_id", "reply_to", "return_urls", "allowed_origins", "line_seed", "version"}
    assert not private & names(PublicEventView)
    assert not {"organiser_id", "capacity", "counters", "version"} & names(PublicSessionView)
