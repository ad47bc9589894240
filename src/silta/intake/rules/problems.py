"""Everything that can be wrong with a row, each in plain words: what is wrong, and what to do."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateformat import format as date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.intake.enums import WHERE_TO_REACH, Field, Severity
from silta.intake.rules.values import MASK
from silta.kernel.identifiers import CodeFault
from silta.people.rules import BORN_LATER, FAULTS

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTICE


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: what is wrong and what to do, in words that a row fills in.

    ``title`` says it of all rows at once, where the sentence of one row needs something of that row. ``accept`` names
    what going on in spite of it means; without it the row must be mended.
    """

    severity: Severity
    wrong: str | Promise
    do: str | Promise
    accept: str | Promise = ""
    title: str | Promise = ""

    @property
    def heading(self) -> str:
        """What is wrong, said of all rows that have it."""
        return str(self.title or self.wrong).rstrip(".")

    @property
    def advice(self) -> str:
        """What to do, said of all rows that have it; empty where that differs from row to row."""
        return "" if "%(" in str(self.do) else str(self.do)


KINDS: dict[str, Kind] = {
    "missing": Kind(E, _("This must not be empty."), _("Fill it in.")),
    "too_long": Kind(E, _("The text is longer than %(most)s characters."), _("Shorten it."), title=_("The text is too long")),
    "extra_cells": Kind(
        E, _("The row has more cells than there are headings."),
        _("A separator inside a text may have split it. Correct the row in the file and bring the file again."),
    ),
    "digits_in_name": Kind(W, _("There are digits in the name."), _("Check the name.")),
    "surname_cut": Kind(
        W, _("Only the beginning of a surname: the rest seems to be cut off."),
        _("Write the whole surname. As it is, the person goes in under this name."),
    ),
    "no_code": Kind(
        W, _("There is no identity code."),
        _("The person is registered without a code. Add the code when you know it: it keeps the same person from being entered twice."),
    ),
    "unsound_code": Kind(
        E, _("The identity code does not hold. %(fault)s"),
        _("Check the code from the client's own document and correct it, or register the person without a code."),
        _("Register without a code"),
        title=_("The identity code does not hold"),
    ),
    "twin_code": Kind(
        W, _("This identity code and the one on row %(rows)s differ only in the mark in the middle."),
        _("They are two people and both go in. If it is a mistake, correct the code or leave the row out."),
        title=_("Two identity codes differ only in the mark in the middle"),
    ),
    "birth_date_differs": Kind(
        W, _("The date of birth is not the one in the identity code."), _("The date in the code is used.")
    ),
    "no_such_day": Kind(
        E, _("There is no such day."), _("Correct the date, or empty the cell if the date is not known.")
    ),
    "not_a_date": Kind(
        E, _("This is not a date."), _("Write it as 16.7.2025, or empty the cell if the date is not known.")
    ),
    "future_opening": Kind(
        E, _("The clienthood would begin in the future."), _("Check the year. A clienthood that has not begun cannot be imported.")
    ),
    "future_date": Kind(
        W, _("The date is in the future."),
        _("The row goes in without this date. When the day has come, bring the file again and the date is added."),
    ),
    "before_birth": Kind(E, _("The date is before the person was born."), _("Check the date and the identity code.")),
    "out_of_order": Kind(
        E, _("The date is before %(earlier)s (%(day)s)."), _("One of the two dates is wrong. Correct it."),
        title=_("The dates come in an order that cannot be true"),
    ),
    "contact_after_end": Kind(
        W, _("The last contact is after the end of the clienthood (%(day)s)."),
        _("The contact is recorded on its day. Check the date of the end."),
        title=_("The last contact is after the end of the clienthood"),
    ),
    "contact_before_opening": Kind(
        W, _("The last contact is before the clienthood began (%(day)s)."), _("The row goes in without the contact."),
        title=_("The last contact is before the clienthood began"),
    ),
    "review_without_plan": Kind(
        W, _("A review is dated, but no plan."), _("The row goes in without the review. Add the date of the plan.")
    ),
    "kept_too_long": Kind(
        E, _("The clienthood ended more than %(years)s years ago, and its data may no longer be kept."),
        _("Check the date. If it is right, leave the row out."),
        title=_("The clienthood ended so long ago that its data may no longer be kept"),
    ),
    "unknown_service": Kind(
        E, _("Silta does not know this service."), _("Choose on the page of columns which kind of case it is.")
    ),
    "service_not_yours": Kind(
        E, _("Your organisation does not run cases of this kind."),
        _("Choose another kind of case on the page of columns, or leave the row to the organisation that runs it."),
    ),
    "no_responsible": Kind(
        W, _("Nobody is responsible for the case."),
        _("The case goes in, and waits on the unit's worklist for a responsible person."),
    ),
    "unknown_responsible": Kind(
        E, _("No worker of this name is known."), _("Correct the name, or bring the case in without a responsible person."),
        _("Bring in without a responsible person"),
    ),
    "ambiguous_responsible": Kind(
        E, _("There are several workers of this name."), _("Write the worker's e-mail address instead of the name."),
        _("Bring in without a responsible person"),
    ),
    "responsible_elsewhere": Kind(
        W, _("The worker named works in another organisation: %(unit)s."),
        _("The case goes in without a responsible person of your unit. Invite the worker to the case after the import."),
        title=_("The responsible person works in another organisation"),
    ),
    "ended_municipality": Kind(
        W, _("The municipality has ended (%(day)s). Its area belongs to %(successor)s."),
        _("%(successor)s is recorded. Correct it if the person lives elsewhere."),
        title=_("The municipality has ended"),
    ),
    "unknown_municipality": Kind(
        W, _("There is no such municipality."), _("The row goes in without the municipality. Correct the name to have it recorded.")
    ),
    "unknown_language": Kind(
        W, _("Silta does not know this language."), _("It is recorded as 'other or not known'. Write the name or the two-letter code of the language.")
    ),
    "unknown_answer": Kind(
        E, _("This is neither yes nor no."), _("Write K or E. Silta does not guess a person's safety.")
    ),
    "not_a_phone": Kind(W, _("This is not a telephone number."), _("The row goes in without it. Correct the number to have it recorded.")),
    "not_an_email": Kind(W, _("This is not an e-mail address."), _("The row goes in without it. Correct the address to have it recorded.")),
    "same_row": Kind(N, _("The row is the same as row %(rows)s."), _("It is skipped; nothing need be done."), title=_("The same row is in the file twice")),
    "same_number": Kind(
        E, _("Row %(rows)s has the same client number, but other contents."),
        _("One number is one client. Correct the number, or leave one of the rows out."),
        title=_("Two rows have the same client number, but other contents"),
    ),
    "same_code_other_name": Kind(
        E, _("Row %(rows)s has the same identity code, but another name."),
        _("One code is one person. Check the code and the name; then correct one row, or leave one out."),
        title=_("Two rows have the same identity code, but another name"),
    ),
    "same_person": Kind(
        E, _("Row %(rows)s is of the same person and the same service."),
        _("A person has one open case of a kind. Leave one of the rows out."),
        title=_("Two rows are of the same person and the same service"),
    ),
    "perhaps_same": Kind(
        W, _("Row %(rows)s has the same name and a code, this one has none."),
        _("Check whether they are the same person. As it is, they go in as two."),
        title=_("Two rows have the same name, and only one of them a code"),
    ),
    "name_and_code_disagree": Kind(
        E, _("The name and the identity code do not go together."),
        _("Check both from the client's own document. If they are right, contact whoever keeps the register of people."),
    ),
    "perhaps_registered": Kind(
        E, _("Your unit already has a client of this name and date of birth."),
        _("If it is the same person, write the identity code here. If not, go on."),
        _("Register as another person"),
    ),
    "several_cases": Kind(
        E, _("This client number and this identity code lead to two different people."),
        _("Check the number and the code."),
    ),
    "changed_in_silta": Kind(
        W, _("This has been changed in Silta since the last import."),
        _("What is in Silta stays. Correct it on the client's page if the file is right."),
    ),
    "not_changed_by_file": Kind(
        W, _("This differs from the case in Silta, and a file cannot change it."), _("Correct it on the case's page if the file is right.")
    ),
    "formula": Kind(N, _("The cell is a formula."), _("It is kept as plain text and never run.")),
    "markup": Kind(N, _("The cell has markup of a web page in it."), _("It is kept as plain text and never run.")),
    "control_characters": Kind(N, _("The cell had invisible control characters."), _("They were taken away.")),
    "tidied": Kind(N, _("The writing was tidied: spaces or letter case."), _("Nothing need be done.")),
    "mail_not_ascii": Kind(
        N, _("The address has letters such as å, ä or ö."), _("It is recorded. Some mail systems cannot send to it: check it with the client.")
    ),
    "failed": Kind(E, _("The row could not be brought in. %(reason)s"), _("Correct the row and import again."), title=_("The row could not be brought in")),
}  # fmt: skip


