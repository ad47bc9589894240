"""Deeds on the path and the network: phases, duties, hand-over, transfer, end and return."""

import datetime as dt
from typing import Any

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Permission
from silta.cases.forms import base, facts, network, path
from silta.cases.forms.base import CaseForm
from silta.cases.models import Case, Participation, Transfer
from silta.cases.operations import ending, marks, transfers
from silta.cases.operations import network as network_operations
from silta.cases.operations import path as path_operations
from silta.cases.queries import casepage, caseplan, closing
from silta.cases.queries.casepage import Noted
from silta.cases.queries.facts import facts_of
from silta.cases.rules import definitions
from silta.cases.rules.schema import Moment
from silta.cases.views import choices
from silta.cases.views.deeds import Deed
from silta.kernel import clock
from silta.kernel.actor import Actor

Fields = dict[str, Any]


def _phase_choices(_actor: Actor, case: Case, _subject: Any) -> Fields:
    return {"phase": choices.phases(case)}


def _hand_over_choices(_actor: Actor, case: Case, _subject: Any) -> Fields:
    return {"to_user": [("", gettext("Choose")), *choices.successors(case)]}


def _hand_over(actor: Actor, case: Case, words: Fields) -> Any:
    to_user = choices.successor(case, words.pop("to_user"))
    return network_operations.hand_over(actor, case=case, to_user=to_user, **words)


def _transition(_actor: Actor, case: Case, _subject: Any) -> Fields:
    return {"transition_days": definitions.definition(case.kind, case.definition_version).transition_days}


def _transfer_choices(actor: Actor, case: Case, _subject: Any) -> Fields:
    kinds = definitions.definition(case.kind, case.definition_version).controller_kinds
    return {"to_unit": choices.units(actor, case.scope.unit_ids, of_kinds=kinds, without=case.unit_id)}


def _propose(actor: Actor, case: Case, words: Fields) -> Transfer:
    return transfers.propose_transfer(actor, case=case, **words)


def _acceptors(actor: Actor, _case: Case, transfer: Transfer) -> Fields:
    return {
        "responsible": choices.workers(transfer.to_unit_id) if actor.unit_id == transfer.to_unit_id else []
    }


def _acceptor(actor: Actor, _case: Case, _transfer: Transfer) -> Fields:
    return {"responsible": str(actor.user_id)}


def _accept(actor: Actor, transfer: Transfer, words: Fields) -> Case:
    responsible = choices.worker(words.pop("responsible"), transfer.to_unit_id)
    return transfers.accept_transfer(actor, transfer=transfer, responsible=responsible)


def _ending(_actor: Actor, case: Case, form: CaseForm) -> Fields:
    definition = definitions.definition(case.kind, case.definition_version)
    return {
        "closing": definition.closing,
        "open_matters": caseplan.open_matters(case),
        "lacking": caseplan.lacking(case, Moment.END, form.beside["facts"]),
        "seats": form.beside["seats"],
        "aside": "cases/_end_aside.html",
    }


def _deciders(_actor: Actor, case: Case, _subject: Any) -> Fields:
    facts = facts_of(case).facts
    seats = closing.seats(case, facts)
    return {
        "parties": [(seat.who, seat.name) for seat in seats if seat.is_there],
        "seats": seats,
        "facts": facts,
    }


def _ending_initial(_actor: Actor, case: Case, _subject: Any) -> Fields:
    days = definitions.definition(case.kind, case.definition_version).aftercare_days
    return {"aftercare_until": clock.today() + dt.timedelta(days=days) if days else None}


def _marks(_actor: Actor, case: Case, _subject: Any) -> Fields:
    definition = definitions.definition(case.kind, case.definition_version)
    return {"mark": [(one.code, str(one.name)) for one in definition.marks]}


def _triggers(_actor: Actor, case: Case, _subject: Any) -> Fields:
    definition = definitions.definition(case.kind, case.definition_version)
    return {"trigger": [(one.code, str(one.name)) for one in definition.triggers]}


def _noted(found: tuple[Noted, ...]) -> list[tuple[str, str]]:
    """Each with its day: one that was recorded anew meanwhile is another."""
    return [
        (
            f"{one.code} {one.on.isoformat()}",
            f"{one.name}, {formats.date_format(one.on, 'SHORT_DATE_FORMAT')}",
        )
        for one in found
    ]


def _withdraw_mark(actor: Actor, case: Case, words: Fields) -> None:
    marks.withdraw_mark(actor, case=case, mark=words["mark"].partition(" ")[0], reason=words["reason"])


def _withdraw_trigger(actor: Actor, case: Case, words: Fields) -> None:
    marks.withdraw_trigger(
        actor, case=case, trigger=words["trigger"].partition(" ")[0], reason=words["reason"]
    )


def _marks_noted(_actor: Actor, case: Case, _subject: Any) -> Fields:
    return {"mark": _noted(casepage.marks_of(case, case.status_changes.all()))}


def _triggers_noted(_actor: Actor, case: Case, _subject: Any) -> Fields:
    return {"trigger": _noted(casepage.triggers_of(case, case.status_changes.all()))}


def _duties_now(_actor: Actor, case: Case, _subject: Any) -> Fields:
    return {"how": case.duties_explained_how, "on": case.duties_explained_on or clock.today()}


