"""The address of the whole system (web/public/front_page.py)."""

from infra.apidoc.calls import Call, Reply, shown

_FRONT_PAGE = shown("A page that asks for the link from the event's organiser.")

CALLS = (
    Call(method="GET", path="/", summary="The front page", who="anybody", replies=(_FRONT_PAGE,), page=True),
    Call(
        method="GET",
        path="/book",
        summary="The front page again",
        who="anybody",
        replies=(_FRONT_PAGE,),
        page=True,
    ),
    Call(
        method="GET",
        path="/robots.txt",
        summary="What search engines may look at",
        who="anybody",
        replies=(
            Reply(
                status=200, words="All pages without personal data.", content_type="text/plain; charset=utf-8"
            ),
        ),
        page=True,
    ),
)
