"""What an organisation is decides to whom the law lets it tell, so it is put right only while nothing rests on it."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries
from silta.access.enums import Permission
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.organisations import operations as organisations
from silta.organisations.models import Organisation


@transaction.atomic
def correct_organisation(
    actor: Actor, *, organisation: Organisation, kind: str, business_id: str, parent: Organisation | None
) -> Organisation:
    """Puts right the kind, the business id and the parent of an organisation, as ``organisations`` does.

    Every ground to know names the kinds of party between which it holds: where a unit of the organisation has, or had,
    such a ground over anybody, the kind stays. Raises ``NotAllowed`` without the permission to keep organisations, and
    ``RuleBroken`` with the field at fault.
    """
    queries.require(actor, Permission.ORGANISATIONS_MANAGE)
    if kind != organisation.kind and queries.knows_people(organisation.pk):
        raise RuleBroken(
            _(
                "Rights to know clients rest on this kind. Found a new organisation of the right kind and hand the work"
                " of the units over to it."
            ),
            code="access.kind_rested_on",
            field="kind",
        )
    return organisations.correct_organisation(
        actor, organisation=organisation, kind=kind, business_id=business_id, parent=parent
    )
