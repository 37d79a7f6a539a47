"""web/http/replies.py: how a "no" looks, and which JSON is taken."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from chalice.app import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import (
    admission_refusals,
    correction,
    deletion_refusals,
    door_refusals,
    refusals,
    token_request,
    versions,
)
from chalicelib.domain.refusals import FieldError, Invalid, Refusal
from chalicelib.web.http.replies import (
    BODY_BYTES_MAX,
    DEPTH_MAX,
    HTTP_STATUS,
    INTEGER_MAX,
    json_reply,
    problem,
    read_json,
    refusals_as_problems,
)

OPENS_AT = datetime(2027, 6, 1, 10, tzinfo=timezone(timedelta(hours=1)))

EXAMPLES: list[Refusal] = [
    refusals.TooManyRequests(9),
    Invalid([FieldError("/name", "missing", "This field is required.")]),
    refusals.NotFound("There is no such event."),
    refusals.Forbidden("Your token does not allow this."),
    refusals.LinkExpired("Its time is over."),
    refusals.IdempotencyKeyReused(),
    refusals.AlreadyBooked(),
    refusals.NotPublished(),
    refusals.Cancelled(),
    deletion_refusals.SessionBooked(),
    deletion_refusals.NotDraft(),
    deletion_refusals.StillDraft(),
    refusals.NotOpenYet(OPENS_AT),
    refusals.Closed(),
    refusals.TooManyPlaces(6),
    admission_refusals.NotAdmitted("expired"),
    admission_refusals.NotYourTurn(7, 3, 2, 90),
    admission_refusals.NoQueue(),
    refusals.SoldOut(2, 1),
    door_refusals.WrongSession("Ludlow"),
    door_refusals.TicketReplaced(),
    door_refusals.CheckInUndone(),
    door_refusals.BookingCancelled(),
    door_refusals.CheckInNotOpenYet(OPENS_AT, "Europe/London"),
    door_refusals.AlreadyArrived(2, OPENS_AT, "Front door", "Europe/London"),
    door_refusals.TooManyArriving(4, 1),
    door_refusals.PartyArrived(1),
    refusals.BelowBooked(5),
    refusals.SlugTaken("curry"),
    refusals.SessionOver(),
    correction.AddressHasBooking("ABCDEFGH", "key.id"),
    correction.BookingNotLive(),
    correction.NotCorrectable(),
    correction.RecipientComplained(),
    correction.MailedJustNow(40),
    token_request.TooManyTokens(500),
    token_request.TokenInUse(),
    token_request.TokenMade("tttt"),
    versions.PreconditionRequired(),
    refusals.ChangedMeanwhile(),
    refusals.Busy(7),
]


def body_of(response: Response) -> Any:
    """What the reply's body says."""
    return json.loads(response.body)


def request(body: bytes) -> Request:
    """A request with this body, and no Content-Type."""
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {},
            "pathParameters": {},
            "requestContext": {"httpMethod": "POST", "resourcePath": "/"},
            "body": body,
            "stageVariables": None,
        }
    )


def codes(body: bytes) -> list[tuple[str, str]]:
    """Where and how this body is wrong."""
    with pytest.raises(Invalid) as refused:
        read_json(request(body))
    return [(error.pointer, error.code) for error in refused.value.errors]


# Saying no


def test_every_refusal_has_a_status_and_an_example_here() -> None:
    every = set(Refusal.__subclasses__())
    assert set(HTTP_STATUS) == every
    assert {type(example) for example in EXAMPLES} == every
    assert len({refusal.code for refusal in every}) == len(every)


@pytest.mark.parametrize("refusal", EXAMPLES, ids=lambda refusal: refusal.code)
def test_a_refusal_is_answered_with_problem_details(refusal: Refusal) -> None:
    @refusals_as_problems
    def view() -> Response:
        raise refusal

    answer = view()
    body = body_of(answer)
    assert answer.status_code == body["status"] == HTTP_STATUS[type(refusal)]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert body["type"] == f"urn:turnout:problem:{refusal.code}"
    assert (body["code"], body["title"], body["detail"]) == (refusal.code, refusal.title, refusal.detail)
    assert set(refusal.facts) <= set(body)


def test_facts_are_for_programs_and_times_among_them_are_utc() -> None:
    assert body_of(problem(refusals.NotOpenYet(OPENS_AT)))["opens_at"] == "2027-06-01T09:00:00Z"
    assert body_of(problem(refusals.SoldOut(2, 1)))["places"] == 2


