"""Opening a case."""

import datetime as dt
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.cases.enums import Joined, Need, Part, Source, State
from silta.cases.models import Case, Participation
from silta.cases.operations import recording, sharing, standing
from silta.cases.queries.cycle import earlier_cases
from silta.cases.rules import definitions
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.kernel.identifiers import new_id
from silta.organisations.models import Organisation, Unit
from silta.people.models import Person


@transaction.atomic
def open_case(
    actor: Actor,
    *,
    person: Person | UUID,
    kind: str,
    source: str,
    contact_reason: str = "",
    opened_on: dt.date | None = None,
    responsible: User | None = None,
    need: str = Need.REGULAR,
    official_reference: str = "",
    without_responsible: bool = False,
    key: UUID | None = None,
) -> Case:
    """Opens a case of one kind for a person of the register, in the acting unit, in one transaction.

    The person may be given by her id alone (found by identity code): the unit gets its own ground to know her here.
    The case is numbered, a responsible person is named (the acting worker, unless another of the unit is given;
    ``without_responsible`` leaves it to the worklist, for imports), the path begins, and an earlier case of the same
    kind is linked so that a return shows (REQ-001-19, REQ-002-61). The same ``key`` again gives back the same case.

    Raises ``NotAllowed`` where the role does not open cases, ``RuleBroken`` where the kind is not open to this kind of
    organisation, the day is to come, the responsible does not work in the unit, or there is an open case already.
    """
    access.require(actor, Permission.CASE_OPEN)
    unit = recording.unit_of(actor)
    if key is not None and (there := opened_before(key, unit)):
        return there
    responsible_id = None if without_responsible else actor.user_id
    if responsible is not None:
        if not sharing.works_in(responsible.pk, [unit.pk]):
            raise responsible_elsewhere()
        responsible_id = responsible.pk
    return begin(
        actor, person, unit=unit, kind=kind, source=source, contact_reason=contact_reason, opened_on=opened_on,
        responsible_id=responsible_id, need=need, official_reference=official_reference, key=key,
    )  # fmt: skip


def opened_before(key: UUID, unit: Unit) -> Case | None:
    """The case that the same submission has opened already."""
    return Case.objects.filter(pk=key, unit=unit).first()


def begin(
    actor: Actor,
    person: Person | UUID,
    *,
    unit: Unit,
    kind: str,
    source: str,
    contact_reason: str = "",
    opened_on: dt.date | None = None,
    responsible_id: UUID | None,
    need: str = Need.REGULAR,
    official_reference: str = "",
    key: UUID | None = None,
    has_past: bool = True,
) -> Case:
    """Writes a new case in the transaction of a verb of this room, which has asked whether the actor may.

    ``has_past`` is false for somebody who was registered a moment ago: she has no earlier case to link. Raises
    ``RuleBroken`` as ``open_case`` does.
    """
    today = clock.today()
    day = recording.no_later_than(opened_on or today, today, field="opened_on")
    definition = definition_for(kind, unit.organisation, day)
    whom = {"person_id": person} if isinstance(person, UUID) else {"person": person}
    case = Case(
        id=key or new_id(), **whom, kind=definition.code, definition_version=definition.version,
        controller=unit.organisation, unit=unit, legal_basis=definition.ground, phase=definition.first_phase,
        phase_since=day, need=Need(need), source=Source(source), contact_reason=contact_reason.strip(),
        official_reference=official_reference.strip(), opened_on=day, responsible_id=responsible_id,
        **recording.provenance(actor),
    )  # fmt: skip
    sharing.give_own_grant(actor, case, unit=unit)
    if has_past:
        case.previous = earlier_cases(case, since=day - dt.timedelta(days=definition.cycle_days)).first()
    _save_alone(case)
    if responsible_id is not None:
        recording.new_row(
            actor, case, Participation, unit=unit, user_id=responsible_id, part=Part.RESPONSIBLE, joined_on=day,
            joined_how=Joined.IMPORTED if source == Source.IMPORTED else Joined.OPENED,
        )  # fmt: skip
    recording.note_steps(
        recording.step(actor, case, "state", "", State.OPEN, on=day, reason=case.contact_reason),
        recording.step(actor, case, "phase", "", case.phase, on=day),
    )
    audit.record(
        actor,
        "cases.open",
        person_id=case.person_id,
        subject=case,
        ground=case.legal_basis,
        kind_of_case=kind,
    )
    standing.refresh(case)
    return case


def definition_for(kind: str, organisation: Organisation, day: dt.date) -> definitions.Definition:
    """The definition in force on the day for this organisation; a case from before it follows the one of today.

    Raises ``RuleBroken`` at the field ``kind`` where organisations of this kind do not open such cases.
    """
    for on in (day, clock.today()):
        try:
            found = definitions.definition(kind, on=on, business_id=organisation.business_id)
        except KeyError:
            continue
        if organisation.kind in found.controller_kinds:
            return found
    raise RuleBroken(
        _("Your organisation does not open cases of this kind."), code="cases.kind_not_open", field="kind"
    )


def take_numbers(year: int, how_many: int = 1) -> list[str]:
    """The next numbers of cases opened in a year, in order; others who open one wait for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_take_numbers(%s, %s)", [year, how_many])
        last = int(cursor.fetchone()[0])
    return [f"{year}-{number:05d}" for number in range(last - how_many + 1, last + 1)]


def responsible_elsewhere() -> RuleBroken:
    """The refusal of a responsible person who does not work in the unit."""
    return RuleBroken(
        _("The responsible person must work in the unit that opens the case."), code="cases.responsible_elsewhere",
        field="responsible",
    )  # fmt: skip


def already_open() -> RuleBroken:
    """The refusal of a second open case of a kind for one person by the same organisation."""
    return RuleBroken(
        _("Your organisation already has an open case of this kind for this person. Ask to join it, or to have it "
          "transferred to your unit."),
        code="cases.already_open",
    )  # fmt: skip


def _save_alone(case: Case) -> None:
    """Numbers and writes the case; the database lets only one open case of a kind, person and controller through.

    The number comes last: whoever opens a case in the same moment waits for it until this transaction is over.
    """
    case.number = take_numbers(case.opened_on.year)[0]
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        if "cases_case_one_open" not in str(error):
            raise
        raise already_open() from error
