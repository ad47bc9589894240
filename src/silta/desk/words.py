"""Whom the desk speaks of: a public authority and a provider have clients, an employer has employees."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.kernel.actor import Actor

Word = str | Promise
EMPLOYERS = frozenset({"employer_coordinator", "supervisor"})


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one actor's pages."""

    many: Word
    new: Word
    mine: Word
    known: Word
    listed: Word
    listed_later: Word
    unmatched: Word
    show_all: Word
    elsewhere: Word
    nothing: Word
    search: Word
    search_hint: Word
    not_found: Word


_CLIENTS = Words(
    many=_("Clients"),
    new=_("New client"),
    mine=_("My clients"),
    known=_("Clients I work with"),
    listed=_("Your clients will be listed here."),
    listed_later=_("Your clients will be listed here when you are invited to their cases."),
    unmatched=_("No client fits these filters."),
    show_all=_("Show all my clients"),
    elsewhere=_(
        "You are responsible for nobody here. Those in whose case you or your unit take part are in another list."
    ),
    nothing=_("Nothing asks for you. Cases come here when something is due or was promised by you."),
    search=_("Search clients"),
    search_hint=_(
        "Finds the clients in whose case you or your unit work: by any part of the name, by the whole identity code, or by date of birth."
    ),
    not_found=_("Nobody was found among the clients you work with."),
)
_EMPLOYEES = Words(
    many=_("Employees"),
    new=_("New support at work"),
    mine=_("My employees"),
    known=_("Employees I support"),
    listed=_("The employees you support will be listed here."),
    listed_later=_("An employee is listed here when the coordinator of your employer has invited you to her matter."),
    unmatched=_("No employee fits these filters."),
    show_all=_("Show all my employees"),
    elsewhere=_("You are responsible for nobody here. Those in whose case you or your unit take part are in another list."),
    nothing=_("Nothing asks for you. What you have promised about the work of your employee comes here when its day is near."),
    search=_("Search employees"),
    search_hint=_(
        "Finds the employees whose support you take part in: by any part of the name, by the whole identity code, or by date of birth."
    ),
    not_found=_("Nobody was found among the employees you support."),
)  # fmt: skip


def of(actor: Actor) -> Words:
    """The words for this actor's role."""
    return _EMPLOYEES if actor.role in EMPLOYERS else _CLIENTS
