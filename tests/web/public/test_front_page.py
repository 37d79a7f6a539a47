import pytest

from tests.web.browsing import Page, get, header


@pytest.mark.parametrize("path", ["/", "/book"])
def test_a_shortened_link_shows_a_page_that_says_where_to_book(path: str) -> None:
    answer = get(path, Accept="text/html")
    page = Page(answer)
    assert (answer.status_code, header(answer, "Content-Type")) == (200, "text/html; charset=utf-8")
    assert "Please use the link that its organiser gave you." in page.text
    assert "open the link in our email" in page.text
    assert page.link("/docs") == "https://book.example.org/v1/docs"
    assert page.all("a", **{"class": "button"}) == []


def test_search_engines_may_look_at_every_page() -> None:
    answer = get("/robots.txt")
    assert answer.body == b"User-agent: *\nDisallow:\n"


def test_a_browser_that_has_seen_a_page_by_https_keeps_to_https() -> None:
    assert header(get("/"), "Strict-Transport-Security") == "max-age=31536000"
