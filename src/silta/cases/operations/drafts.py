"""Drafts: what was typed and not yet saved, so that an expired session loses nothing."""

from typing import Any

from django.db import transaction

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.models import Case, Draft
from silta.cases.rules import drafts as rules
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.actor import Actor


@transaction.atomic
def keep_draft(actor: Actor, *, case: Case | None, form: str, fields: dict[str, Any]) -> Draft:
    """Keeps what the worker has typed into a form of the case, or into that for a new client where there is none.

    The newest words replace the ones before. Only their writer sees them, and only when she acts for the same unit.
    Nothing is journalled: nothing has been recorded about the client yet. Raises ``NotAllowed`` for whoever could not
    save the form.
    """
    _require(actor, case)
    draft, _made = Draft.objects.update_or_create(
        user_id=actor.user_id, unit_id=access.own_unit_id(actor), case=case, form=form,
        defaults={"person_id": case.person_id if case else None, "fields": fields, "saved_at": clock.now()},
    )  # fmt: skip
    return draft


def discard_draft(actor: Actor, *, case: Case | None, form: str) -> None:
    """Throws away the worker's own draft of the form, if there is one; it is hers alone, whatever her part in the case."""
    access.require(actor, Permission.CASE_WORK if case else Permission.CASE_OPEN)
    mine = Draft.objects.filter(user_id=actor.user_id, unit_id=access.own_unit_id(actor))
    mine.filter(case=case, form=form).delete()


def _require(actor: Actor, case: Case | None) -> None:
    if case is None:
        access.require(actor, Permission.CASE_OPEN)
    else:
        access.require(actor, Permission.CASE_WORK, case.scope)


def forget_drafts() -> int:
    """Throws away every draft last typed longer ago than ``rules.drafts.KEPT_DAYS``; returns how many.

    Steps out of row-level security, for it is no unit's work: only the worker and the command line can run it.
    """
    with maintaining(), transaction.atomic():
        gone, _tables = Draft.objects.filter(saved_at__lt=rules.forgotten_before(clock.now())).delete()
    return gone
