"""Who may do what, and which grounds hold: pure decisions over the lists of this room.

``ROLES`` and ``definitions/grounds.yaml`` are the two pages a data-protection officer reads.
"""

import datetime as dt
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category, ConsentChannel, Permission, TokenScope, Verdict
from silta.kernel.errors import RuleBroken
from silta.kernel.language import Text
from silta.organisations.enums import Kind

P = Permission
# What a grant may be limited to: its ``source_type`` when it came from a case and reaches only into that case.
MATTER = "cases.case"
# Roles given by inviting somebody to a unit; the others are taken on, not given.
_NOT_GIVEN = frozenset({"client", "preview"})
_ONLY_BY_KEEPER = frozenset({"keeper", "data_protection_officer", "evaluator"})
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
        | {P.CASE_LEAD, P.CASE_ASSIGN, P.UNIT_OVERVIEW, P.FIGURES_VIEW, P.EMERGENCY_REVIEW, P.PERSON_MERGE, P.IMPORT, P.RETENTION_HOLD,
           P.MEMBERS_MANAGE, P.RIGHTS_REVIEW, P.SUBSCRIPTIONS_MANAGE},
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
        _("Evaluator"),
        _("Reads definitions and figures; never a client."),
        frozenset({P.FIGURES_VIEW, P.FIGURES_REGION, P.DEFINITIONS_VIEW}),
    ),
    "data_protection_officer": Role(
        _("Data protection officer"),
        _("Searches the journal of her organisation and gives clients their own data; sees no case."),
        frozenset({P.JOURNAL_SEARCH, P.RETENTION_OVERSEE, P.RIGHTS_OVERSEE, P.OWN_DATA_GIVE, P.DEFINITIONS_VIEW}),
    ),
    "keeper": Role(
        _("Keeper of the installation"),
        _("Keeps organisations, units and users; sees no client."),
        frozenset({P.MEMBERS_MANAGE, P.ORGANISATIONS_MANAGE, P.RIGHTS_REVIEW, P.RIGHTS_OVERSEE, P.SUBSCRIPTIONS_MANAGE,
                   P.DEFINITIONS_VIEW}),
    ),
    "client": Role(
        _("Client"),
        _("Her own plan and her say in it, her own data, her consents, who has seen them."),
        frozenset({P.OWN_DATA, P.OWN_PLAN_SAY, P.OWN_CONSENT}),
    ),
    "preview": Role(
        _("Preview"),
        _("Nobody's role: a worker looks at what another unit would see; nothing can be written in it."),
        frozenset({P.CASE_VIEW}),
    ),
}  # fmt: skip


def roles_to_give(*, by_keeper: bool) -> dict[str, Role]:
    """The roles an inviter may give: a lead the roles of her unit's work, the keeper of the installation every one."""
    barred = _NOT_GIVEN if by_keeper else _NOT_GIVEN | _ONLY_BY_KEEPER
    return {code: role for code, role in ROLES.items() if code not in barred}


# What a token's scopes let through of what the role permits anyway. No scope reaches members, emergencies or exports,
# and one alone lets others know anything.
TOKEN_SCOPES: dict[str, frozenset[Permission]] = {
    TokenScope.REFERENCE_READ: frozenset({P.DEFINITIONS_VIEW}),
    TokenScope.CASES_READ: frozenset({P.CASE_VIEW}),
    TokenScope.CASES_WRITE: frozenset({P.CASE_VIEW, P.CASE_OPEN, P.CASE_WORK}),
    TokenScope.NETWORK_WRITE: frozenset(
        {
            P.CASE_VIEW,
            P.CASE_OPEN,
            P.CASE_WORK,
            P.CASE_ASSIGN,
            P.GRANT_GIVE,
            P.CONSENT_RECORD,
        }
    ),
    TokenScope.PEOPLE_READ: frozenset({P.CASE_VIEW}),
    TokenScope.PEOPLE_WRITE: frozenset({P.CASE_VIEW, P.CASE_OPEN, P.PERSON_REGISTER, P.PERSON_EDIT}),
    TokenScope.PEOPLE_SEARCH: frozenset({P.CASE_VIEW}),
    TokenScope.SHARING_ASK: frozenset({P.CASE_VIEW}),
    TokenScope.JOURNAL_READ: frozenset(),
}
# A stolen token ends by itself: the bound is ours, no source gives one.
TOKEN_DAYS, TOKEN_DAYS_MOST = 90, 366
# How long the answer to a program's write is kept, so that the same call sent again has no second effect: a program that
# lost its answer on a Friday may ask again on Monday. The bound is ours.
ANSWER_DAYS = 4


