"""Who may do what, and which grounds hold: pure decisions over the lists of this room.

``ROLES`` and ``definitions/grounds.yaml`` are the two pages a data-protection officer reads.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category, Permission
from silta.kernel.language import Text
from silta.organisations.enums import Kind

P = Permission
_WORKER = frozenset({
    P.CASE_VIEW, P.CASE_OPEN, P.CASE_WORK, P.CASE_SELF_ATTACH, P.PERSON_REGISTER, P.PERSON_EDIT, P.GRANT_GIVE,
    P.CONSENT_RECORD, P.EMERGENCY_ACCESS, P.PROTECTED_REVEAL, P.EXPORT, P.DEFINITIONS_VIEW,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its name, what it is for, and everything it permits."""

    name: str | Promise
    description: str | Promise
    permissions: frozenset[Permission]


ROLES: dict[str, Role] = {
    "case_worker": Role(
        _("Case worker"), _("Works with clients: opens cases, plans, records, is responsible for cases."), _WORKER
    ),
    "network_member": Role(
        _("Network member"),
        _("Takes part in cases of others: sees her share, records, promises and delivers."),
        _WORKER - {P.CASE_OPEN, P.PERSON_REGISTER, P.EXPORT},
    ),
    "work_coach": Role(
        _("Work coach"),
        _("Coaches clients towards work and at work; sees health data only by itemised consent."),
        _WORKER - {P.PROTECTED_REVEAL},
    ),
    "unit_lead": Role(
        _("Lead of a unit"),
        _("Sees the unit's load, gives out and takes back responsibility, reviews emergency access."),
        _WORKER
        | {P.CASE_LEAD, P.CASE_ASSIGN, P.UNIT_OVERVIEW, P.EMERGENCY_REVIEW, P.PERSON_MERGE, P.IMPORT, P.RETENTION_HOLD,
           P.MEMBERS_MANAGE},
    ),
    "employer_coordinator": Role(
        _("Employer's work-ability coordinator"),
        _("Runs support at work for the employer's own staff; sees no health data."),
        frozenset({P.CASE_VIEW, P.CASE_OPEN, P.CASE_WORK, P.PERSON_REGISTER, P.PERSON_EDIT, P.GRANT_GIVE,
                   P.CONSENT_RECORD, P.DEFINITIONS_VIEW}),
    ),
    "supervisor": Role(
        _("Supervisor at a workplace"),
        _("Sees what was agreed about the work of her own worker, and does her part."),
        frozenset({P.CASE_VIEW, P.CASE_WORK, P.DEFINITIONS_VIEW}),
    ),
    "evaluator": Role(
        _("Evaluator"), _("Reads definitions and figures; never a client."), frozenset({P.DEFINITIONS_VIEW})
    ),
    "data_protection_officer": Role(
        _("Data protection officer"),
        _("Searches the journal of her organisation; sees no case."),
        frozenset({P.JOURNAL_SEARCH, P.DEFINITIONS_VIEW}),
    ),
    "keeper": Role(
        _("Keeper of the installation"),
        _("Keeps organisations, units and users; sees no client."),
        frozenset({P.MEMBERS_MANAGE, P.ORGANISATIONS_MANAGE, P.DEFINITIONS_VIEW}),
    ),
    "client": Role(_("Client"), _("Her own plan, her own data, who has seen them."), frozenset({P.OWN_DATA})),
}  # fmt: skip


class Needs(StrEnum):
    """What must exist besides the statute for a ground to hold."""

    NONE = "none"
    CONSENT = "consent"
    CONTRACT = "contract"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Ground:
    """A legal ground: between which kinds of party it holds, for which categories, when, and on what condition."""

    code: str
    citation: str
    name: Text
    text: Text
    categories: frozenset[str]
    from_kinds: frozenset[str]
    to_kinds: frozenset[str]
    within_organisation: bool
    needs: Needs
    valid_from: dt.date
    valid_until: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the ground is in force on the day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def holds_between(self, from_kind: str, to_kind: str, *, same_organisation: bool) -> bool:
        """Whether data may flow from one kind of organisation to the other on this ground."""
        if self.within_organisation:
            return same_organisation and (not self.to_kinds or to_kind in self.to_kinds)
        return from_kind in self.from_kinds and to_kind in self.to_kinds


def _ground(entry: dict[str, object]) -> Ground:
    def kinds(key: str) -> frozenset[str]:
        return frozenset(entry.get(key, entry.get("between", ())))  # type: ignore[call-overload, no-any-return]

    named = Ground(
        code=str(entry["code"]),
        citation=str(entry["citation"]),
        name=Text(**entry["name"]),  # type: ignore[arg-type]
        text=Text(**entry["text"]),  # type: ignore[arg-type]
        categories=frozenset(entry["categories"]),  # type: ignore[call-overload]
        from_kinds=kinds("from"),
        to_kinds=kinds("to"),
        within_organisation=bool(entry.get("within_organisation", False)),
        needs=Needs(str(entry["needs"])),
        valid_from=entry["valid_from"],  # type: ignore[arg-type]
        valid_until=entry.get("valid_until"),  # type: ignore[arg-type]
    )
    if unknown := (named.categories - set(Category)) | ((named.from_kinds | named.to_kinds) - set(Kind)):
        raise ValueError(f"ground {named.code} names unknown words: {sorted(unknown)}")
    return named


@cache
def grounds() -> dict[str, Ground]:
    """All grounds by code, as the definition file has them; raises ``ValueError`` where the file is not sound."""
    path = Path(__file__).parent / "definitions" / "grounds.yaml"
    return {ground.code: ground for ground in map(_ground, yaml.safe_load(path.read_text(encoding="utf-8")))}


def grounds_for_sharing(
    from_kind: str, to_kind: str, category: str, *, same_organisation: bool, today: dt.date
) -> list[Ground]:
    """The grounds on which this category may go from one party to another today; unconditional grounds first."""
    found = [
        ground
        for ground in grounds().values()
        if ground.holds_on(today)
        and category in ground.categories
        and ground.needs is not Needs.REASON
        and ground.holds_between(from_kind, to_kind, same_organisation=same_organisation)
    ]
    return sorted(found, key=lambda ground: list(Needs).index(ground.needs))


def may_grant(
    ground: Ground, categories: Collection[str], from_kind: str, to_kind: str, *, same_organisation: bool, today: dt.date
) -> bool:
    """Whether a grant of these categories could rest on this ground at all: an impossible sharing cannot be recorded."""
    return (
        bool(categories)
        and ground.holds_on(today)
        and set(categories) <= ground.categories
        and ground.holds_between(from_kind, to_kind, same_organisation=same_organisation)
    )
