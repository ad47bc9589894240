"""Who works where, for those who keep memberships."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Func, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Permission
from silta.access.models import Membership
from silta.access.queries.deciding import own_unit_id, permits, require
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.kernel.folding import fold
from silta.organisations.queries import Listed

PAGE = 50
_ORDER = ("unit__name_fi", "user__name", "pk")


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One piece of work that waits for somebody else when a worker leaves: its name, what it is, where it is handed over."""

    title: str
    about: str
    address: str


class _Folded(Func):
    """The text without case and accents, as the database takes it apart."""

    template = r"regexp_replace(normalize(lower(%(expressions)s), NFKD), '[\u0300-\u036f]', '', 'g')"


def members(
    actor: Actor, *, text: str = "", with_ended: bool = False, after: UUID | None = None
) -> Listed[Membership]:
    """A page of the memberships the actor keeps, by unit and name: a lead those of her unit, the keeper all.

    Every word of ``text``, accents and case ignored, is part of the worker's name or address, or of the name of her
    unit or its organisation. Ended memberships come only where they are asked for. Raises ``NotAllowed`` without the
    permission to manage members.
    """
    rows = _kept_by(actor)
    if not with_ended:
        rows = rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=clock.today()))
    for word in text.split():
        rows = rows.filter(_called(word))
    last = _kept_by(actor).filter(pk=after).values_list(*_ORDER).first() if after else None
    if last is not None:
        unit, name, key = last
        rows = rows.filter(
            Q(unit__name_fi__gt=unit)
            | Q(unit__name_fi=unit, user__name__gt=name)
            | Q(unit__name_fi=unit, user__name=name, pk__gt=key)
        )
    found = list(rows.select_related("user", "unit__organisation").order_by(*_ORDER)[: PAGE + 1])
    return Listed(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def membership_for(actor: Actor, membership_id: UUID) -> Membership:
    """One membership the actor keeps; raises ``NotFound`` for any other."""
    row = _kept_by(actor).select_related("user", "unit__organisation").filter(pk=membership_id).first()
    if row is None:
        raise NotFound(_("There is no such member."), code="access.no_membership")
    return row


def keeps_members_of(actor: Actor, unit_id: object) -> bool:
    """Whether the actor invites and ends the members of this unit: a lead those of her own, the keeper all."""
    return permits(actor, Permission.MEMBERS_MANAGE) and (
        permits(actor, Permission.ORGANISATIONS_MANAGE) or unit_id == actor.unit_id
    )


def _kept_by(actor: Actor) -> "QuerySet[Membership]":
    require(actor, Permission.MEMBERS_MANAGE)
    rows = Membership.objects.alias(called=_Folded("user__name"))
    return (
        rows if permits(actor, Permission.ORGANISATIONS_MANAGE) else rows.filter(unit_id=own_unit_id(actor))
    )


def _called(word: str) -> Q:
    found = Q(user__email__icontains=word)
    if folded := fold(word).split():
        found |= Q(*(Q(called__contains=part) for part in folded))
        found |= Q(*(Q(unit__sought__contains=part) for part in folded))
        found |= Q(*(Q(unit__organisation__sought__contains=part) for part in folded))
    return found
