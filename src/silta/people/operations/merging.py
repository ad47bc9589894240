"""Two rows turn out to be one person, or not after all."""

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.people import queries, rules
from silta.people.models import Merge, Person
from silta.people.operations.identity import acting_unit, locked


def _reason(text: str) -> str:
    reason = rules.tidy(text)[:500]
    if not reason:
        raise RuleBroken(_("Write the reason."), code="people.reason_missing", field="reason")
    return reason


@transaction.atomic
def merge(actor: Actor, *, person: Person, duplicate: Person, reason: str) -> Merge:
    """Joins ``duplicate`` into ``person``: all that hangs on the duplicate, in every room, becomes the person's.

    The rows are moved in the database across units and categories, and noted so that ``undo_merge`` can put back just
    them. The duplicate's row stays and points to the person. A code and a date of birth the person lacked are taken
    over, and so is non-disclosure. The acting unit must see both. Raises ``RuleBroken``: the same row twice, a row
    merged before, two codes that differ only in the century mark, or rows the two cannot both keep (two open cases of
    one kind at one controller, say: end one first).
    """
    reason, unit = _reason(reason), acting_unit(actor)
    if person.pk == duplicate.pk:
        raise RuleBroken(_("Choose two different people."), code="people.merge_same")
    first, second = sorted([person.pk, duplicate.pk])
    rows = {row.pk: row for row in (locked(first), locked(second))}
    kept, gone = rows[person.pk], rows[duplicate.pk]
    if kept.merged_into_id or gone.merged_into_id:
        raise RuleBroken(_("One of the two has already been merged."), code="people.already_merged")
    if rules.compare(queries.identity(kept), queries.identity(gone)).likeness is rules.Likeness.TWO_PEOPLE:
        raise RuleBroken(
            _("The identity codes differ only in the century mark, so these are two people."),
            code="people.two_people",
        )
    row = Merge(
        person=kept, duplicate=gone, reason=reason, took=_to_take(kept, gone), recorded_by=actor.user_id,
        recorded_by_unit=unit, recorded_at=clock.now(),
    )  # fmt: skip
    row.save(force_insert=True)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT people_merge_rows(%s)", [row.pk])
    except IntegrityError as error:
        raise RuleBroken(
            _("Both have something of which one person can have only one, such as an open case of the same kind. "
              "End one of them first."), code="people.merge_blocked",
        ) from error  # fmt: skip
    for field in row.took:
        setattr(kept, field, getattr(gone, field))
    kept.non_disclosure = kept.non_disclosure or gone.non_disclosure
    kept.version += 1
    kept.save()
    row.refresh_from_db()
    audit.record(
        actor, "people.merge", person_id=kept.pk, subject=row, duplicate_id=str(gone.pk),
        moved={place: len(ids) for place, ids in row.moved.items()},
    )  # fmt: skip
    return row


def _to_take(kept: Person, gone: Person) -> list[str]:
    if kept.identity_code or not gone.identity_code:
        return ["birth_date"] if kept.birth_date is None and gone.birth_date is not None else []
    return ["identity_code", *(["birth_date"] if kept.birth_date is None else [])]


@transaction.atomic
def undo_merge(actor: Actor, *, merge: Merge, reason: str) -> Merge:
    """Takes a merge back: the rows it moved go back to the duplicate, what came since stays with the person.

    What was taken over into empty fields is emptied again, unless it was corrected since; non-disclosure stays on for
    both until somebody lifts it. Raises ``RuleBroken`` where it was undone already, ``NotFound`` where it is not seen.
    """
    reason, now = _reason(reason), clock.now()
    row = Merge.objects.select_for_update(of=("self",)).filter(pk=merge.pk).first()
    if row is None:
        raise NotFound(_("There is no such merge."), code="people.merge_not_found")
    if row.undone_at is not None:
        raise RuleBroken(_("The merge has already been undone."), code="people.already_undone")
    gone = locked(row.duplicate_id)
    kept = locked(gone.merged_into_id or row.person_id)
    for field in row.took:
        if getattr(kept, field) == getattr(gone, field):
            setattr(kept, field, "" if field == "identity_code" else None)
    kept.version += 1
    kept.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_unmerge_rows(%s)", [row.pk])
    row.undone_at, row.undone_by, row.undo_reason = now, actor.user_id, reason
    row.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    audit.record(
        actor, "people.undo_merge", person_id=row.person_id, subject=row, duplicate_id=str(row.duplicate_id),
        moved={place: len(ids) for place, ids in row.moved.items()},
    )  # fmt: skip
    return row
