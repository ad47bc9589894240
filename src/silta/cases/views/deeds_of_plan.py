"""Deeds on the plan: goals, promises, services, versions and reviews."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from silta.cases.forms import base
from silta.cases.forms import plan as forms
from silta.cases.models import Action, AgreedService, Case, Goal, PlanVersion
from silta.cases.operations import actions, goals, plan, services
from silta.cases.queries import casepage, caseplan, caserows
from silta.cases.rules.schema import Moment
from silta.cases.views import choices
from silta.cases.views.deeds import Deed
from silta.kernel.actor import Actor

Fields = dict[str, Any]


def _add_action(actor: Actor, case: Case, words: Fields) -> Action:
    owner = choices.owner_fields(words.pop("owner"))
    return actions.add_action(actor, case=case, goal=choices.goal(case, words.pop("goal")), **owner, **words)


def _agree_service(actor: Actor, case: Case, words: Fields) -> AgreedService:
    return services.agree_service(actor, case=case, goal=choices.goal(case, words.pop("goal")), **words)


def _promise_choices(actor: Actor, case: Case, _subject: Any) -> Fields:
    rows = caserows.read(case, {*casepage.INSIDERS, "goals"})
    return {"owner": choices.owners(actor, casepage.insiders(case, rows)), "goal": choices.goals(rows.goals)}


def _service_choices(actor: Actor, case: Case, _subject: Any) -> Fields:
    offered = choices.goals(Goal.objects.filter(case=case))
    return {"provider_unit": choices.units(actor, case.scope.unit_ids), "goal": offered}


def _service_now(_actor: Actor, _case: Case, service: AgreedService) -> Fields:
    return {"state": service.state}


def _due_now(_actor: Actor, _case: Case, action: Action) -> Fields:
    return {"due_on": action.due_on}


def _plan_beside(_actor: Actor, case: Case, _form: base.CaseForm) -> Fields:
    return {
        "plan": caseplan.plan_of(caserows.read(case, caseplan.TABLES)),
        "lacking": caseplan.lacking(case, Moment.PLAN),
        "aside": "cases/_plan_aside.html",
    }


def _hand_action(actor: Actor, action: Action, words: Fields) -> Action:
    owner = choices.owner_fields(words.pop("owner"))
    return actions.hand_action(actor, action=action, **owner, **words)


DEEDS = [
    Deed("goal", forms.GoalForm, _("Add a goal"), _("Add the goal"), _("The goal was added."),
         lambda actor, case, words: goals.propose_goal(actor, case=case, **words), creates=True, keeps_draft=True),
    Deed("goal_confirm", forms.ConfirmGoalForm, _("The client confirms the goal"), _("Confirm with the client"),
         _("The client confirmed the goal."),
         lambda actor, goal, words: goals.confirm_goal(actor, goal=goal, **words), subject=Goal),
    Deed("goal_decline", base.VersionedReasonForm, _("The client says no to the goal"), _("Record the no"),
         _("It was recorded that the client said no."),
         lambda actor, goal, words: goals.decline_goal(actor, goal=goal, **words), subject=Goal,
         hint=_("Saying no is the client's right. Nothing follows from it by itself.")),
    Deed("goal_achieve", base.VersionedOptionalReasonForm, _("The goal was achieved"), _("Record as achieved"),
         _("The goal was recorded as achieved."),
         lambda actor, goal, words: goals.achieve_goal(actor, goal=goal, **words), subject=Goal),
    Deed("goal_drop", base.VersionedReasonForm, _("Give up the goal"), _("Give up the goal"),
         _("The goal was given up."),
         lambda actor, goal, words: goals.drop_goal(actor, goal=goal, **words), subject=Goal),
    Deed("action", forms.ActionForm, _("Add a step"), _("Add the step"), _("The step was added."),
         _add_action, choices=_promise_choices, creates=True),
    Deed("action_complete", base.BareVersionedForm, _("The step is done"), _("Done"), _("Done. You can take it back."),
         lambda actor, action, words: actions.complete_action(actor, action=action, **words), subject=Action),
    Deed("action_reopen", base.BareVersionedForm, _("Take the step back to open"), _("Take back to open"),
         _("The step is open again."),
         lambda actor, action, words: actions.reopen_action(actor, action=action, **words), subject=Action),
    Deed("action_drop", base.VersionedReasonForm, _("The step is not needed"), _("Not needed"),
         _("The step was set aside."),
         lambda actor, action, words: actions.drop_action(actor, action=action, **words), subject=Action),
    Deed("action_postpone", forms.PostponeForm, _("Move the step to another day"), _("Move"), _("The day was moved."),
         lambda actor, action, words: actions.postpone_action(actor, action=action, **words), subject=Action,
         initial=_due_now),
    Deed("action_nudge", base.BareVersionedForm, _("Remind the owner of the step"), _("Remind"),
         _("A reminder was left."),
         lambda actor, action, words: actions.nudge_action(actor, action=action, **words), subject=Action),
    Deed("service", forms.ServiceForm, _("Agree on a service"), _("Record the service"), _("The service was agreed."),
         _agree_service, choices=_service_choices, creates=True),
    Deed("service_state", forms.ServiceStateForm, _("Where the service stands"), _("Save"),
         _("The state of the service was changed."),
         lambda actor, service, words: services.change_service(actor, service=service, **words),
         subject=AgreedService, initial=_service_now),
    Deed("plan", forms.PlanForm, _("Make a version of the plan"), _("Make the version"),
         _("A version of the plan was made."),
         lambda actor, case, words: plan.make_plan(actor, case=case, **words), more=_plan_beside, creates=True,
         keeps_draft=True, hint=_("The version keeps the goals, steps and services as they are now.")),
    Deed("plan_accept", forms.AcceptPlanForm, _("The client accepts the plan"), _("Record the acceptance"),
         _("The acceptance was recorded."),
         lambda actor, version, words: plan.accept_plan(actor, plan=version, **words), subject=PlanVersion),
    Deed("plan_refuse", forms.RefusePlanForm, _("The client does not accept the plan"), _("Record it"),
         _("It was recorded that the client does not accept the plan."),
         lambda actor, version, words: plan.refuse_plan(actor, plan=version, **words), subject=PlanVersion),
    Deed("review", forms.ReviewForm, _("Review the plan"), _("Record the review"), _("The review was recorded."),
         lambda actor, case, words: plan.hold_review(actor, case=case, **words), more=_plan_beside, creates=True,
         keeps_draft=True),
    Deed("goal_reword", forms.RewordForm, _("Say the goal anew"), _("Save"), _("The goal was reworded."),
         lambda actor, goal, words: goals.reword_goal(actor, goal=goal, **words), subject=Goal,
         initial=lambda _actor, _case, goal: {"own_words": goal.own_words, "wording": goal.wording}),
    Deed("goal_take_up", base.BareVersionedForm, _("Take the goal up again"), _("Take up again"),
         _("The goal is proposed again."),
         lambda actor, goal, words: goals.take_up_goal(actor, goal=goal, **words), subject=Goal),
    Deed("action_hand", forms.HandActionForm, _("Somebody else takes the step"), _("Save"),
         _("The step has a new owner."), _hand_action, subject=Action, choices=_promise_choices),
]  # fmt: skip
