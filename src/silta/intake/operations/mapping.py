"""Choosing what each column holds, which kind of case each service is, and who each name is; and saving the choice."""

from collections.abc import Mapping as Choices

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.intake.enums import Field, FileState
from silta.intake.models import File, Mapping
from silta.intake.queries import context
from silta.intake.queries import files as queries
from silta.intake.queries.files import unit_of
from silta.intake.rules import headings
from silta.intake.rules.checking import WITHOUT
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, RuleBroken
from silta.kernel.folding import fold


def require_changeable(actor: Actor, file: File, *, checks: bool = False) -> File:
    """The file, held for this transaction, where it may still be corrected.

    Raises ``NotFound`` where the unit has no such file, ``Conflict`` while it is being checked or imported; ``checks``
    is for the check itself.
    """
    access.require(actor, Permission.IMPORT)
    queries.get_for(actor, file.pk, reading=False)
    held = File.objects.select_for_update(of=("self",)).select_related("unit__organisation").get(pk=file.pk)
    if held.state == FileState.RUNNING or (held.state == FileState.CHECKING and not checks):
        raise Conflict(_("The file is being handled. Wait until it is ready."), code="intake.busy")
    if held.rows_erased_at is not None:
        raise RuleBroken(_("The rows of this file have been erased."), code="intake.erased")
    return held


@transaction.atomic
def choose(
    actor: Actor,
    *,
    file: File,
    columns: Choices[int, str],
    services: Choices[str, str] | None = None,
    workers: Choices[str, str] | None = None,
    source: str,
    save: bool = True,
) -> File:
    """Sets what each column holds (column index to field; others are left out) and how its words are understood.

    ``services`` gives a service name its kind of case; ``workers`` gives a name in the file its worker's id, or
    ``checking.WITHOUT``. ``source`` names the system the file comes from: a client number is unique within it. With
    ``save`` the next file of the source is read the same way. Raises ``RuleBroken`` at ``columns`` where a field is
    given to two columns or a required one to none, at ``source`` where it has no name.
    """
    held = require_changeable(actor, file)
    fields = {
        index: Field(field) for index, field in columns.items() if field and 0 <= index < len(held.headings)
    }
    _require_whole(fields)
    name = " ".join(source.split())[:80]
    if not name:
        raise RuleBroken(_("Name the system the file comes from."), code="intake.no_source", field="source")
    held.columns = {str(index): field.value for index, field in sorted(fields.items())}
    held.source = name
    held.services = {fold(word): kind for word, kind in (services or {}).items() if kind}
    held.workers = {fold(word): user for word, user in (workers or {}).items() if user}
    _require_known(held)
    held.state = FileState.UPLOADED
    held.save(update_fields=["columns", "source", "services", "workers", "state"])
    if save:
        _save(actor, held)
    audit.record(
        actor, "intake.choose", subject=held, fields=sorted(field.value for field in fields.values())
    )
    return held


def _require_whole(fields: Choices[int, Field]) -> None:
    chosen = list(fields.values())
    if twice := [field for field in Field if chosen.count(field) > 1]:
        raise RuleBroken(
            _("Two columns cannot both be %(field)s.") % {"field": twice[0].label}, code="intake.field_twice",
            field="columns",
        )  # fmt: skip
    if missing := headings.missing(fields):
        raise RuleBroken(
            _("Choose the columns that hold these: %(fields)s.")
            % {"fields": ", ".join(str(field.label) for field in missing)},
            code="intake.field_missing", field="columns",
        )  # fmt: skip


def _require_known(file: File) -> None:
    """Refuses kinds the organisation does not run and workers who are not the unit's; a form never offers them."""
    ours = {
        worker.user_id for group in context.workers(file.unit).values() for worker in group if worker.is_ours
    }
    if set(file.services.values()) - set(context.open_kinds(file.unit)):
        raise RuleBroken(
            _("Your organisation does not run cases of this kind."), code="intake.kind", field="services"
        )
    if set(file.workers.values()) - ours - {WITHOUT}:
        raise RuleBroken(_("The worker is not of your unit."), code="intake.worker", field="workers")


def _save(actor: Actor, file: File) -> None:
    mapping = Mapping.objects.filter(unit_id=file.unit_id, name=file.source).first()
    mapping = mapping or Mapping(unit_id=file.unit_id, name=file.source)
    mapping.columns = {file.headings[int(index)]: field for index, field in file.columns.items()}
    mapping.services = {**mapping.services, **file.services}
    mapping.workers = {**mapping.workers, **file.workers}
    mapping.recorded_by_id, mapping.recorded_by_unit_id = actor.user_id, actor.unit_id
    mapping.recorded_at = clock.now()
    mapping.save()


@transaction.atomic
def forget_mapping(actor: Actor, *, mapping: Mapping) -> None:
    """Deletes a saved mapping of the unit; files already brought stay as they are."""
    access.require(actor, Permission.IMPORT)
    Mapping.objects.filter(unit_id=unit_of(actor), pk=mapping.pk).delete()
    audit.record(actor, "intake.forget_mapping", subject=mapping)
