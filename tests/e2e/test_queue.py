"""The morning of an opening in browsers: in the draw, in the queue, at one's turn and booked."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, expect

from chalicelib.domain.wording import ahead_in_words, estimate_in_words
from chalicelib.web.http.rendering import PAGES
from tests.e2e.stack import Stack
from tests.making import FACE

EARLY = 20
"""How many others are in the draw. One a second is served, so this is how long who comes late waits."""

TURN_MILLISECONDS_MAX = 120_000


class Morning(Struct, frozen=True):
    """An event with a queue that is about to open."""

    slug: str
    session_id: str
    opens_at: datetime


def morning(stack: Stack, slug: str) -> Morning:
    opens_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=20)
    event = {
        "slug": slug,
        "title": "Launch Night",
        **FACE,
        "opens_at": opens_at.isoformat(),
        "admission": "queue",
        "admissions_per_second": 1,
    }
    event_id = stack.organiser("POST", "/admin/events", event).json["event_id"]
    session_id = stack.new_session(capacity=EARLY + 20, event=f"/admin/events/{event_id}")
    assert stack.organiser("POST", f"/admin/events/{event_id}/publish", {}).status == 200
    for number in range(EARLY):
        address = f"early.{number}@{slug}.example.org"
        assert stack.post_json(f"/events/{slug}/queue", {"email": address}).status == 201
    return Morning(slug, session_id, opens_at)


def join(stack: Stack, page: Page, slug: str, address: str) -> None:
    page.goto(f"{stack.notes['base_url']}/book/{slug}")
    page.get_by_label("Your email address").fill(address)
    page.get_by_role("button", name="Join the").click()


def book(page: Page, name: str, address: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your email address").fill(address)
    page.get_by_label("How many places").select_option("2")
    page.get_by_role("button", name="Book now").click()


def test_somebody_in_the_draw_and_somebody_late_wait_for_their_turns_and_book_with_and_without_scripts(
    stack: Stack, browser: Browser
) -> None:
    event = morning(stack, "launch-night")
    drawn = browser.new_context(java_script_enabled=False).new_page()
    join(stack, drawn, event.slug, "drawn@example.org")
    expect(drawn.get_by_role("heading", level=1)).to_have_text("You are in the draw")

    late = browser.new_context().new_page()
    said: list[str] = []
    late.on("console", lambda message: said.append(message.text))
    late.wait_for_timeout(max(0.0, (event.opens_at - datetime.now(UTC)).total_seconds() * 1000))
    join(stack, late, event.slug, "late@example.org")
    expect(late.get_by_role("heading", level=1)).to_have_text("You are in the queue")
    # Behind all of the draw, so there is time to see the script at work: figures change, the page stays.
    late.evaluate("window.stayed = true")
    serving = late.locator("[data-show=serving]").inner_text()
    title = late.title()
    expect(late.locator("[data-show=serving]")).not_to_have_text(serving, timeout=30_000)
    assert late.evaluate("window.stayed")
    assert late.title() != title

    for page, name, address in ((drawn, "Nia Drawn", "drawn"), (late, "Lou Latecomer", "late")):
        # Nobody touches the page: it finds out by itself.
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "It is your turn", timeout=TURN_MILLISECONDS_MAX
        )
        page.get_by_role("link", name="Book a place").click()
        book(page, name, f"somebody.else.{address}@example.org")
        expect(page.get_by_role("alert")).to_contain_text("another email address")
        page.get_by_label("Your email address").fill(f"{address}@example.org")
        page.get_by_role("button", name="Book now").click()
        page.wait_for_url("**/done*")
        assert name in stack.wait_for_mail(f"{address}@example.org", "confirmation")
    assert [message for message in said if "Content Security Policy" in message] == []


STUBBED = """
<section id="place" data-queue="x" data-number="{number}" data-now="{now}" data-seconds="0.01"
 data-title="T" data-estimated>
<p data-show="ahead"></p><p data-show="estimate"></p><p data-show="serving"></p></section>
<script>
// The device's clock is years behind ours, and stands still until it is moved.
window.device = 0;
Date.now = () => window.device;
window.asked = 0;
const at = "2027-06-01T12:00:00Z";
const queue = {{now: at, at, number: 0, rate: 1, up_to: 99999}};
window.fetch = async () => {{
  window.asked += 1;
  if (window.blocked) throw new TypeError("Failed to fetch");
  return {{ok: true, json: async () => queue}};
}};
</script><script>{script}</script>
"""

STUBBED_AT = datetime(2027, 6, 1, 12, tzinfo=UTC)


def stubbed(browser: Browser, number: int) -> Page:
    """Return the page of somebody with this number in a queue that began to serve one a second just now."""
    page = browser.new_page()
    script, now = (PAGES / "queue" / "queue.js").read_text(), int(STUBBED_AT.timestamp() * 1000)
    page.set_content(STUBBED.format(number=number, now=now, script=script))
    return page


@pytest.mark.parametrize("number", [0, 1, 58, 59, 60, 1499, 5398, 5399, 35_999])
def test_the_script_says_in_the_same_words_what_the_page_says(browser: Browser, number: int) -> None:
    page = stubbed(browser, number)
    expect(page.locator("[data-show=ahead]")).to_have_text(ahead_in_words(number))
    expect(page.locator("[data-show=estimate]")).to_have_text(estimate_in_words(number + 1))
    expect(page).to_have_title(f"{ahead_in_words(number)} \u2013 T")


def test_the_queue_moves_on_though_a_cache_answers_with_the_same_copy_again_and_again(
    browser: Browser,
) -> None:
    page = stubbed(browser, 1000)
    page.evaluate("window.stayed = true")
    for seconds, served in ((30, "30"), (240, "240")):
        page.evaluate("milliseconds => { window.device = milliseconds }", seconds * 1000)
        expect(page.locator("[data-show=serving]")).to_have_text(served)
        expect(page.locator("[data-show=ahead]")).to_have_text(ahead_in_words(1000 - int(served)))
    assert page.evaluate("window.stayed")


@pytest.mark.parametrize("blocked", [False, True])
def test_the_page_asks_for_itself_every_five_minutes_whatever_becomes_of_the_queue(
    browser: Browser, blocked: bool
) -> None:
    page = stubbed(browser, 1000)
    page.evaluate(
        "blocked => { window.blocked = blocked; window.device = 300_000; window.asked = 0 }", blocked
    )
    page.wait_for_function("window.asked > 3")
    expect(page.locator("#place")).to_have_count(1)
    page.evaluate("window.device = 300_001")
    # It is a page without an address, so what comes is an empty one.
    expect(page.locator("#place")).to_have_count(0)
