"""Drafts: what was typed and not yet saved, so that an expired session loses nothing."""

from typing import Any

from django.db import transaction

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.models import Case, Draft
from silta.kernel import clock
from silta.kernel.actor import Actor


@transaction.atomic
def keep_draft(actor: Actor, *, case: Case, form: str, fields: dict[str, Any]) -> Draft:
    """Keeps what the worker has typed into a form of the case; the newest words replace the ones before.

    Only its writer sees it. Nothing is journalled: nothing has been recorded about the client yet.
    """
    access.require(actor, Permission.CASE_WORK, case.scope)
    draft, _made = Draft.objects.update_or_create(
        user_id=actor.user_id, case=case, form=form,
        defaults={"person_id": case.person_id, "fields": fields, "saved_at": clock.now()},
    )  # fmt: skip
    return draft


@transaction.atomic
def discard_draft(actor: Actor, *, case: Case, form: str) -> None:
    """Throws away the worker's own draft of the form, if there is one."""
    access.require(actor, Permission.CASE_WORK, case.scope)
    Draft.objects.filter(user_id=actor.user_id, case=case, form=form).delete()
