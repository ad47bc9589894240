"""The verbs of imports: receiving a file, choosing its columns, checking, correcting, bringing in, forgetting."""

from silta.intake.operations.checking import begin_check, check_file
from silta.intake.operations.correcting import (
    accept_problem,
    bring_back,
    correct_all,
    correct_cell,
    leave_out,
)
from silta.intake.operations.erasing import erase_rows
from silta.intake.operations.handing import Report, import_path
from silta.intake.operations.mapping import choose, forget_mapping
from silta.intake.operations.receiving import receive
from silta.intake.operations.running import begin, run_import

__all__ = [
    "Report", "accept_problem", "begin", "begin_check", "bring_back", "check_file", "choose", "correct_all", "correct_cell",
    "erase_rows", "forget_mapping", "import_path", "leave_out", "receive", "run_import",
]  # fmt: skip
