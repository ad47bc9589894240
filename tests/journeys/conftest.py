"""Journeys use the browser and the running product of the browser tests."""

from tests.browser.conftest import browser, patience, product, visit

__all__ = ["browser", "patience", "product", "visit"]
