"""Journeys use the browser and the running product of the browser tests."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import browser, product, visit

__all__ = ["browser", "product", "visit"]


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """A busy machine answers late; what is waited for is always a condition, never a time."""
    expect.set_options(timeout=20_000)
