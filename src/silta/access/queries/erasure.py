"""What the data protection officer sees of retention: counts, never a row."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from silta.access.enums import ErasureState, Permission
from silta.access.models import ErasureRun
from silta.access.queries.deciding import require
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound


def erasure_runs(actor: Actor, *, limit: int) -> list[ErasureRun]:
    """The newest runs of retention; raises ``NotAllowed`` without the permission to oversee it."""
    require(actor, Permission.RETENTION_OVERSEE)
    return list(ErasureRun.objects.select_related("release__released_by")[:limit])


def erasure_run_for(actor: Actor, run_id: UUID) -> ErasureRun:
    """One run that was stopped; raises ``NotFound`` for any other."""
    require(actor, Permission.RETENTION_OVERSEE)
    run = ErasureRun.objects.filter(pk=run_id, state=ErasureState.STOPPED).first()
    if run is None:
        raise NotFound(_("There is no such run."), code="access.no_erasure_run")
    return run


def waits_for_release(run: ErasureRun, runs: Sequence[ErasureRun]) -> bool:
    """Whether the run was stopped, is the newest in earnest, and nobody has released it yet."""
    newest = next((one for one in runs if not one.is_dry), None)
    return run == newest and run.state == ErasureState.STOPPED and not hasattr(run, "release")