def scopes_permit(scopes: Collection[str], permission: Permission) -> bool:
    """Whether any of a token's scopes stands for the permission."""
    return any(permission in TOKEN_SCOPES.get(scope, ()) for scope in scopes)


def token_problem(
    name: str, scopes: Collection[str], expires_on: dt.date, today: dt.date
) -> RuleBroken | None:
    """What keeps such a token from being made; none, if nothing does."""
    is_unknown = not scopes or not set(scopes) <= set(TokenScope)
    is_long = expires_on > today + dt.timedelta(days=TOKEN_DAYS_MOST)
    problems = [
        (not name.strip(), _("Say which program the token is for."), "access.token_name", "name"),
        (is_unknown, _("Choose what the program may do."), "access.token_scopes", "scopes"),
        (expires_on <= today, _("The day must be ahead."), "access.token_over", "expires_on"),
        (is_long, _("A token lasts a year at most."), "access.token_long", "expires_on"),
    ]
    return next(
        (RuleBroken(text, code=code, field=field) for is_so, text, code, field in problems if is_so), None
    )


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


def _ground(entry: Mapping[str, Any]) -> Ground:
    def kinds(key: str) -> frozenset[str]:
        return frozenset(entry.get(key, entry.get("between", ())))

    named = Ground(
        code=str(entry["code"]),
        citation=str(entry["citation"]),
        name=Text(**entry["name"]),
        text=Text(**entry["text"]),
        categories=frozenset(entry["categories"]),
        from_kinds=kinds("from"),
        to_kinds=kinds("to"),
        within_organisation=bool(entry.get("within_organisation", False)),
        needs=Needs(str(entry["needs"])),
        valid_from=entry["valid_from"],
        valid_until=entry.get("valid_until"),
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
    ground: Ground,
    categories: Collection[str],
    from_kind: str,
    to_kind: str,
    *,
    same_organisation: bool,
    today: dt.date,
) -> bool:
    """Whether a grant of these categories could rest on this ground at all: an impossible sharing cannot be recorded."""
    return (
        bool(categories)
        and ground.holds_on(today)
        and set(categories) <= ground.categories
        and ground.holds_between(from_kind, to_kind, same_organisation=same_organisation)
    )


@dataclass(frozen=True, slots=True)
class EmergencyLimits:
    """How long an emergency access may last, and how much must be said of why."""

    least_minutes: int
    usual_minutes: int
    most_minutes: int
    least_reason: int


@cache
def emergency_limits() -> EmergencyLimits:
    """The limits of emergency access, as ``definitions/emergency.yaml`` has them."""
    path = Path(__file__).parent / "definitions" / "emergency.yaml"
    return EmergencyLimits(**yaml.safe_load(path.read_text(encoding="utf-8"))["limits"])


def consent_problem(
    ground: Ground | None, categories: Collection[str], from_kind: str | None, to_kind: str, *, channel: str,
    given_on: dt.date, valid_until: dt.date | None, purpose_text: str, today: dt.date,
) -> RuleBroken | None:  # fmt: skip
    """What keeps this consent from being recorded; none, if nothing does.

    An itemised consent to health data must be written (380/2023 116 §). Where the client does not say from whom,
    ``from_kind`` is none, and any sender the ground names will do.
    """
    if ground is None or ground.needs is not Needs.CONSENT:
        return RuleBroken(
            _("This ground does not rest on consent."), code="access.no_consent_ground", field="ground"
        )
    senders = [from_kind] if from_kind else sorted(ground.from_kinds)
    if not any(
        may_grant(ground, categories, sender, to_kind, same_organisation=False, today=today)
        for sender in senders
    ):
        return RuleBroken(
            _("Choose data that this ground allows between these two."),
            code="access.consent_scope",
            field="categories",
        )
    is_spoken_health = ground.code == "written_consent_health" and channel == ConsentChannel.SPOKEN
    is_over = valid_until is not None and valid_until < max(given_on, today)
    problems = [
        (channel not in ConsentChannel, _("Say how the consent was given."), "access.consent_channel", "channel"),
        (is_spoken_health, _("The law demands this consent in writing (380/2023 116 §)."), "access.consent_writing",
         "channel"),
        (not purpose_text.strip(), _("Say what the data are needed for."), "access.consent_purpose", "purpose_text"),
        (given_on > today, _("The day is still to come."), "access.consent_ahead", "given_on"),
        (is_over, _("It has ended already."), "access.consent_over", "valid_until"),
    ]  # fmt: skip
    return next(
        (RuleBroken(text, code=code, field=field) for is_so, text, code, field in problems if is_so), None
    )


