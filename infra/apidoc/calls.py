"""What the description says of one call: who may send it, what goes in, and everything that can come out.

The schemas come from the structs that validate and the views that are sent. Rows hold what no struct says.
A row names the refusals of its action. The refusals of every call of its kind are added here.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from chalicelib.domain.organiser import ROLES, Role
from chalicelib.domain.refusals import (
    Busy,
    ChangedMeanwhile,
    Forbidden,
    Invalid,
    LinkExpired,
    NotFound,
    Refusal,
)
from chalicelib.domain.versions import PreconditionRequired
from chalicelib.web.organiser.slices import SLICE_LENGTH, SLICE_LENGTH_MAX

Who = Role | Literal["anybody", "link"]
"""Who may send a call: the least role, anyone at all, or the person with the link from an email."""

JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"
GEOJSON = "application/geo+json"
CALENDAR = "text/calendar; charset=utf-8; method=PUBLISH"
CSV = "text/csv; charset=utf-8; header=present"


class Parameter(Struct, frozen=True, kw_only=True):
    """Something in the path, the query or the headers."""

    name: str
    place: Literal["path", "query", "header"]
    words: str
    kind: Any = str
    required: bool = False
    example: Any = None


class Header(Struct, frozen=True, kw_only=True):
    """A header of a reply. ``always`` is False for one that a reply may come without."""

    name: str
    words: str
    always: bool = True


class Reply(Struct, frozen=True, kw_only=True):
    """A reply that is not a refusal. ``body`` is a struct for JSON, and None for text or nothing."""

    status: int
    words: str
    body: Any = None
    content_type: str | None = None
    headers: tuple[Header, ...] = ()
    shows: dict[str, Any] = {}
    """What the example shows beside what was sent: what the call has done."""


class Body(Struct, frozen=True, kw_only=True):
    """The body of a call. ``patch`` is a JSON merge patch of the struct; ``form`` can come from an HTML form.

    A body without a struct is a form with the example's fields. A button's form has no fields.
    ``optional`` is for a call that may come without a body.
    """

    struct: type[Struct] | None
    example: dict[str, Any]
    patch: bool = False
    form: bool = False
    optional: bool = False


class Call(Struct, frozen=True, kw_only=True):
    """One method of one path."""

    method: str
    path: str
    summary: str
    who: Who
    words: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    replies: tuple[Reply, ...]
    headers: tuple[Header, ...] = ()
    """Headers of all replies, refusals too."""
    refusals: tuple[type[Refusal], ...] = ()
    page: bool = False
    """Whether it refuses with a page instead of a problem; a form's call does both."""

    @property
    def is_admin(self) -> bool:
        """Whether it takes a token."""
        return self.who in ROLES

    @property
    def all_refusals(self) -> list[type[Refusal]]:
        """The row's own refusals, and what every call of its kind can meet."""
        met = {*self.refusals, Busy}
        if self.body is not None and self.body.struct is not None:
            met.add(Invalid)
        if "{" in self.path:
            met.add(NotFound)
        if self.is_admin and self.who != "door":
            met.add(Forbidden)
        if self.who == "link":
            met |= {NotFound, LinkExpired}
        for parameter in self.parameters:
            if parameter.name == "If-Match":
                met |= {ChangedMeanwhile, PreconditionRequired} if parameter.required else {ChangedMeanwhile}
        return sorted(met, key=lambda refusal: refusal.code)

    @property
    def refuses_with_pages(self) -> bool:
        """Whether some of its refusals are pages."""
        return self.page or (self.body is not None and self.body.form)


def ok(
    body: Any,
    words: str = "Done.",
    *,
    status: int = 200,
    headers: tuple[Header, ...] = (),
    shows: dict[str, Any] | None = None,
) -> Reply:
    """Return a reply in JSON."""
    return Reply(status=status, words=words, body=body, content_type=JSON, headers=headers, shows=shows or {})


def shown(words: str, *, status: int = 200, headers: tuple[Header, ...] = ()) -> Reply:
    """Return a reply that is a page."""
    return Reply(status=status, words=words, content_type=HTML, headers=headers)


def sent_on(words: str) -> Reply:
    """Return a reply that leads to another page."""
    return Reply(status=303, words=words, headers=(LOCATION,))


LOCATION = Header(name="Location", words="The address to go to.")
ETAG = Header(name="ETag", words="The version, to send as If-Match or If-None-Match.")
RETRY_AFTER = Header(name="Retry-After", words="How many seconds to wait before you try again.")
NOT_CHANGED = Reply(status=304, words="Your copy is up to date.", headers=(ETAG,))
LINK = Header(name="Link", words='The next slice, as rel="next" (RFC 8288).', always=False)
REPLAYED = Header(
    name="Idempotent-Replayed",
    words="`true` if this is the answer to an earlier request with the same key.",
    always=False,
)
CROSS_ORIGIN = (
    Header(name="Vary", words="The answer depends on Origin.", always=False),
    Header(
        name="Access-Control-Allow-Origin",
        words="The origin of the request, if the event lists it.",
        always=False,
    ),
    Header(
        name="Access-Control-Expose-Headers",
        words="The headers that scripts of that site may read.",
        always=False,
    ),
)
FOR_ALL = (
    Header(name="Access-Control-Allow-Origin", words="`*`: scripts of every site may read the answer."),
    Header(name="Access-Control-Expose-Headers", words="The headers that these scripts may read."),
)

IF_MATCH = Parameter(
    name="If-Match",
    place="header",
    words="The ETag that you read. The change is refused if there is a newer version.",
)
IF_MATCH_NEEDED = Parameter(
    name="If-Match",
    place="header",
    words="The ETag that you read. Send `*` to change any version.",
    required=True,
    example='"1"',
)
ONCE = Parameter(
    name="Idempotency-Key",
    place="header",
    words="If you send the same request with the same key again, you get what the first one created.",
    example="5f0c1c2e",
)
IF_NONE_MATCH = Parameter(
    name="If-None-Match",
    place="header",
    words="The ETag of your copy. If it is up to date, the answer is 304.",
)
ORIGIN = Parameter(
    name="Origin", place="header", words="The site of the script that sends the request. Browsers set it."
)
LIMIT = Parameter(
    name="limit",
    place="query",
    words=f"How many entries a slice has: {SLICE_LENGTH} if you leave it out, at most {SLICE_LENGTH_MAX}.",
    kind=Annotated[int, Meta(ge=1, le=SLICE_LENGTH_MAX)],
    example=20,
)
CURSOR = Parameter(
    name="cursor", place="query", words="Where the slice begins: `next_cursor` of the slice before."
)
