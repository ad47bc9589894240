"""Emergency accesses as their reviewer needs them: whose data were opened, and in which cases she is known."""

from dataclasses import dataclass
from uuid import UUID

from silta.access import queries as access
from silta.access.enums import Category
from silta.access.models import EmergencyAccess
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.models import Case
from silta.cases.queries.reaching import visible_to
from silta.kernel.actor import Actor
from silta.people.models import Person


@dataclass(frozen=True, slots=True)
class Waiting:
    """One access to review. ``person`` is none, and ``cases`` empty, where the reviewer's unit has no ground to know."""

    access: EmergencyAccess
    person: Person | None
    cases: tuple[Case, ...]
    opened: tuple[Category, ...]
    is_own: bool


def awaiting_review(actor: Actor) -> list[Waiting]:
    """The unit's emergency accesses nobody has reviewed, the oldest first, each with its client and her cases.

    A review gives no ground of its own: the name is told where the unit's grants tell it, and the journal of the client
    tells that the reviewer read. Raises ``NotAllowed`` without the permission to review.
    """
    rows = access.emergency_awaiting_review(actor)
    whom = {row.person_id for row in rows}
    people = {person.pk: person for person in Person.objects.filter(pk__in=whom)}
    cases: dict[UUID, list[Case]] = {}
    for case in visible_to(actor).filter(person_id__in=whom).order_by("-opened_on", "pk"):
        cases.setdefault(case.person_id, []).append(case)
    for row in rows:
        audit.record(actor, "access.read_emergencies", kind=Kind.READ, person_id=row.person_id, subject=row)
    return [
        Waiting(
            row, people.get(row.person_id), tuple(cases.get(row.person_id, ())),
            tuple(Category(code) for code in row.grant.categories) if row.grant else (),
            row.recorded_by_id == actor.user_id,
        )
        for row in rows
    ]  # fmt: skip
