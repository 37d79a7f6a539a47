"""A token that was revoked: API Gateway keeps what its authorizer said, so it works for a minute more."""

from msgspec import Struct

from tests.e2e.stack import Stack


class RevokedDoor(Struct, frozen=True):
    """A door's token after its end."""

    event: str
    """The path of the event that it opened."""
    token: str
    path: str
    """Where it was revoked."""


def revoke_a_door(stack: Stack) -> RevokedDoor:
    """Make a token, see it open its event, and revoke it."""
    event_id = stack.notes["event_id"]
    asked = {"name": 'Zoë\'s "front door"', "role": "door", "event_id": event_id}
    made = stack.organiser("POST", "/admin/tokens", asked)
    assert made.status == 201, made.text
    path = f"/admin/tokens/{made.json['token_id']}"
    door = RevokedDoor(f"/admin/events/{event_id}", made.json["token"], path)
    # Twice: API Gateway keeps the authorizer's answer, and a name's quotes must come through that.
    assert (status_for(stack, door), status_for(stack, door)) == (200, 200)
    assert stack.organiser("DELETE", path).status == 204
    return door


def status_for(stack: Stack, door: RevokedDoor) -> int:
    """Return what the event answers to this token."""
    return stack.request("GET", door.event, headers={"Authorization": f"Bearer {door.token}"}).status
