"""Who works where, and who acts for whom: invited and ended, never deleted."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries, rules, strands
from silta.access.enums import Category, Permission, Purpose
from silta.access.models import Membership, Representation
from silta.accounts import operations as accounts
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, RuleBroken
from silta.organisations.models import Unit
from silta.people.models import Person


@dataclass(frozen=True, slots=True)
class Invitation:
    """A new membership; for a new user also the address, good once, at which she sets her password."""

    membership: Membership
    password_path: str | None


def _demand_keeping_of(actor: Actor, unit_id: object) -> None:
    queries.require(actor, Permission.MEMBERS_MANAGE)
    if not queries.keeps_members_of(actor, unit_id):
        raise NotAllowed(
            _("You keep the members of your own unit only."), code="access.members_of_another_unit"
        )


@transaction.atomic
def invite_member(
    actor: Actor,
    *,
    email: str,
    name: str,
    unit: Unit,
    role: str,
    purpose: str,
    title: str = "",
    phone: str = "",
    language: str = "fi",
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> Invitation:
    """Gives a user a role in a unit; where nobody has the e-mail address, makes the user.

    Raises ``NotAllowed`` for a unit or a role that is not the actor's to give, ``RuleBroken`` for an unknown role or
    purpose, a closed unit, or a membership that exists.
    """
    _demand_keeping_of(actor, unit.pk)
    by_keeper = queries.permits(actor, Permission.ORGANISATIONS_MANAGE)
    if role not in rules.roles_to_give(by_keeper=by_keeper) or purpose not in Purpose:
        raise RuleBroken(_("This role is not yours to give."), code="access.role_not_given", field="role")
    start = valid_from or clock.today()
    if unit.valid_until is not None and unit.valid_until < start:
        raise RuleBroken(_("The unit no longer exists."), code="access.unit_closed", field="unit")
    if valid_until is not None and valid_until < start:
        raise RuleBroken(_("It cannot end before it begins."), code="access.period", field="valid_until")
    user, password_path = accounts.find_or_invite(email=email, name=name, language=language)
    standing = Membership.objects.filter(
        user=user, unit=unit, role=role, purpose=purpose, valid_until__isnull=True
    )
    if standing.exists():
        raise RuleBroken(
            _("She has this role in this unit already."), code="access.member_already", field="email"
        )
    membership = Membership(
        user=user, unit=unit, role=role, purpose=purpose, title=title.strip(), phone=phone.strip(), valid_from=start,
        valid_until=valid_until,
    )  # fmt: skip
    membership.save(force_insert=True)
    audit.record(
        actor, "access.invite_member", subject=membership, recipient_unit_id=unit.pk, user=str(user.pk), role=role,
        purpose=purpose, is_new=password_path is not None,
    )  # fmt: skip
    return Invitation(membership, password_path)


@transaction.atomic
def change_membership(actor: Actor, *, membership: Membership, title: str, phone: str) -> Membership:
    """Changes what clients and colleagues see of a worker: her title and work telephone.

    A role is never changed: it is ended and another given, so that the history tells what she could see when.
    """
    _demand_keeping_of(actor, membership.unit_id)
    membership.title, membership.phone = title.strip(), phone.strip()
    membership.save(update_fields=["title", "phone"])
    audit.record(actor, "access.change_membership", subject=membership, recipient_unit_id=membership.unit_id)
    return membership


@transaction.atomic
def end_membership(
    actor: Actor,
    *,
    membership: Membership,
    reason: str,
    on: dt.date | None = None,
    passes_on: bool = False,
) -> Membership:
    """Ends a membership after the day ``on`` (default today; yesterday ends it at once).

    Her calendar address and tokens for it open nothing once it has ended. The row stays. Work that she answers for is
    handed over first, or comes to the lead of the unit (``passes_on``). Raises ``NotAllowed`` for another unit's,
    ``RuleBroken`` without a reason, or while she answers for work that is not to be passed on, ``Conflict`` when it has
    ended already.
    """
    _demand_keeping_of(actor, membership.unit_id)
    if not reason.strip():
        raise RuleBroken(_("Say why it ends."), code="access.end_reason", field="reason")
    today = clock.today()
    if membership.valid_until is not None and membership.valid_until < today:
        raise Conflict(_("The membership has ended already."), code="access.membership_ended")
    if not passes_on and strands.open_work(actor, membership):
        raise RuleBroken(
            _("She answers for work that goes on. Hand it over first, or let it come to the lead of the unit."),
            code="access.work_left", field="passes_on",
        )  # fmt: skip
    last = max(on or today, membership.valid_from)
    membership.valid_until, membership.ended_reason = last, reason.strip()
    membership.save(update_fields=["valid_until", "ended_reason"])
    audit.record(
        actor, "access.end_membership", subject=membership, recipient_unit_id=membership.unit_id,
        user=str(membership.user_id),
    )  # fmt: skip
    return membership


@transaction.atomic
def change_role(actor: Actor, *, membership: Membership, role: str, reason: str) -> Membership | None:
    """Ends a membership today and gives another role from tomorrow on, to the same purpose and until the same day.

    Her cases stay with her; her calendar address and tokens were made for the former role and end with it. Nothing is
    given where she has the role already, or where the membership would have ended today. Raises ``NotAllowed`` for
    another unit's, ``RuleBroken`` where either role is not the actor's to give.
    """
    _demand_keeping_of(actor, membership.unit_id)
    given = rules.roles_to_give(by_keeper=queries.permits(actor, Permission.ORGANISATIONS_MANAGE))
    if role not in given or membership.role not in given:
        raise RuleBroken(_("This role is not yours to give."), code="access.role_not_given", field="role")
    until, tomorrow = membership.valid_until, clock.today() + dt.timedelta(days=1)
    end_membership(actor, membership=membership, reason=reason, passes_on=True)
    has_it = queries.standing_members().filter(
        user=membership.user_id, unit=membership.unit_id, role=role, purpose=membership.purpose
    )
    if (until is not None and until < tomorrow) or has_it.exists():
        return None
    other = Membership(
        user_id=membership.user_id, unit_id=membership.unit_id, role=role, purpose=membership.purpose,
        title=membership.title, phone=membership.phone, valid_from=max(tomorrow, membership.valid_from), valid_until=until,
    )  # fmt: skip
    other.save(force_insert=True)
    audit.record(
        actor, "access.change_role", subject=other, recipient_unit_id=other.unit_id, user=str(other.user_id), role=role,
        former_role=membership.role,
    )  # fmt: skip
    return other


@transaction.atomic
def represent(
    actor: Actor,
    *,
    person: Person,
    user: User,
    is_self: bool = True,
    basis: str = "",
    valid_until: dt.date | None = None,
) -> Representation:
    """Lets a user act in a person's own matter: as herself, or on a basis (guardian, mandate).

    Raises ``NotAllowed`` unless the actor's unit knows the person's identity, ``RuleBroken`` for another's matter
    without a basis or a representation that stands.
    """
    queries.require(actor, Permission.PERSON_EDIT)
    if Category.IDENTITY not in queries.covered_categories(actor, person.pk):
        raise NotAllowed(_("You do not work with this person."), code="access.represent", person_id=person.pk)
    if not is_self and not basis.strip():
        raise RuleBroken(
            _("Say on what basis she acts for the person."), code="access.basis_missing", field="basis"
        )
    if Representation.objects.filter(user=user, person=person, valid_until__isnull=True).exists():
        raise RuleBroken(
            _("She can act in this matter already."), code="access.represents_already", field="user"
        )
    row = Representation(
        user=user,
        person=person,
        is_self=is_self,
        basis=basis.strip(),
        valid_from=clock.today(),
        valid_until=valid_until,
    )
    row.save(force_insert=True)
    audit.record(
        actor, "access.represent", person_id=person.pk, subject=row, user=str(user.pk), is_self=is_self
    )
    return row


@transaction.atomic
def end_representation(actor: Actor, *, representation: Representation) -> Representation:
    """From tomorrow on the user no longer acts in the person's matter; the row stays."""
    queries.require(actor, Permission.PERSON_EDIT)
    if Category.IDENTITY not in queries.covered_categories(actor, representation.person_id):
        raise NotAllowed(
            _("You do not work with this person."),
            code="access.represent",
            person_id=representation.person_id,
        )
    representation.valid_until = clock.today()
    representation.save(update_fields=["valid_until"])
    audit.record(
        actor, "access.end_representation", person_id=representation.person_id, subject=representation
    )
    return representation
