"""Somebody books in a browser, with scripts switched off, and reads the mail in the inbox."""

from playwright.sync_api import Browser

from infra.local.demo import SLUG
from tests.e2e.stack import Stack


def test_somebody_books_in_a_browser_without_scripts_and_finds_the_mail(
    stack: Stack, browser: Browser
) -> None:
    session_id = stack.new_session()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{stack.notes['base_url']}/book/{SLUG}/{session_id}")
    page.get_by_label("Your name").fill("Noor Campbell")
    page.get_by_label("Your email address").fill("browser@example.org")
    page.get_by_label("How many places").select_option("2")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Book now").click()
    page.wait_for_url("**/done*")

    stack.wait_for_mail("browser@example.org", "confirmation")
    (mail,) = stack.mails_to("browser@example.org")
    page.goto(f"{stack.notes['inbox_url']}/mails/{mail.id}")
    assert page.get_by_role("heading", level=1).inner_text() == mail.subject
    shown = page.frame_locator("iframe")
    assert "Noor Campbell" in shown.locator("body").inner_text()
    # The QR code is a part of the mail, and the inbox has to put it where the mail says.
    assert shown.locator("img").first.evaluate("image => image.naturalWidth") > 50


def test_a_refused_form_comes_back_with_what_was_typed(stack: Stack, browser: Browser) -> None:
    session_id = stack.new_session()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{stack.notes['base_url']}/book/{SLUG}/{session_id}")
    page.get_by_label("Your name").fill("see www.example.com")
    page.get_by_label("Your email address").fill("typed@example.org")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Book now").click()
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Your email address").input_value() == "typed@example.org"
    assert stack.mails_to("typed@example.org") == []
