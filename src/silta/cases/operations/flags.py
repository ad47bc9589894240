"""Flags: something the professionals in the case should notice, until it is resolved."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from silta.cases.models import Case, Flag
from silta.cases.operations import recording
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict


@transaction.atomic
def raise_flag(actor: Actor, *, case: Case, text: str, key: UUID | None = None) -> Flag:
    """Raises a flag that stands above the case for the professionals in it; neither the client nor an employer sees it.

    An employer sees what its own organisation has raised (``cases.policies``).
    """
    recording.require_work(actor, case)
    recording.require_open(case)
    words = recording.require_text(text, field="text", message=_("Write what to notice."))
    flag, is_new = recording.new_row(actor, case, Flag, key=key, text=words)
    if is_new:
        recording.finish(actor, case, "raise_flag", subject=flag)
    return flag


@transaction.atomic
def resolve_flag(actor: Actor, *, flag: Flag, resolution: str) -> Flag:
    """Takes the flag down and tells how it was resolved; raises ``Conflict`` where somebody has done so already."""
    case = recording.case_of(flag)
    recording.require_work(actor, case)
    words = recording.require_text(resolution, field="resolution", message=_("Tell how it was resolved."))
    today = clock.today()
    changed = (
        QuerySet(Flag)
        .filter(pk=flag.pk, resolved_on__isnull=True)
        .update(resolved_on=today, resolved_by=actor.user_id, resolution=words)
    )
    if not changed:
        raise Conflict(_("Somebody else has resolved this already."), code="cases.conflict")
    flag.refresh_from_db()
    recording.finish(actor, case, "resolve_flag", subject=flag)
    return flag
