"""The files a unit has brought, and their rows."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.intake.enums import Field, Outcome, RowState, Severity
from silta.intake.models import File, Mapping, Row
from silta.intake.rules.problems import KINDS, SETTLED_IN_COLUMNS
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, NotFound

PAGE = 20


def unit_of(actor: Actor) -> UUID:
    """The unit for which the actor imports; raises ``NotAllowed`` for a client, who has none."""
    if actor.unit_id is None:
        raise NotAllowed(_("Files are brought for a unit."), code="intake.no_unit")
    return actor.unit_id


def visible_to(actor: Actor) -> "QuerySet[File]":
    """The files of the acting unit; none for a role that does not import."""
    if not access.permits(actor, Permission.IMPORT):
        return File.objects.none()
    return File.objects.filter(unit_id=unit_of(actor)).select_related("recorded_by")


def get_for(actor: Actor, file_id: UUID, *, reading: bool = True) -> File:
    """One file; its rows hold clients, so looking at it is journalled. Raises ``NotFound`` alike for absent and forbidden."""
    found = visible_to(actor).select_related("unit__organisation").filter(pk=file_id).first()
    if found is None:
        raise NotFound(_("There is no such file."), code="intake.not_found")
    if reading:
        audit.record(actor, "intake.view", kind=Kind.READ, subject=found)
    return found


def row_for(actor: Actor, file_id: UUID, row_id: UUID) -> Row:
    """One row of a file; raises ``NotFound`` alike for absent and forbidden."""
    found = (
        Row.objects.select_related("file__unit__organisation")
        .filter(pk=row_id, file__in=visible_to(actor), file_id=file_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such row."), code="intake.row_not_found")
    return found


def mappings(actor: Actor) -> list[Mapping]:
    """The mappings the unit has saved, the latest first."""
    return list(Mapping.objects.filter(unit_id=unit_of(actor)))


def sources(actor: Actor) -> list[str]:
    """The systems from which the unit has brought files before, the latest first."""
    names = File.objects.filter(unit_id=unit_of(actor)).exclude(source="").order_by("-recorded_at")
    return list(dict.fromkeys(names.values_list("source", flat=True)[:200]))


def same_file_before(file: File) -> File | None:
    """An earlier upload of the very same bytes by the unit that was imported, if there is one."""
    return (
        File.objects.filter(unit_id=file.unit_id, sha256=file.sha256, finished_at__isnull=False)
        .exclude(pk=file.pk)
        .order_by("-finished_at")
        .first()
    )


def counts(file: File) -> dict[str, int]:
    """How many rows stand how: by state, and the sound ones by what importing them does or did; ``due`` wait to go in."""
    found: Counter[str] = Counter()
    for state, outcome, number in (
        file.rows.order_by().values_list("state", "outcome").annotate(number=Count("pk"))
    ):
        found[state] += number
        if state in {RowState.READY, RowState.DONE} and outcome:
            found[outcome] += number
        if state == RowState.READY and outcome != Outcome.SKIPPED:
            found["due"] += number
        found["all"] += number
    return dict(found)


@dataclass(frozen=True, slots=True)
class ProblemCount:
    """On how many rows one kind of problem stands, and what to do about it."""

    code: str
    severity: str
    wrong: str
    do: str
    rows: int

    @property
    def stops(self) -> bool:
        """Whether it keeps its rows from being imported."""
        return self.severity == Severity.ERROR

    @property
    def in_columns(self) -> bool:
        """Whether one choice on the page of columns settles all its rows."""
        return self.code in SETTLED_IN_COLUMNS


def problem_counts(file: File) -> list[ProblemCount]:
    """The kinds of problem of the file with the number of rows, what stops rows first, the commonest first."""
    counter: Counter[str] = Counter()
    for codes in file.rows.exclude(problem_codes=[]).values_list("problem_codes", flat=True):
        counter.update(codes)
    order = list(Severity)
    found = [
        ProblemCount(code, KINDS[code].severity, KINDS[code].heading, KINDS[code].advice, number)
        for code, number in counter.items()
    ]
    return sorted(found, key=lambda one: (order.index(Severity(one.severity)), -one.rows, one.code))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; whether others come before it and after it."""

    rows: list[Row]
    has_before: bool
    has_after: bool


def _showing(file: File, showing: str) -> "QuerySet[Row]":
    kind, _colon, value = showing.partition(":")
    if kind == "state":
        return file.rows.filter(state=value)
    if kind == "outcome":
        return file.rows.filter(outcome=value, state__in=[RowState.READY, RowState.DONE])
    if kind == "problem":
        return file.rows.filter(problem_codes__contains=[value])
    return file.rows.all()


def page_of(file: File, *, showing: str = "", after: int = 0, before: int = 0) -> Page:
    """One page of rows after a row number, or the last ones before another.

    ``showing`` leaves those in one state (``state:bad``), of one outcome, or with one problem; unsaid, all.
    """
    rows = _showing(file, showing)
    if before:
        found = list(rows.filter(number__lt=before).order_by("-number")[: PAGE + 1])
        return Page(found[:PAGE][::-1], has_before=len(found) > PAGE, has_after=True)
    found = list(rows.filter(number__gt=after)[: PAGE + 1])
    return Page(found[:PAGE], has_before=after > 0, has_after=len(found) > PAGE)


def next_bad(file: File, *, showing: str, after: int) -> Row | None:
    """The next row to correct after a row number: first of those with the problem that is looked at, then of all."""
    every = file.rows.filter(state=RowState.BAD)
    alike = _showing(file, showing).filter(state=RowState.BAD) if showing.startswith("problem:") else every
    return alike.filter(number__gt=after).first() or alike.first() or every.first()


def words_in(file: File, field: Field) -> dict[str, int]:
    """The different words of one column with how often each comes, the commonest first; empty without the column."""
    index = next((int(index) for index, named in file.columns.items() if named == field), None)
    if index is None:
        return {}
    found: dict[str, int] = {}
    for cells, corrected in (
        Row.objects.filter(file=file).values_list("cells", "corrected").iterator(chunk_size=1000)
    ):
        text = corrected.get(str(index), cells[index] if index < len(cells) else "").strip()
        if text:
            found[text] = found.get(text, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