DEEDS = [
    Deed("phase", path.PhaseForm, _("Move to another phase"), _("Change the phase"), _("The phase was changed."),
         lambda actor, case, words: path_operations.change_phase(actor, case=case, **words), choices=_phase_choices,
         band="path"),
    Deed("assessment_start", path.AssessmentStartForm, _("Start the assessment"), _("Start the assessment"),
         _("The assessment has begun, and its deadlines run."),
         lambda actor, case, words: path_operations.start_assessment(actor, case=case, **words), band="path",
         hint=_("The clienthood and its statutory times begin on this day.")),
    Deed("duties", path.DutiesForm, _("Explain rights and duties"), _("Record"), _("Recorded."),
         lambda actor, case, words: path_operations.explain_duties(actor, case=case, **words), band="path",
         initial=_duties_now),
    Deed("need", path.NeedForm, _("Change the need of support"), _("Change"), _("The need of support was changed."),
         lambda actor, case, words: path_operations.set_need(actor, case=case, **words), band="path",
         initial=lambda _actor, case, _subject: {"need": case.need}),
    Deed("hand_over", network.HandOverForm, _("Hand over the responsibility"), _("Hand over"),
         _("The responsibility was handed over."), _hand_over, creates=True, choices=_hand_over_choices, initial=_transition,
         band="happened", keeps_draft=True),
    Deed("supporter", network.SupporterForm, _("Add the client's own supporter"), _("Add"),
         _("The supporter was added."),
         lambda actor, case, words: network_operations.add_supporter(actor, case=case, **words), band="happened",
         creates=True),
    Deed("leave", base.ReasonForm, _("End a participation"), _("End the participation"),
         _("The participation has ended."),
         lambda actor, row, words: network_operations.leave(actor, participation=row, **words),
         subject=Participation, band="happened", hint=_("The period stays in the history of the case.")),
    Deed("transfer", network.TransferForm, _("Offer the case to another unit"), _("Send the offer"),
         _("The offer was sent. The case stays yours until it is accepted."), _propose, choices=_transfer_choices,
         band="path", keeps_draft=True, creates=True),
    Deed("transfer_accept", network.AcceptTransferForm, _("Take the case over"), _("Take over"),
         _("The case is now yours."), _accept, choices=_acceptors, initial=_acceptor, subject=Transfer,
         permission=Permission.CASE_OPEN, is_for_insiders=False, band="path"),
    Deed("transfer_decline", base.ReasonForm, _("Do not take the case"), _("Decline"),
         _("The offer was declined. The case stays where it is."),
         lambda actor, row, words: transfers.decline_transfer(actor, transfer=row, **words), subject=Transfer,
         is_for_insiders=False, band="path"),
    Deed("transfer_withdraw", base.ReasonForm, _("Take back the offer"), _("Take back"), _("The offer was taken back."),
         lambda actor, row, words: transfers.withdraw_transfer(actor, transfer=row, **words), subject=Transfer,
         band="path"),
    Deed("end", path.EndForm, _("End the case"), _("End the case"), _("The case has ended."),
         lambda actor, case, words: ending.end_case(actor, case=case, **words), more=_ending,
         choices=_deciders, initial=_ending_initial, band="path", keeps_draft=True),
    Deed("reopen", path.LongReasonForm, _("Reopen the case"), _("Reopen"), _("The case is open again."),
         lambda actor, case, words: ending.reopen_case(actor, case=case, **words), band="path"),
    Deed("hold", path.HoldForm, _("Hold the erasure"), _("Hold"), _("The data of this case are held."),
         lambda actor, case, words: ending.hold_erasure(actor, case=case, **words),
         permission=Permission.RETENTION_HOLD, band="path",
         hint=_("The data are then kept past their time until the hold is released.")),
    Deed("release", base.BareVersionedForm, _("Release the hold on erasure"), _("Release"), _("The hold was released."),
         lambda actor, case, words: ending.release(actor, case=case, **words),
         permission=Permission.RETENTION_HOLD, band="path"),
    Deed("planned_end", path.PlannedEndForm, _("When the support is planned to end"), _("Save"),
         _("The planned end was saved."),
         lambda actor, case, words: path_operations.plan_the_end(actor, case=case, **words), band="path",
         initial=lambda _actor, case, _subject: {"on": case.planned_end_on}),
    Deed("mark", path.MarkForm, _("Record a date"), _("Save"), _("The date was recorded."),
         lambda actor, case, words: marks.note_mark(actor, case=case, **words), choices=_marks, band="path"),
    Deed("trigger", path.TriggerForm, _("Record a reason for the support"), _("Save"), _("The reason was recorded."),
         lambda actor, case, words: marks.note_trigger(actor, case=case, **words), choices=_triggers, band="path"),
    Deed("mark_withdraw", facts.MarkWithdrawalForm, _("Withdraw a recorded date"), _("Withdraw"),
         _("The date was withdrawn."),
         _withdraw_mark, choices=_marks_noted, band="path",
         hint=_("Deadlines are counted without it again. The history keeps that it was recorded.")),
    Deed("trigger_withdraw", facts.TriggerWithdrawalForm, _("Withdraw a reason for the support"), _("Withdraw"),
         _("The reason was withdrawn."),
         _withdraw_trigger, choices=_triggers_noted,
         band="path", hint=_("The history keeps that it was recorded.")),
    Deed("share", network.ShareForm, _("What they answer for"), _("Save"), _("Saved."),
         lambda actor, row, words: network_operations.change_share(actor, participation=row, **words),
         subject=Participation, band="happened",
         initial=lambda _actor, _case, row: {"answers_for": row.answers_for}),
]  # fmt: skip
