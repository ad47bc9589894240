"""The page about the life of data names every table, and the times that the declarations say."""

import re
from pathlib import Path

from silta.access import rules
from silta.access.queries.retention import retention_of, silta_models

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "life-of-data.md").read_text(encoding="utf-8")
YEARS = {4: "four years", 12: "twelve years"}
# Said in another row: a message is gone long before its year is over, and a sign-in goes with her own data.
ELSEWHERE = {"outbox.message", "accounts.user"}


def test_every_table_stands_on_the_page_with_its_time() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| .+\|.+\|.+\|.+\|", line)]
    for model in silta_models():
        if hasattr(model, "pgh_tracked_model"):
            continue
        label, years = model._meta.label_lower, retention_of(model).years
        found = [row for row in rows if re.search(rf"\b{re.escape(label)}\b", row)]
        assert found, f"{label} is not on the page"
        assert label in ELSEWHERE or years is None or any(YEARS[years] in row for row in found), label


def test_the_days_of_an_export_are_those_of_the_rules() -> None:
    assert rules.EXPORT_DAYS == 7
    assert "seven days" in PAGE
