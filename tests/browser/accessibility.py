"""Runs axe-core in a page and says in words what it found."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What WCAG 2.2 A and AA, and axe's best practices, find wrong with the page as it stands."""
    # Evaluated by the browser's debugger, so that the page's own content policy stays as strict as it is.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{page.url} {rule['id']}: {rule['help']} at {node['target']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
