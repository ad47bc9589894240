"""What Silta knows of the people and cases that rows speak of, read in bulk for a batch of rows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from silta.cases.enums import State
from silta.cases.models import Case, PlanVersion, Review
from silta.intake.models import File, Tie
from silta.kernel import clock
from silta.people.enums import ContactKind
from silta.people.models import ContactPoint, Person, Residence


@dataclass(slots=True)
class Knowledge:
    """The ties, people, cases and dated facts behind a batch of rows, as the acting unit may see them."""

    ties: dict[str, Tie] = field(default_factory=dict)
    people: dict[UUID, Person] = field(default_factory=dict)
    cases: dict[UUID, list[Case]] = field(default_factory=lambda: defaultdict(list))
    phones: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    emails: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    places: dict[UUID, str] = field(default_factory=dict)
    plans: dict[UUID, list[dt.date]] = field(default_factory=lambda: defaultdict(list))
    reviews: dict[UUID, list[dt.date]] = field(default_factory=lambda: defaultdict(list))


def gather(file: File, external_ids: Collection[str], person_ids: Iterable[UUID]) -> Knowledge:
    """Reads what is known behind these client numbers and people, in a fixed number of queries."""
    found = Knowledge()
    numbers = [number for number in external_ids if number]
    found.ties = {
        tie.external_id: tie
        for tie in Tie.objects.filter(unit_id=file.unit_id, source=file.source, external_id__any_of=numbers)
    }
    wanted = {*person_ids, *(tie.person_id for tie in found.ties.values())}
    if not wanted:
        return found
    found.people = {person.pk: person for person in Person.objects.filter(pk__any_of=list(wanted))}
    _read_contacts(found, wanted)
    cases = Case.objects.filter(person_id__any_of=list(wanted), controller_id=file.unit.organisation_id)
    for case in cases.select_related("responsible").order_by("-opened_on", "-pk"):
        found.cases[case.person_id].append(case)
    case_ids = [case.pk for group in found.cases.values() for case in group]
    for case_id, day in PlanVersion.objects.filter(case_id__any_of=case_ids).values_list(
        "case_id", "made_on"
    ):
        found.plans[case_id].append(day)
    for case_id, day in Review.objects.filter(case_id__any_of=case_ids).values_list("case_id", "held_on"):
        found.reviews[case_id].append(day)
    return found


def _read_contacts(found: Knowledge, wanted: Collection[UUID]) -> None:
    for point in ContactPoint.objects.filter(person_id__any_of=list(wanted), ended_at__isnull=True):
        if point.kind == ContactKind.PHONE:
            found.phones[point.person_id].append(point.value)
        elif point.kind == ContactKind.EMAIL:
            found.emails[point.person_id].append(point.value)
    residences = Residence.objects.filter(person_id__any_of=list(wanted)).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=clock.today())
    )
    found.places = dict(residences.values_list("person_id", "municipality__code"))


def case_of(
    known: Knowledge, person_id: UUID, kind: str, opened_on: dt.date | None, tie: Tie | None
) -> Case | None:
    """The case a row speaks of: the tied one; else an open one of the kind; else an ended one that began the same day."""
    cases = known.cases.get(person_id, [])
    if tie is not None:
        return next((case for case in cases if case.pk == tie.case_id), None)
    of_kind = [case for case in cases if case.kind == kind]
    open_ones = [case for case in of_kind if case.state == State.OPEN]
    same_day = [case for case in of_kind if case.opened_on == opened_on]
    return next(iter([*open_ones, *same_day]), None)