def erased_from(today: dt.date, years: int) -> dt.date:
    """The latest day from which ``years`` full years have passed today: what began then or before is erased.

    A joint clienthood that ended on 2026-10-01 goes on 2030-10-01, not a day before (381/2023 12 §).
    """
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February: the day before it, in a year that has none
        return today.replace(year=today.year - years, day=28)


def nights_to_see(warning_days: int) -> int:
    """On how many days the product must have been there to show a warning of so many days: half of them, ours to choose.

    All of them would keep data past their time for every night that was missed.
    """
    return -(-warning_days // 2)


# How long a person's own export can be read, and after how long one that was never finished may be asked for again: both
# ours, no source gives any.
EXPORT_DAYS, EXPORT_HOURS_LOST = 7, 1

# When counts look wrong: much at once, or much more than usual.
# The bounds are ours; no source gives any.
ALARM_LEAST, ALARM_SHARE, ALARM_JUMP = 100, 0.1, 5


def alarms(
    due: Mapping[str, int], of: Mapping[str, int], before: Collection[Mapping[str, int]]
) -> list[dict[str, str | int]]:
    """The tables of which suspiciously much is due: a tenth of their rows, or five times the most of the earlier runs.

    Below a hundred rows nothing alarms. Each alarm names the table, what is due, out of how many, and what was usual.
    """
    found: list[dict[str, str | int]] = []
    for table, rows in sorted(due.items()):
        usual = max((run.get(table, 0) for run in before), default=0)
        is_jump = bool(before) and rows > ALARM_JUMP * max(usual, ALARM_LEAST)
        if rows >= ALARM_LEAST and (rows > ALARM_SHARE * of.get(table, 0) or is_jump):
            found.append({"table": table, "due": rows, "of": of.get(table, 0), "usual": usual})
    return found


def is_covered(alarm: Mapping[str, str | int], released: Collection[Mapping[str, str | int]]) -> bool:
    """Whether somebody has said that this much of this table is right; a tenth more may have come due since."""
    return any(
        one["table"] == alarm["table"] and int(alarm["due"]) <= int(one["due"]) * (1 + ALARM_SHARE)
        for one in released
    )


# How long a review of rights may be answered before it is late: ours, no source gives any.
REVIEW_DAYS = 21


def review_due(last: dt.date, months: int, today: dt.date) -> dt.date | None:
    """The day by which a unit reviewed on ``last`` answers, ``REVIEW_DAYS`` ahead at least; none while it is too early to ask."""
    year, month = divmod(last.year * 12 + last.month - 1 + months, 12)
    regular = dt.date(year, month + 1, min(last.day, monthrange(year, month + 1)[1]))
    soonest = today + dt.timedelta(days=REVIEW_DAYS)
    return max(regular, soonest) if regular <= soonest else None


def answer_problem(
    verdict: str, *, role: str, right_role: str, ends_on: dt.date | None, until: dt.date | None, today: dt.date
) -> RuleBroken | None:  # fmt: skip
    """What keeps this from being said of a membership in ``role`` that lasts ``until``; none, if nothing does."""
    is_ending, is_other = verdict == Verdict.ENDS, verdict == Verdict.ROLE
    is_past = ends_on is not None and ends_on < today
    is_beyond = ends_on is not None and until is not None and ends_on > until
    is_no_role = right_role not in ROLES or right_role in _NOT_GIVEN or right_role == role
    problems = [
        (verdict not in {"", *Verdict}, _("Say whether she stays."), "access.review_verdict", "verdict"),
        (is_ending and ends_on is None, _("Say on which day it ends."), "access.review_day", "ends_on"),
        (is_ending and is_past, _("The day cannot be in the past."), "access.review_past", "ends_on"),
        (is_ending and is_beyond, _("It ends before that day already."), "access.review_beyond", "ends_on"),
        (is_other and is_no_role, _("Choose the role that is right."), "access.review_role", "right_role"),
    ]
    return next(
        (RuleBroken(text, code=code, field=field) for is_so, text, code, field in problems if is_so), None
    )
