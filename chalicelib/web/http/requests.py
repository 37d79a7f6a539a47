"""The request that a route is answering."""

from collections.abc import Mapping

from chalice.app import Blueprint, Request, Response


def request_of(blueprint: Blueprint) -> Request:
    """Return the request that this blueprint's route is answering."""
    request = blueprint.current_request
    assert isinstance(request, Request)  # noqa: S101  # Chalice sets it before it calls a route
    return request


def query_of(blueprint: Blueprint) -> Mapping[str, str]:
    """Return that request's query parameters, each with its last value."""
    return request_of(blueprint).query_params or {}


def with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    """Return this response with these headers too."""
    response.headers.update(headers)
    return response


def replayed(was_answered: bool) -> dict[str, str]:
    """Return the header that says so, if this request was answered before."""
    return {"Idempotent-Replayed": "true"} if was_answered else {}
