"""Keeping the dated list of municipalities between releases."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.kernel.folding import fold
from silta.people import queries, rules
from silta.people.models import Municipality

_CODE_LENGTH = 3


@transaction.atomic
def add_municipality(
    actor: Actor, *, code: str, name_fi: str, name_sv: str = "", county_code: str = "", valid_from: dt.date
) -> Municipality:
    """Adds a municipality, or a new period of one (its name changed, say), from a day on.

    Raises ``RuleBroken`` for a code that is not three digits, a name that is missing, a county that is unknown, or a
    code that is in use on the day.
    """
    name = rules.tidy(name_fi)
    if len(code) != _CODE_LENGTH or not (code.isascii() and code.isdigit()):
        raise RuleBroken(_("The code of a municipality has three digits."), code="people.code", field="code")
    if not name:
        raise RuleBroken(_("Write the name."), code="people.name_missing", field="name_fi")
    if county_code and county_code not in rules.wellbeing_counties():
        raise RuleBroken(
            _("There is no wellbeing services county with this code."),
            code="people.county",
            field="county_code",
        )
    if Municipality.objects.filter(code=code).exclude(valid_until__lt=valid_from).exists():
        raise RuleBroken(_("The code is in use on that day."), code="people.code_in_use", field="code")
    row = Municipality.objects.create(
        code=code, name_fi=name, name_sv=rules.tidy(name_sv) or name, folded_fi=fold(name),
        folded_sv=fold(name_sv or name), county_code=county_code, valid_from=valid_from,
    )  # fmt: skip
    audit.record(actor, "people.add_municipality", subject=row, municipality_code=code)
    return row


@transaction.atomic
def end_municipality(actor: Actor, *, code: str, last_day: dt.date, successor_code: str = "") -> Municipality:
    """Ends a municipality on its last day and names what it became part of. Residences stay as they were written.

    Raises ``RuleBroken`` where the code has no municipality on that day, or the successor none on the day after.
    """
    found = queries.municipality_by_code(code, last_day)
    if found is None:
        raise RuleBroken(
            _("There is no municipality with this code."), code="people.municipality_unknown", field="code"
        )
    if (
        successor_code
        and queries.municipality_by_code(successor_code, last_day + dt.timedelta(days=1)) is None
    ):
        raise RuleBroken(
            _("There is no municipality with this code."),
            code="people.successor_unknown",
            field="successor_code",
        )
    row = Municipality.objects.select_for_update(of=("self",)).get(pk=found.pk)
    row.valid_until, row.successor_code = last_day, successor_code
    row.save(update_fields=["valid_until", "successor_code"])
    audit.record(actor, "people.end_municipality", subject=row, municipality_code=code)
    return row
