"""Takes the pictures of these documents anew, from a running product with its demonstration region.

    make run                                              # in another terminal; wait for "Silta is at …"
    .venv/bin/python docs/pictures/take.py [ADDRESS]      # http://127.0.0.1:8000 unless told

Writes today, case, sharing, import and client (.png) beside this file, 1280 pixels wide. It uploads the caseload of
the tests to show the import and writes nothing else. ``CHROMIUM`` names the browser where it is not /usr/bin/chromium.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
CASELOAD = HERE.parents[1] / "tests" / "intake" / "data" / "caseload-export.csv"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTH, HEIGHT = 1280, 960


def signed_in(browser: Browser, address: str, email: str) -> Page:
    """A page of its own session, signed in as one of the demonstration's people."""
    page = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="fi", base_url=address
    ).new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill("silta-demo")
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    return page


def keep(page: Page, name: str) -> None:
    """Saves what stands in the window."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{name}.png")


def of_coordinator(page: Page) -> None:
    """Today, Aino's case, and who sees what of it."""
    page.goto("/")
    keep(page, "today")
    page.goto("/search/?q=Aino+Korhonen")
    page.locator("main a[href^='/cases/']", has_text="Aino Korhonen").first.click()
    page.wait_for_selector("#plan")
    keep(page, "case")
    page.goto(page.url.split("#")[0] + "sharing/")
    keep(page, "sharing")


def of_lead(page: Page) -> None:
    """The caseload of the tests, looked at before anything is written."""
    page.goto("/import/")
    page.locator("input[type=file]").set_input_files(CASELOAD)
    page.locator("main form:has(input[type=file]) button[type=submit]").first.click()
    page.wait_for_url("**/columns/")
    page.locator("input[name=source]").fill("Typpi")
    page.locator("main form:has(input[name=source]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/columns/" not in url)
    page.wait_for_selector("#progress", state="detached", timeout=120_000)
    page.reload()
    keep(page, "import")


def of_client(page: Page) -> None:
    """Aino's own first page."""
    page.goto("/me/")
    keep(page, "client")


def main() -> None:
    """Takes all five."""
    address = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        of_coordinator(signed_in(browser, address, "eero.virtanen@tyollisyys.example"))
        of_client(signed_in(browser, address, "aino.korhonen@asiakas.example"))
        of_lead(signed_in(browser, address, "paula.laine@tyollisyys.example"))
        browser.close()


if __name__ == "__main__":
    main()
