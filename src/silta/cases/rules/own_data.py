"""The codes of a case in the words in which a client reads them in her own export."""

from collections.abc import Callable
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from silta.cases import enums
from silta.cases.rules import told
from silta.cases.rules.definitions import Definition, definition

InWords = dict[str, Callable[[Any], str]]
_STATES: dict[str, type[TextChoices]] = {
    "goal": enums.GoalState, "service": enums.ServiceState, "transfer": enums.TransferState, "state": enums.State,
    "need": enums.Need,
}  # fmt: skip
_SUBJECTS = {
    "phase": gettext_lazy("Phase"), "goal": gettext_lazy("Goal"), "service": gettext_lazy("Service"),
    "transfer": gettext_lazy("Transfer"), "state": gettext_lazy("The matter"), "need": gettext_lazy("Need of support"),
    "mark": gettext_lazy("What happened"), "unmark": gettext_lazy("What was taken back"),
    "trigger": gettext_lazy("Why the support began"), "untrigger": gettext_lazy("What was taken back"),
    "planned_end": gettext_lazy("Planned end"), "unit": gettext_lazy("Unit"), "controller": gettext_lazy("Controller"),
}  # fmt: skip


def _definition(case: Any) -> Definition:
    return definition(case.kind, case.definition_version)


def of_case() -> InWords:
    """The kind and phase of a case."""
    return {
        "kind": lambda row: str(_definition(row).name),
        "phase": lambda row: _definition(row).phase_name(row.phase),
    }


def of_reasons(*names: str) -> InWords:
    """Fields whose reason the product itself may have given."""

    def telling(name: str) -> Callable[[Any], str]:
        return lambda row: told.in_words(getattr(row, name))

    return {name: telling(name) for name in names}


def of_rule() -> InWords:
    """What a due date is for."""

    def name(row: Any) -> str:
        rule = _definition(row.case).rule(row.rule)
        return str(rule.name) if rule else ""

    return {"rule": name}


def of_change() -> InWords:
    """What changed in a case, from what to what; an id says nothing to its reader."""
    return {
        "subject": lambda row: str(_SUBJECTS.get(row.subject, "")),
        "before": lambda row: _stood(row, row.before),
        "after": lambda row: _stood(row, row.after),
    }


def _stood(row: Any, code: str) -> str:
    if row.subject == "phase":
        return _definition(row.case).phase_name(code) if code else ""
    if row.subject in _STATES:
        return str(_STATES[row.subject](code).label) if code else ""
    if row.subject in {"mark", "unmark"}:
        return _definition(row.case).fact_name(code) if code else ""
    if row.subject == "planned_end":
        return code or _("None")
    return ""
