"""Members: the keeper keeps those of all units, a lead those of her own."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from silta.access import operations, queries, rules
from silta.access.enums import Permission
from silta.access.forms import EndForm, InviteForm
from silta.access.models import Membership
from silta.access.views.answers import actor_of, tell_at_field, units_now
from silta.kernel import clock
from silta.kernel.errors import Conflict, RuleBroken


def members(request: HttpRequest) -> HttpResponse:
    """Who works where, and inviting another; a new user's set-password address is shown once."""
    actor = actor_of(request)
    queries.require(actor, Permission.MEMBERS_MANAGE)
    by_keeper = queries.permits(actor, Permission.ORGANISATIONS_MANAGE)
    units = units_now() if by_keeper else units_now().filter(pk=queries.own_unit_id(actor))
    form = InviteForm(request.POST or None, units=units, by_keeper=by_keeper)
    link = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.invite_member(actor, **form.cleaned_data)
        except RuleBroken as error:
            tell_at_field(form, error)
        else:
            messages.success(request, _("The member is added."))
            if made.password_path is None:
                return redirect("access:members")
            link = request.build_absolute_uri(made.password_path)
            form = InviteForm(units=units, by_keeper=by_keeper)
    today = clock.today()
    rows: list[dict[str, Any]] = [
        {"row": row, "role": rules.ROLES[row.role].name if row.role in rules.ROLES else row.role}
        for row in queries.members(actor)
    ]
    current = [item for item in rows if _goes_on(item["row"], today)]
    ended = [item for item in rows if not _goes_on(item["row"], today)]
    context = {"form": form, "current": current, "ended": ended, "link": link, "by_keeper": by_keeper}
    return render(request, "access/members.html", context)


def _goes_on(row: Membership, today: dt.date) -> bool:
    return row.valid_until is None or row.valid_until >= today


def end(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Ends a membership; asks once, and says what follows."""
    actor = actor_of(request)
    membership = queries.membership_for(actor, membership_id)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        today = clock.today()
        last = today - dt.timedelta(days=1) if form.cleaned_data["at_once"] else today
        try:
            operations.end_membership(
                actor, membership=membership, reason=form.cleaned_data["reason"], on=last
            )
        except (RuleBroken, Conflict) as error:
            tell_at_field(form, error)
        else:
            messages.success(request, _("The membership ends."))
            return redirect("access:members")
    return render(request, "access/member_end.html", {"form": form, "membership": membership})
