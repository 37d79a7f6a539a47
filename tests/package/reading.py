"""What the tests ask of the template."""

from collections.abc import Iterator
from typing import Any

FUNCTIONS = {"APIHandler", "Authorizer", "BookingStream", "Mailer", "FanOut", "MailFeedback", "Clock"}


def statements(resources: dict[str, Any], function: str) -> Iterator[dict[str, Any]]:
    """Yield what this function's role allows."""
    role = resources[function]["Properties"]["Role"]["Fn::GetAtt"][0]
    for policy in resources[role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def actions(resources: dict[str, Any], function: str) -> set[str]:
    """Return all that this function's role allows."""
    return {action for statement in statements(resources, function) for action in statement["Action"]}


def event_source(functions: dict[str, Any], function: str) -> dict[str, Any]:
    """Return the one event source of this function."""
    (source,) = functions[function]["Events"].values()
    properties: dict[str, Any] = source["Properties"]
    return properties


def environment(template: dict[str, Any], function: str) -> set[str]:
    """Return the names of the variables that this function is given."""
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    own = template["Resources"][function]["Properties"].get("Environment", {}).get("Variables", {})
    return {*common, *own}


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Yield every mapping in the template."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)
