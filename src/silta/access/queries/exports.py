"""The exports of people's own data: whoever asked for one sees it, and nobody else."""

from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Permission
from silta.access.models import DataExport
from silta.access.queries.deciding import own_person_id, require
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound

_SHOWN = 20


def organisation_knows(person_id: UUID) -> bool:
    """Whether the acting organisation has, or had, a ground to know the person, asked across row-level security."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_organisation_knows(%s)", [person_id])
        return bool(cursor.fetchone()[0])


def exports_of(actor: Actor) -> list[DataExport]:
    """What the actor has asked for, the newest first, without the data: a client hers, an officer those of clients.

    Raises ``NotAllowed`` for whoever may ask for none.
    """
    rows = DataExport.objects.defer("content").filter(asked_by_id=actor.user_id)
    if actor.is_client:
        return list(rows.filter(person_id=own_person_id(actor))[:_SHOWN])
    require(actor, Permission.OWN_DATA_GIVE)
    return list(rows.filter(asked_by_unit_id=actor.unit_id)[:_SHOWN])


def export_for(actor: Actor, export_id: UUID) -> DataExport:
    """One export that can still be read; raises ``NotFound`` for any other."""
    require(actor, Permission.OWN_DATA if actor.is_client else Permission.OWN_DATA_GIVE)
    rows = DataExport.objects.filter(
        asked_by_id=actor.user_id, content__isnull=False, expires_at__gt=clock.now()
    )
    own = {"person_id": actor.person_id} if actor.is_client else {"asked_by_unit_id": actor.unit_id}
    row = rows.filter(pk=export_id, **own).first()
    if row is None:
        raise NotFound(_("There is no such file, or it can no longer be read."), code="access.no_export")
    return row
