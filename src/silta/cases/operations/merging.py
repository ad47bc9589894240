"""One person who was registered twice: everything under one, and back again where it was an error."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.people import operations as people
from silta.people.models import Merge, Person


@transaction.atomic
def merge_people(actor: Actor, *, person: Person, duplicate: Person, reason: str) -> Merge:
    """Joins a duplicate into a person: her cases with all that is in them, and who may know what of her, move along.

    The register moves the rows in every room and notes them; here the lead's right is asked. Raises ``NotAllowed``
    without the permission to merge, ``NotFound`` where the acting unit does not know both, and ``RuleBroken`` where the
    two cannot be one: two open cases of one kind at one controller, for instance, of which one is ended first.
    """
    access.require(actor, Permission.PERSON_MERGE)
    for one in (person, duplicate):
        if not Person.objects.filter(pk=one.pk).exists():
            raise NotFound(_("There is no such person."), code="cases.person_not_found", person_id=one.pk)
    return people.merge(actor, person=person, duplicate=duplicate, reason=reason)


@transaction.atomic
def undo_merge(actor: Actor, *, merge: Merge, reason: str) -> Merge:
    """Takes a merge back: what it moved goes back, what came since stays.

    Raises ``NotAllowed`` without the permission, ``NotFound`` where the acting unit does not know the person, and
    ``RuleBroken`` where it was undone already.
    """
    access.require(actor, Permission.PERSON_MERGE)
    if not Merge.objects.filter(pk=merge.pk).exists():
        raise NotFound(_("There is no such merge."), code="cases.merge_not_found", person_id=merge.person_id)
    return people.undo_merge(actor, merge=merge, reason=reason)
