"""A real browser before the real product: `silta serve` with a small demonstration region, on its own data."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests import ports

ROOT = Path(__file__).resolve().parents[2]
# A busy machine answers late; what is waited for is always a condition, never a time. In milliseconds.
PATIENCE = 60_000
PASSWORD = "silta-demo"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
USERS = {
    "eero": "eero.virtanen@tyollisyys.example",
    "paula": "paula.laine@tyollisyys.example",
    "saara": "saara.niemi@hyvinvointi.example",
    "kaisa": "kaisa.lehto@kela.example",
    "liisa": "liisa.koski@valmennus.example",
    "olli": "olli.makinen@yritys.example",
    "hanna": "hanna.jarvinen@kaupunki.example",
    "tiina": "tiina.rautio@arviointi.example",
    "aino": "aino.korhonen@asiakas.example",
    "vaino": "vaino.salo@tyollisyys.example",
    "officer": "reino.aho@tyollisyys.example",
    "admin": "admin@silta.example",
}


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(
                f"the server ended with status {process.returncode}: {log.read_text()[-2000:]}"
            )
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310 - this machine
            if _is_told(log.parent):
                return
        except (urllib.error.URLError, TimeoutError):
            pass
        time.sleep(0.25)
    raise TimeoutError(f"no answer from the server in {seconds} s")


def _is_told(home: Path) -> bool:
    """Whether the whole region is there: its last people come while the first pages are answered already."""
    try:
        load = json.loads((home / "demonstration.json").read_text())
    except (FileNotFoundError, ValueError):
        return False
    return bool(load["done"] >= load["people"])


@contextmanager
def _running_product() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="silta-browser-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        port = ports.reserved()
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("DATABASE_", "SILTA_", "DJANGO_"))
        }
        environment = kept | {"SILTA_HOME": home, "SILTA_DEMO_PEOPLE": "60"}
        with (Path(home) / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.cli", "serve", "--port", str(port)],
                env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                _wait_for(f"http://127.0.0.1:{port}/accounts/login/", process, Path(log.name), 1200)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()


@contextmanager
def _running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


_RUNNING: dict[str, Any] = {}


@contextmanager
def _once(name: str, begin: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """One of each in a test run: a folder that takes over these fixtures shares what runs already."""
    if name in _RUNNING:
        yield _RUNNING[name]
        return
    with begin() as running:
        _RUNNING[name] = running
        yield running
        del _RUNNING[name]


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """For what is expected, as for what is pressed."""
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def product() -> Iterator[str]:
    """The address of a running Silta with a small demonstration region; stopped and removed afterwards."""
    with _once("product", _running_product) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with _once("browser", _running_browser) as chromium:
        yield chromium


@pytest.fixture
def visit(browser: Browser, product: str) -> Iterator[Callable[..., Page]]:
    """``visit("eero")`` gives a page signed in as one of the cast; fails on script errors and on what the content policy blocks."""
    contexts = []
    problems: list[str] = []

    def signed_in(name: str | None, *, width: int = 1280, height: int = 900, language: str = "fi") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, base_url=product
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if "Content Security" in message.text else None,
        )
        if name is not None:
            sign_in(page, name)
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert not problems, problems


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Signs in as one of the demonstration users."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(USERS[name])
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    try:
        page.wait_for_url(lambda url: "/accounts/login" not in url)
    except PlaywrightTimeoutError:
        shown = page.locator("body").inner_text()
        raise AssertionError(f"{name} could not sign in; the page at {page.url} says: {shown}") from None