def test_every_wrong_field_is_named() -> None:
    errors = [FieldError("/name", "missing", "A."), FieldError("/guests/0", "name", "B.")]
    assert body_of(problem(Invalid(errors)))["errors"] == [
        {"pointer": "/name", "code": "missing", "detail": "A."},
        {"pointer": "/guests/0", "code": "name", "detail": "B."},
    ]


def test_busy_says_when_to_try_again() -> None:
    answer = problem(refusals.Busy(7))
    assert answer.headers["Retry-After"] == "7"
    assert "Retry-After" not in problem(refusals.Closed()).headers


def test_a_refusal_is_counted_by_its_code_and_nothing_else_of_it_is_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem(Invalid([FieldError("/email", "address", "ann@example.org is no address.")]))
    line = json.loads(capsys.readouterr().out)
    assert (line["Refusals"], line["code"], line["Stage"]) == (1, "invalid", "test")
    assert line.keys() == {"level", "message", "code", "Stage", "Refusals", "_aws"}


def test_what_nobody_expected_is_logged_without_its_words_and_answered_with_a_500(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @refusals_as_problems
    def view() -> Response:
        raise LookupError("ada@example.org")

    answer = view()
    assert answer.status_code == body_of(answer)["status"] == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    (line,) = capsys.readouterr().out.splitlines()
    logged = json.loads(line)
    assert (logged["level"], logged["view"], logged["exception"]) == ("ERROR", "view", "LookupError")
    assert "ada" not in line + answer.body


# Saying yes


def test_a_reply_is_json_that_nobody_keeps_unless_it_says_so() -> None:
    answer = json_reply({"at": datetime(2027, 6, 1, 9, tzinfo=UTC), "name": "Ünal"}, 201, {"ETag": '"1"'})
    assert answer.status_code == 201
    assert body_of(answer) == {"at": "2027-06-01T09:00:00Z", "name": "Ünal"}
    assert answer.headers == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "ETag": '"1"',
    }
    kept = json_reply({}, headers={"Cache-Control": "public, max-age=5"})
    assert kept.headers["Cache-Control"] == "public, max-age=5"


# Reading


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", ("", "json")),
        (b"{", ("", "json")),
        (b"\xff", ("", "json")),
        (b'{"a": "\xe9"}', ("", "json")),
        (b'\xef\xbb\xbf{"a": 1}', ("", "json")),
        (b"[" * 5_000, ("", "json")),
        (b"1" * 5_000, ("", "json")),
        (b"NaN", ("", "json")),
        (b'{"a": -Infinity}', ("", "json")),
        (b'{"a": 1e999}', ("", "number")),
        (b'{"a": {"b": 1, "b": 2}}', ("", "repeated")),
        (b"[" * (DEPTH_MAX + 1) + b"1" + b"]" * (DEPTH_MAX + 1), ("", "too_deep")),
        (b'{"a": [0, "\\ud800"]}', ("/a/1", "character")),
        (b'{"a": "x\\u0000"}', ("/a", "character")),
        (b'{"a": "\\u001b[31m"}', ("/a", "character")),
        ('{"a": "\ufffd"}'.encode(), ("/a", "character")),
        (b'{"a\\u0000": 1}', ("", "character")),
        (b'{"a/b": {"c~d": 9007199254740992}}', ("/a~1b/c~0d", "number")),
        (b'" ' + b"x" * BODY_BYTES_MAX + b'"', ("", "too_large")),
    ],
)
def test_json_that_could_mean_two_things_or_be_stored_nowhere_is_refused(
    body: bytes, wrong: tuple[str, str]
) -> None:
    assert codes(body) == [wrong]


def test_all_unreadable_texts_are_named_at_once() -> None:
    assert codes(b'{"a": "\\u0000", "b": ["\\u0001"]}') == [("/a", "character"), ("/b/0", "character")]


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-INTEGER_MAX, INTEGER_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffd")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_any_other_json_is_read_as_what_it_says(value: object) -> None:
    assert read_json(request(json.dumps(value).encode())) == value
    assert read_json(request(json.dumps(value, ensure_ascii=False).encode())) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_what_is_read_can_be_sent_on(body: bytes) -> None:
    try:
        value = read_json(request(body))
    except Invalid:
        return
    assert json_reply(value).status_code == 200


def test_only_json_is_taken_by_the_routes_that_read_it(table: Any) -> None:
    from tests.web.admin import new_admin, problem

    answer = new_admin().send(
        "POST", "/admin/events", b"slug=x", Content_Type="application/x-www-form-urlencoded"
    )
    assert problem(answer) == (415, "unsupported_media_type")
    assert answer.json_body["detail"] == "Send application/json."
