"""The rules: every kind of case, its phases and timers, each with its source, as the definitions say them."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from silta.access.enums import Permission
from silta.cases.enums import Need
from silta.cases.queries import worklist
from silta.cases.rules import definitions
from silta.cases.rules.calendar import Unit
from silta.cases.rules.definitions import Definition
from silta.cases.rules.schema import Rule, Subject
from silta.desk.views import asking


@dataclass(frozen=True, slots=True)
class Told:
    """One rule in the reader's words."""

    rule: Rule
    when: str
    until: str
    phases: str
    warning: str


def amount(count: int, unit: Unit) -> str:
    """So much time in words."""
    number = abs(count)
    words = {
        Unit.DAYS: ngettext("%(count)d day", "%(count)d days", number),
        Unit.WORKING_DAYS: ngettext("%(count)d working day", "%(count)d working days", number),
        Unit.SICKPAY_DAYS: ngettext(
            "%(count)d day of allowance (Mon–Sat)", "%(count)d days of allowance (Mon–Sat)", number
        ),
        Unit.MONTHS: ngettext("%(count)d calendar month", "%(count)d calendar months", number),
    }
    return words[unit] % {"count": number}


def _when(definition: Definition, rule: Rule) -> str:
    facts = gettext(" or ").join(definition.fact_name(fact) for fact in rule.from_facts)
    if rule.amount_by_need:
        parts = ", ".join(
            f"{Need(need).label}: {amount(days, rule.unit)}" for need, days in rule.amount_by_need.items()
        )
        return gettext("%(parts)s, counted from: %(facts)s") % {"parts": parts, "facts": facts}
    if rule.subject is not Subject.CASE or rule.amount == 0:
        return gettext("on the day: %(facts)s") % {"facts": facts}
    words = (
        gettext("%(amount)s before: %(facts)s") if rule.amount < 0 else gettext("%(amount)s from: %(facts)s")
    )
    return words % {"amount": amount(rule.amount, rule.unit), "facts": facts}


def told(definition: Definition, rule: Rule) -> Told:
    """The rule in the reader's words."""
    return Told(
        rule=rule,
        when=_when(definition, rule),
        until=", ".join(definition.fact_name(fact) for fact in rule.satisfied_by),
        phases=", ".join(definition.phase_name(phase) for phase in rule.phases),
        warning=amount(rule.warn_before.amount, rule.warn_before.unit),
    )


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The page of rules; also the written rules by which a case comes to the worklist."""
    asking.actor_of(request, Permission.DEFINITIONS_VIEW)
    kinds = [
        {"definition": one, "rules": [told(one, rule) for rule in one.rules], "is_newest": one is versions[0]}
        for versions in definitions.definitions().values()
        for one in versions
    ]
    inclusion = [(reason, worklist.NAMES[reason], worklist.RULES[reason]) for reason in worklist.Reason]
    weights = [(Need(need).label, need) for need in Need]
    return render(
        request, "desk/rules.html",
        {"kinds": kinds, "inclusion": inclusion, "weights": weights, "sick_pay": _("Days of allowance")},
    )  # fmt: skip
