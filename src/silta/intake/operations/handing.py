"""The whole way in one call, for the command line: receive, check, import, and what is to be corrected."""

from dataclasses import dataclass, field
from pathlib import Path

from silta.intake.enums import RowState
from silta.intake.models import File, Mapping
from silta.intake.operations.checking import check_file
from silta.intake.operations.mapping import choose
from silta.intake.operations.receiving import receive
from silta.intake.operations.running import begin, run_import
from silta.intake.queries import files as queries
from silta.intake.queries import handing_back
from silta.intake.queries.files import ProblemCount
from silta.kernel.acting import acting
from silta.kernel.actor import Actor

DEFAULT_SOURCE = "import"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a file: counts of rows, kinds of problem, and each problem row by row, in the reader's language."""

    file: File
    counts: dict[str, int]
    problems: list[ProblemCount]
    lines: list[handing_back.Line] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """How many rows stay out until they are corrected."""
        return self.counts.get(RowState.BAD, 0)


def import_path(
    actor: Actor,
    path: Path,
    mapping: Mapping | None = None,
    *,
    dry_run: bool = True,
    source: str = "",
    services: dict[str, str] | None = None,
    bad_rows: Path | None = None,
) -> Report:
    """Receives a file from the machine, checks it and, unless ``dry_run``, imports its sound rows.

    ``mapping`` (else a saved one that fits, else the known headings) tells the columns; ``source`` names the system the
    file comes from (a client number is unique within it); ``services`` adds service names and their kinds of case.
    ``bad_rows`` is written with the rows that stay out, as CSV or, by its ending, XLSX. Call it outside a transaction, so
    that each row is committed by itself. Raises ``RuleBroken`` in plain words where the file cannot be read or its
    columns cannot be told, ``NotAllowed`` without the permission to import.
    """
    with acting(actor):
        with path.open("rb") as stream:
            file = receive(actor, stream=stream, name=path.name, mapping=mapping)
        file = choose(
            actor, file=file, columns={int(index): field for index, field in file.columns.items()},
            services={**file.services, **(services or {})}, workers=file.workers,
            source=source or file.source or DEFAULT_SOURCE, save=not dry_run,
        )  # fmt: skip
        file = check_file(actor, file=file)
    if not dry_run and _sound(actor, file):
        with acting(actor):
            begin(actor, file=file)
        file = run_import(actor, file_id=file.pk)
    with acting(actor):
        if bad_rows is not None:
            bad_rows.write_bytes(handing_back.as_bytes(actor, file, bad_rows.suffix))
        return Report(
            file=file, counts={**file.counts, **queries.counts(file)}, problems=queries.problem_counts(file),
            lines=handing_back.lines(file),
        )  # fmt: skip


def _sound(actor: Actor, file: File) -> int:
    with acting(actor):
        return file.rows.filter(state=RowState.READY).count()
