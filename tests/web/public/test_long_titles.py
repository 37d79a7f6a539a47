"""Names of towns in a real browser: beside a tag there is not always room for both."""

import pytest
from playwright.sync_api import Browser, Page

from chalicelib.domain.questions import Question
from tests import making
from tests.web.browsing import book_by_form, get
from tests.web.refused import scene

pytestmark = pytest.mark.usefixtures("table")

TOWNS = ("Wolverhampton", "Llanfairpwllgwyngyll", "Kingston upon Hull", "Weston-super-Mare", "Ely")

LINES_OF_EACH_WORD = """() => [...document.querySelectorAll('.card h3')].map(title => {
  const text = title.firstChild;
  return [...text.data.matchAll(/[^\\s-]+/g)].map(word => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
  });
})"""

OVERLAPS = """() => [...document.querySelectorAll('.card .row')].filter(row => {
  const [title, tag] = [row.children[0].getBoundingClientRect(), row.children[1].getBoundingClientRect()];
  const inside = row.getBoundingClientRect();
  return tag.right > inside.right + 1 || title.right > inside.right + 1 ||
    (tag.top < title.bottom && tag.left < title.right - 1 && tag.bottom > title.top + 1);
}).length"""


@pytest.mark.parametrize("font", ["sans-serif", "serif", "monospace"])
def test_no_town_is_broken_inside_a_word_or_runs_into_a_tag(browser: Browser, font: str) -> None:
    it = scene(title=TOWNS[0], status="closed")
    for town in TOWNS[1:]:
        making.make_session(it.event, title=town, status="closed")
    html = get(f"/book/{it.event.slug}").body.decode()
    assert html.count("Booking closed") == len(TOWNS)
    page = browser.new_page()
    page.set_content(html)
    page.add_style_tag(content=f"body {{ font-family: {font} !important; }}")
    for width in (320, 390, 700, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(LINES_OF_EACH_WORD) == [[1] * len(words) for words in _words_in_order(page)]
        assert page.evaluate(OVERLAPS) == 0
    page.close()


def test_a_form_with_the_longest_choices_is_no_wider_than_the_phone(browser: Browser) -> None:
    choices = ("Vegetarian (no meat or fish, but eggs and milk are fine) " * 2)[:100], "W" * 100
    diet = Question(question_id="diet", kind="choice", label="Your diet", choices=choices)
    it = scene(event={"questions": (diet,), "session_noun": "dinner"})
    page = browser.new_page()
    path = f"/book/{it.event.slug}/{it.session.session_id}"
    for shown in (get(path), book_by_form(it.event, it.session, {})):
        page.set_content(shown.body.decode())
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def _words_in_order(page: Page) -> list[list[str]]:
    titles: list[str] = page.locator(".card h3").all_inner_texts()
    return [title.replace("-", " ").split() for title in titles]
