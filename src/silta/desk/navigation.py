"""The rail: where each role's work is."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the rail; ``key`` follows ``g`` on the keyboard."""

    label: str | Promise
    url: str
    icon: str
    key: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    label: str | Promise
    address: str
    icon: str
    key: str
    needs: Permission


_TODAY = _Place(_("Today"), "desk:today", "calendar-event", "t", Permission.DEFINITIONS_VIEW)
_PLACES = (
    _TODAY,
    _Place(_("Clients"), "desk:clients", "clients", "c", Permission.CASE_VIEW),
    _Place(_("Calendar"), "desk:calendar", "calendar", "k", Permission.CASE_VIEW),
    _Place(_("Unit"), "desk:unit", "figures", "u", Permission.UNIT_OVERVIEW),
    _Place(_("Import"), "intake:files", "upload", "i", Permission.IMPORT),
    _Place(_("Journal"), "access:journal", "eye", "j", Permission.JOURNAL_SEARCH),
    _Place(_("Members"), "access:members", "group", "m", Permission.MEMBERS_MANAGE),
    _Place(_("Organisations"), "access:organisations", "home", "o", Permission.ORGANISATIONS_MANAGE),
    _Place(_("Rules"), "desk:rules", "info-circle", "r", Permission.DEFINITIONS_VIEW),
)  # fmt: skip


def items(actor: Actor) -> list[Item]:
    """The lines of the rail for this actor: what her role permits, and of that what is installed.

    A client has no rail: her own pages lead her.
    """
    if actor.is_client:
        return []
    found = []
    for place in _PLACES:
        if not access.permits(actor, place.needs):
            continue
        try:
            found.append(Item(place.label, reverse(place.address), place.icon, place.key))
        except NoReverseMatch:
            continue
    return found
