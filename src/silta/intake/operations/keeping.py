"""Keeps what was found of rows and what became of them: one statement for a batch."""

from collections.abc import Sequence

from silta.intake.models import Row
from silta.kernel import batches

_COLUMNS = (
    "external_id", "identity_code", "is_protected", "state", "outcome", "problems", "problem_codes", "changes",
    "person_id", "case_id", "cells", "corrected", "version",
)  # fmt: skip


def keep(rows: Sequence[Row]) -> None:
    """Writes rows that are there already as they now stand. The caller holds them, or their file."""
    batches.bulk_change(rows, _COLUMNS)
