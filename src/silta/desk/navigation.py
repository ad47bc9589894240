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
    """One line of the rail; ``key`` follows ``g`` on the keyboard, ``about`` tells what is done there."""

    label: str | Promise
    url: str
    icon: str
    key: str = ""
    count: int = 0
    about: str | Promise = ""


@dataclass(frozen=True, slots=True)
class _Place:
    label: str | Promise
    address: str
    icon: str
    key: str
    needs: Permission
    about: str | Promise = ""


_TODAY = _Place(_("Today"), "desk:today", "calendar-event", "t", Permission.DEFINITIONS_VIEW)
_CLIENTS = _Place(_("Clients"), "desk:clients", "clients", "c", Permission.CASE_VIEW)
_PLACES = (
    _TODAY,
    _CLIENTS,
    _Place(_("Calendar"), "desk:calendar", "calendar", "k", Permission.CASE_VIEW),
    _Place(_("Unit"), "desk:unit", "figures", "u", Permission.UNIT_OVERVIEW),
    _Place(_("Figures"), "evaluation:figures", "figures", "f", Permission.FIGURES_VIEW,
           _("How long people wait, and whether plans and reviews come in time; each figure with its base.")),
    _Place(_("Import"), "intake:files", "upload", "i", Permission.IMPORT),
    _Place(_("Journal"), "access:journal", "eye", "j", Permission.JOURNAL_SEARCH,
           _("Who has seen, changed or been refused whose data, and on which ground.")),
    _Place(_("Clients' own data"), "access:exports", "download", "d", Permission.OWN_DATA_GIVE,
           _("Giving a client who asks everything that is held about her.")),
    _Place(_("Erasure"), "access:erasure", "trash", "p", Permission.RETENTION_OVERSEE,
           _("What has been erased because its time was up, what comes next, and what is held.")),
    _Place(_("Rights"), "access:rights", "grant", "v", Permission.RIGHTS_OVERSEE,
           _("Whether each unit has confirmed who still needs her rights, and by when it must.")),
    _Place(_("Members"), "access:members", "group", "m", Permission.MEMBERS_MANAGE,
           _("Who works in which unit and in which role; invitations and endings.")),
    _Place(_("Other systems"), "subscriptions:list", "share", "w", Permission.SUBSCRIPTIONS_MANAGE,
           _("Which other systems are told that something has happened, and what did not arrive.")),
    _Place(_("Organisations"), "desk:organisations", "home", "o", Permission.ORGANISATIONS_MANAGE,
           _("Organisations and their units; what happens when one is merged or closed.")),
    _Place(_("Rules"), "desk:rules", "info-circle", "r", Permission.DEFINITIONS_VIEW,
           _("The kinds of case, their phases, timers and closing rules, each with its source.")),
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
            found.append(Item(place.label, reverse(place.address), place.icon, place.key, about=place.about))
        except NoReverseMatch:
            continue
    return found