SETTLED_IN_COLUMNS = frozenset(
    {"unknown_service", "service_not_yours", "unknown_responsible", "responsible_elsewhere"}
)
"""Problems of one word that stands on many rows: the page of columns asks of the word, once."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one row: of which kind, in which field, with which value, and what the texts need to say."""

    code: str
    field: Field | None = None
    value: str = ""
    suggestion: str = ""
    says: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """The kind of the problem, with its texts."""
        return KINDS[self.code]

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return self.kind.severity

    @property
    def wrong(self) -> str:
        """What is wrong, in the reader's language."""
        return str(self.kind.wrong) % self._spoken()

    @property
    def do(self) -> str:
        """What to do, in the reader's language."""
        return str(self.kind.do) % self._spoken()

    def veiled(self) -> "Problem":
        """The problem as it is kept of a protected person: nothing in it tells, or suggests, where to find her."""
        if self.field not in WHERE_TO_REACH:
            return self
        says = {
            name: MASK if name in {"day", "successor"} else said for name, said in self.says.items()
        }  # The day on which a municipality ended names it as well as its successor does.
        return dataclasses.replace(self, value=MASK if self.value else "", suggestion="", says=says)

    def _spoken(self) -> dict[str, Any]:
        spoken = dict(self.says)
        if "earlier" in spoken:
            spoken["earlier"] = Field(spoken["earlier"]).label
        if spoken.get("day", MASK) != MASK:
            spoken["day"] = date_format(dt.date.fromisoformat(spoken["day"]), "j.n.Y")
        if "fault" in spoken:
            spoken["fault"] = (
                FAULTS[CodeFault(spoken["fault"])] if spoken["fault"] in set(CodeFault) else BORN_LATER
            )
        return spoken

    def as_data(self) -> dict[str, Any]:
        """The problem as it is stored: codes and values, no sentences, so that each reader gets her own language."""
        return {
            "code": self.code, "field": self.field.value if self.field else "", "value": self.value,
            "suggestion": self.suggestion, "says": dict(self.says),
        }  # fmt: skip


def from_data(data: Mapping[str, Any]) -> Problem:
    """The problem as it was stored."""
    return Problem(
        code=data["code"], field=Field(data["field"]) if data["field"] else None, value=data["value"],
        suggestion=data["suggestion"], says=data["says"],
    )  # fmt: skip


def stands(found: list[Problem], accepted: list[str]) -> bool:
    """Whether the row is stopped: an error stands that nobody accepted, or that cannot be accepted."""
    return any(
        problem.severity is Severity.ERROR and not (problem.kind.accept and problem.code in accepted)
        for problem in found
    )
