"""The officer's page of retention: what is due, what comes, what is held, what went; releasing a run that was stopped."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from silta.access import operations, queries
from silta.access.forms import ReleaseForm
from silta.access.models import ErasureRun
from silta.access.views.answers import actor_of, tell_at_field
from silta.kernel.errors import Conflict, RuleBroken
from silta.kernel.request import Request

_SHOWN = 30


def _coming(run: ErasureRun) -> list[dict[str, Any]]:
    """Each table with what is due, held, warned of and still to be warned of, and what will be due, by the newest count."""
    counted = (run.due, run.held, run.warned, run.unwarned, *run.coming.values())
    labels = sorted({label for counts in counted for label in counts})
    return [
        {"table": label, "due": run.due.get(label, 0), "held": run.held.get(label, 0),
         "warned": run.warned.get(label, 0), "unwarned": run.unwarned.get(label, 0),
         "later": [run.coming.get(days, {}).get(label, 0) for days in ("30", "90", "365")]}
        for label in labels
    ]  # fmt: skip


@require_safe
def overview(request: Request) -> HttpResponse:
    """What retention has done and will do, in counts; the newest run first."""
    runs = queries.erasure_runs(actor_of(request), limit=_SHOWN)
    told = {
        "newest": runs[0] if runs else None,
        "rows": _coming(runs[0]) if runs else [],
        "runs": [
            {"row": run, "total": sum(run.counts.values()), "held": sum(run.held.values())} for run in runs
        ],
        "waiting": next((run for run in runs if queries.waits_for_release(run, runs)), None),
    }
    return render(request, "access/erasure.html", told)


def release(request: Request, run_id: UUID) -> HttpResponse:
    """Looks at the counts that stopped a run, and says that they are right, with the reason."""
    actor = actor_of(request)
    run = queries.erasure_run_for(actor, run_id)
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.release_erasure(actor, run=run, reason=form.cleaned_data["reason"])
        except Conflict as error:
            messages.warning(request, str(error.message))
            return redirect("access:erasure")
        except RuleBroken as error:
            tell_at_field(form, error)
        else:
            messages.success(request, _("Confirmed. The next nightly run erases what these counts tell."))
            return redirect("access:erasure")
    return render(request, "access/erasure_release.html", {"run": run, "form": form})
