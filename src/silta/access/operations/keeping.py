"""The first rows of an installation: its keeper, who then founds and invites all others."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Purpose
from silta.access.models import Membership
from silta.accounts import operations as accounts
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.organisations import operations as organisations
from silta.organisations.enums import Kind, Sector

_ROLE = "keeper"


@dataclass(frozen=True, slots=True)
class Keeper:
    """The keeper, and the address, good once, at which she sets her password."""

    actor: Actor
    password_path: str


@transaction.atomic
def first_keeper(
    *, email: str, name: str, organisation: str, unit: str, organisation_sv: str = "", language: str = "fi"
) -> Keeper:
    """Founds the organisation that keeps the installation, its unit, and the user who keeps it; once.

    Run from the command line by whoever owns the database: nobody could be invited by anybody yet. Raises
    ``RuleBroken`` where there is a keeper already (she invites the others), or for an unsound name or address;
    ``PermissionError`` in the web process.
    """
    with maintaining():
        if _keepers():
            raise RuleBroken(
                _("There is a keeper already. She invites the others on the page of members."),
                code="access.keeper_already",
            )
        today = clock.today()
        body = organisations.found_organisation(
            None, kind=Kind.KEEPER, name_fi=organisation, name_sv=organisation_sv, valid_from=today
        )
        place = organisations.found_unit(
            None, organisation=body, sector=Sector.ADMINISTRATION, name_fi=unit, valid_from=today
        )
        user, password_path = accounts.find_or_invite(email=email, name=name, language=language)
        row = Membership(user=user, unit=place, role=_ROLE, purpose=Purpose.KEEPING, valid_from=today)
        row.save(force_insert=True)
        audit.record(None, "access.first_keeper", subject=row, user=str(user.pk))
    actor = Actor(user.pk, _ROLE, Purpose.KEEPING, place.pk, body.pk)
    return Keeper(actor, password_path or accounts.renew_password_link(user))


@transaction.atomic
def renew_keepers_link(*, email: str) -> str:
    """A new address, good once, at which a keeper who cannot sign in sets her password; journalled.

    For the command line only. Raises ``RuleBroken`` where the address is no keeper's.
    """
    with maintaining():
        user = User.objects.filter(email=email.strip().lower(), pk__in=_keepers(), is_active=True).first()
        if user is None:
            raise RuleBroken(_("No keeper has this e-mail address."), code="access.no_keeper", field="email")
        audit.record(None, "access.renew_keepers_link", subject=user)
    return accounts.renew_password_link(user)


def _keepers() -> set[UUID]:
    today = clock.today()
    current = Membership.objects.filter(role=_ROLE, valid_from__lte=today).exclude(valid_until__lt=today)
    return set(current.values_list("user_id", flat=True))
