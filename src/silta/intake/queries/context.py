"""What a file is checked against: kinds of case, workers, municipalities, and the choices made for the file."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from silta.access.models import Membership
from silta.cases.models import Case
from silta.cases.rules import definitions
from silta.intake.enums import Field
from silta.intake.models import File
from silta.intake.rules import words
from silta.intake.rules.reading import Context, Place, Worker
from silta.kernel import clock
from silta.kernel.folding import fold
from silta.organisations.models import Unit
from silta.people.models import Municipality


def context_for(file: File) -> Context:
    """Everything the rows of the file are checked against, read once."""
    return Context(
        today=clock.today(),
        columns={int(index): Field(field) for index, field in file.columns.items()},
        services={**known_services(), **{word: kind for word, kind in file.services.items() if kind}},
        own_kinds=frozenset(open_kinds(file.unit)),
        workers=workers(file.unit),
        chosen_workers=file.workers,
        places=places(),
        keep_years=Case.PersonalData.retention.years or 0,
    )


def open_kinds(unit: Unit) -> dict[str, str]:
    """The kinds of case the unit's organisation may open, with their names."""
    found = definitions.kinds_open_to(unit.organisation.kind, on=clock.today())
    return {definition.code: str(definition.name) for definition in found}


@cache
def known_services() -> Mapping[str, str]:
    """Each way to write a service, to its kind of case: the words of the definition file and the kinds' own names."""
    found = dict(words.services())
    for code, versions in definitions.definitions().items():
        name = versions[0].name
        found |= {fold(text): code for text in (name.fi, name.sv, name.en, code)}
    return found


def workers(unit: Unit) -> dict[str, tuple[Worker, ...]]:
    """Everybody who works somewhere today, by folded name and by address; of the importing unit or of another."""
    today = clock.today()
    rows = (
        Membership.objects.filter(valid_from__lte=today, user__is_active=True)
        .exclude(valid_until__lt=today)
        .select_related("user", "unit__organisation")
        .order_by("user__name", "valid_from", "id")
    )
    by_name: dict[str, dict[str, Worker]] = defaultdict(dict)
    for row in rows:
        found = Worker(
            user_id=str(row.user_id), name=row.user.name, email=row.user.email,
            unit=f"{row.unit.organisation.name}, {row.unit.name}", is_ours=row.unit_id == unit.pk,
        )  # fmt: skip
        for key in (fold(row.user.name), fold(row.user.email)):
            if found.is_ours or found.user_id not in by_name[key]:
                by_name[key][found.user_id] = found
    return {key: tuple(found.values()) for key, found in by_name.items()}


def places() -> dict[str, Place]:
    """The municipalities by folded name in either language, those that have ended with what they became."""
    today = clock.today()
    rows = list(Municipality.objects.order_by("valid_from", "pk"))
    current = {row.code: row for row in rows if row.valid_until is None or row.valid_until >= today}
    found: dict[str, Place] = {}
    for row in sorted(rows, key=lambda row: row.code in current and current[row.code] is row):
        for name in (row.name_fi, row.name_sv):
            found[fold(name)] = _place(row, current, rows)
    return found


def _place(row: Municipality, current: dict[str, Municipality], rows: list[Municipality]) -> Place:
    if current.get(row.code) is row:
        return Place(row.code, row.name_fi)
    successors = {one.code: one.successor_code for one in rows if one.successor_code}
    code, seen = row.successor_code, {row.code}
    while code and code not in current and code not in seen:
        seen.add(code)
        code = successors.get(code, "")
    successor = current.get(code)
    return Place(
        row.code, row.name_fi, ended_on=row.valid_until, successor_code=successor.code if successor else "",
        successor=successor.name_fi if successor else "",
    )  # fmt: skip
