"""The verbs of a case that programs may do, by what they need to be let to: work in it, its network, the client's details."""

from silta.access.enums import TokenScope
from silta.cases.api import bodies
from silta.cases.api.reading import router
from silta.cases.api.writing import Write, mount
from silta.cases.models import (
    Action,
    AgreedService,
    AssessmentEntry,
    Flag,
    Goal,
    Note,
    Participation,
    PlanVersion,
    Transfer,
)
from silta.cases.operations import (
    actions,
    assessment,
    ending,
    flags,
    goals,
    network,
    notes,
    path,
    plan,
    services,
    transfers,
)
from silta.ui.programs import Token

_PATH = [
    Write("change_phase", "phase", "Move the case to another phase", bodies.Phase, path.change_phase),
    Write("set_need", "need", "Change the need of support", bodies.NeedOf, path.set_need),
    Write("start_assessment", "assessment-start", "Start the assessment", bodies.Start, path.start_assessment),
    Write("explain_duties", "duties", "Record that rights and duties were explained", bodies.Duties,
          path.explain_duties),
    Write("plan_the_end", "planned-end", "Set or take away the planned end", bodies.PlannedEnd, path.plan_the_end),
    Write("end_case", "end", "End the case by joint decision", bodies.End, ending.end_case),
    Write("reopen_case", "reopen", "Open an ended case again", bodies.Reopening, ending.reopen_case),
]  # fmt: skip
_NOTES = [
    Write("write_note", "notes", "Log a contact or write an observation", bodies.NewNote, notes.write_note,
          creates=True),
    Write("correct_note", "notes/{uuid:row_id}/correct", "Put the text of a note right", bodies.NoteText,
          notes.correct_note, "note", Note),
    Write("withdraw_note", "notes/{uuid:row_id}/withdraw", "Withdraw a note", bodies.Why, notes.withdraw_note, "note",
          Note),
    Write("restore_note", "notes/{uuid:row_id}/restore", "Restore a withdrawn note", bodies.Nothing,
          notes.restore_note, "note", Note),
    Write("raise_flag", "flags", "Raise a flag", bodies.FlagText, flags.raise_flag, creates=True),
    Write("resolve_flag", "flags/{uuid:row_id}/resolve", "Resolve a flag", bodies.Resolution, flags.resolve_flag,
          "flag", Flag),
]  # fmt: skip
_STEPS = [
    Write("add_step", "steps", "Promise something", bodies.Step, actions.add_action, creates=True),
    *(
        Write(f"{verb}_step", f"steps/{{uuid:row_id}}/{verb}", summary, body, operation, "action", Action)
        for verb, summary, body, operation in (
            ("complete", "The promise is kept", bodies.Told, actions.complete_action),
            ("reopen", "The promise is open again", bodies.Told, actions.reopen_action),
            ("drop", "The promise is not needed", bodies.Why, actions.drop_action),
            ("postpone", "Give the promise a later day", bodies.Postponement, actions.postpone_action),
        )
    ),
]
_GOALS = [
    Write("propose_goal", "goals", "Propose a goal", bodies.NewGoal, goals.propose_goal, creates=True),
    *(
        Write(f"{name}_goal", f"goals/{{uuid:row_id}}/{verb}", summary, body, operation, "goal", Goal)
        for name, verb, summary, body, operation in (
            ("confirm", "confirm", "The client confirmed the goal", bodies.Why, goals.confirm_goal),
            ("decline", "decline", "The client said no to the goal", bodies.Told, goals.decline_goal),
            ("achieve", "achieve", "The goal was reached", bodies.Told, goals.achieve_goal),
            ("drop", "drop", "The goal is given up", bodies.Why, goals.drop_goal),
            ("take_up", "take-up", "The goal is talked about again", bodies.Told, goals.take_up_goal),
            ("reword", "reword", "Say the goal in other words", bodies.GoalWords, goals.reword_goal),
        )
    ),
]
_PLANS = [
    Write("agree_service", "services", "Agree on a service", bodies.NewService, services.agree_service,
          creates=True),
    Write("change_service", "services/{uuid:row_id}/state", "Tell what became of a service", bodies.ServiceState,
          services.change_service, "service", AgreedService),
    Write("add_entry", "assessment", "Record what is known", bodies.Entry, assessment.add_entry, creates=True),
    Write("correct_entry", "assessment/{uuid:row_id}/correct", "Put what is known right", bodies.EntryCorrection,
          assessment.correct_entry, "entry", AssessmentEntry, creates=True, partly=True),
    Write("dispute_entry", "assessment/{uuid:row_id}/dispute", "Record who sees it otherwise", bodies.Objection,
          assessment.dispute, "entry", AssessmentEntry),
    Write("make_plan", "plans", "Make the next version of the plan", bodies.NewPlan, plan.make_plan, creates=True),
    Write("accept_plan", "plans/{uuid:row_id}/accept", "The client accepts the plan", bodies.Acceptance,
          plan.accept_plan, "plan", PlanVersion),
    Write("refuse_plan", "plans/{uuid:row_id}/refuse", "The client does not accept the plan", bodies.Refusal,
          plan.refuse_plan, "plan", PlanVersion),
    Write("hold_review", "reviews", "Record a review of the plan", bodies.NewReview, plan.hold_review, creates=True),
]  # fmt: skip
_NETWORK = [
    Write("invite", "participants", "Ask a unit into the case", bodies.Invitation, network.invite, creates=True),
    Write("add_supporter", "supporters", "Record the client's own supporter", bodies.Supporter,
          network.add_supporter, creates=True),
    Write("leave_case", "participants/{uuid:row_id}/leave", "End a participation", bodies.Why, network.leave,
          "participation", Participation),
    Write("change_share", "participants/{uuid:row_id}/share", "Say what a participant answers for", bodies.Share,
          network.change_share, "participation", Participation),
    Write("hand_over", "hand-overs", "Hand over the responsibility", bodies.HandOver, network.hand_over,
          creates=True),
    Write("propose_transfer", "transfers", "Offer the case to another unit", bodies.Offer, transfers.propose_transfer,
          creates=True),
    Write("accept_transfer", "transfers/{uuid:row_id}/accept", "Take an offered case", bodies.Taking,
          transfers.accept_transfer, "transfer", Transfer),
    Write("decline_transfer", "transfers/{uuid:row_id}/decline", "Do not take an offered case", bodies.Decision,
          transfers.decline_transfer, "transfer", Transfer),
    Write("withdraw_transfer", "transfers/{uuid:row_id}/withdraw", "Take an offer back", bodies.Told,
          transfers.withdraw_transfer, "transfer", Transfer),
]  # fmt: skip

WRITES = Token(TokenScope.CASES_WRITE)
for _verbs, _tag in (
    (_PATH, "cases"),
    (_NOTES, "notes"),
    (_STEPS, "steps"),
    (_GOALS, "goals"),
    (_PLANS, "plans"),
):
    mount(router, _verbs, auth=WRITES, tags=[_tag])
mount(router, _NETWORK, auth=Token(TokenScope.NETWORK_WRITE), tags=["network"])
