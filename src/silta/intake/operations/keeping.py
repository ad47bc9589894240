"""Keeps what was found of rows and what became of them: one statement for a batch."""

import json
from collections.abc import Sequence

from django.db import connection

from silta.intake.models import Row

_COLUMNS = (
    "external_id", "identity_code", "is_protected", "state", "outcome", "problems", "problem_codes", "changes",
    "person_id", "case_id", "cells", "corrected", "version",
)  # fmt: skip
_KEEP = """
UPDATE intake_row kept SET external_id = told.external_id, identity_code = told.identity_code,
  is_protected = told.is_protected, state = told.state, outcome = told.outcome, problems = told.problems,
  problem_codes = told.problem_codes, changes = told.changes, person_id = told.person_id, case_id = told.case_id,
  cells = told.cells, corrected = told.corrected, version = told.version
FROM jsonb_to_recordset(%s::jsonb) AS told(id uuid, external_id text, identity_code text, is_protected boolean,
  state text, outcome text, problems jsonb, problem_codes jsonb, changes jsonb, person_id uuid, case_id uuid,
  cells jsonb, corrected jsonb, version integer)
WHERE kept.id = told.id AND kept.id = ANY (%s)
"""


def keep(rows: Sequence[Row]) -> None:
    """Writes rows that are there already as they now stand. The caller holds them, or their file."""
    if not rows:
        return
    told = [{"id": row.pk, **{name: getattr(row, name) for name in _COLUMNS}} for row in rows]
    with connection.cursor() as cursor:
        # The ids once more, so that the planner goes by the key whatever it believes of the size of a fresh table.
        cursor.execute(_KEEP, [json.dumps(told, default=str), [row.pk for row in rows]])
