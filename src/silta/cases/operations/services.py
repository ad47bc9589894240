"""Agreed services, from agreement to delivery; what was agreed and never delivered must show (REQ-001-26)."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.cases.enums import NEEDS_REASON, SERVICE_STEPS, ServiceState
from silta.cases.models import AgreedService, Case, Goal
from silta.cases.operations import path, recording
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.organisations.models import Unit


@transaction.atomic
def agree_service(
    actor: Actor,
    *,
    case: Case,
    name: str,
    provider_unit: Unit | None = None,
    provider_name: str = "",
    goal: Goal | None = None,
    expected_on: dt.date | None = None,
    agreed_on: dt.date | None = None,
    key: UUID | None = None,
) -> AgreedService:
    """Records a service agreed with the client: which, who provides it, by when it should have started.

    The provider is a unit of the register or any name. Raises ``RuleBroken`` where nobody provides it, where the
    agreement is ahead of today, or the goal is of another case.
    """
    recording.require_work(actor, case, Category.PLAN)
    recording.require_open(case)
    words = recording.require_text(name, field="name", message=_("Name the service."))
    provider = provider_name.strip()
    if provider_unit is None and not provider:
        raise RuleBroken(_("Tell who provides the service."), code="cases.no_provider", field="provider_name")
    if goal is not None and goal.case_id != case.pk:
        raise RuleBroken(_("The goal is not of this case."), code="cases.goal_elsewhere", field="goal")
    today = clock.today()
    day = recording.no_later_than(agreed_on or today, today, field="agreed_on")
    service, is_new = recording.new_row(
        actor, case, AgreedService, key=key, goal=goal, name=words, provider_unit=provider_unit,
        provider_name=provider, agreed_on=day, state_on=day, expected_on=expected_on,
    )  # fmt: skip
    if is_new:
        recording.note_status(actor, case, "service", "", ServiceState.AGREED, on=day, subject_id=service.pk)
        recording.finish(actor, case, "agree_service", subject=service)
    return service


@transaction.atomic
def change_service(
    actor: Actor,
    *,
    service: AgreedService,
    version: int,
    state: str,
    reason: str = "",
    on: dt.date | None = None,
    expected_on: dt.date | None = None,
) -> AgreedService:
    """Moves the service on. A delay or a refusal needs its reason; whose refusal it was is part of the reason.

    ``expected_on`` gives a new day to wait for. Raises ``RuleBroken`` where the step is not possible, the day is to
    come or before the agreement, or the reason is missing; ``Conflict`` where somebody else changed it meanwhile.
    """
    case = recording.case_of(service)
    recording.require_work(actor, case, Category.PLAN)
    recording.require_open(case)
    before = service.state
    if service.version == version and state not in SERVICE_STEPS[before]:
        raise RuleBroken(
            _("The service cannot go from this state to that."), code="cases.service_step", field="state"
        )
    if state in NEEDS_REASON:
        recording.require_text(reason, field="reason", message=_("Tell the reason."))
    today = clock.today()
    day = recording.no_later_than(on or today, today, field="on")
    if day < service.agreed_on or (service.started_on is not None and day < service.started_on):
        raise RuleBroken(_("The day is before the service was agreed or started."), code="cases.day_too_early",
                         field="on")  # fmt: skip
    service = recording.change(
        service, version, state=state, state_on=day, state_reason=reason.strip(), **_days(service, state, day),
        **({} if expected_on is None else {"expected_on": expected_on}),
    )  # fmt: skip
    recording.note_status(actor, case, "service", before, state, on=day, subject_id=service.pk)
    if state == ServiceState.STARTED:
        path.follow(actor, case, "service_started", on=day)
    recording.finish(actor, case, f"service_{state}", subject=service)
    return service


def _days(service: AgreedService, state: str, day: dt.date) -> dict[str, Any]:
    if state == ServiceState.STARTED:
        return {"started_on": service.started_on or day, "ended_on": None}
    if state == ServiceState.DONE or (state == ServiceState.REFUSED and service.started_on is not None):
        return {"ended_on": day}
    if state == ServiceState.AGREED:
        return {"agreed_on": day, "started_on": None, "ended_on": None}
    return {}
