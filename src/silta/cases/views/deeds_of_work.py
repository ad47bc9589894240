"""Deeds of daily work: contacts, notes, flags, and what is known."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from silta.cases.forms import base, known, notes
from silta.cases.models import AssessmentEntry, Case, Flag, Note
from silta.cases.operations import assessment, flags
from silta.cases.operations import notes as note_operations
from silta.cases.views import choices
from silta.cases.views.deeds import Deed
from silta.kernel.actor import Actor

Fields = dict[str, Any]


def _note_choices(actor: Actor, case: Case, _subject: Any) -> Fields:
    readers = choices.Readers(actor, case)
    return {"visibility": readers.visibilities(), "category": readers.categories}


def _entry_choices(actor: Actor, case: Case, _subject: Any) -> Fields:
    return {"domain": choices.domains(actor, case)}


def _entry_now(_actor: Actor, _case: Case, entry: AssessmentEntry) -> Fields:
    return {name: getattr(entry, name) for name in ("text", "source", "source_detail", "necessity")}


def _observe(actor: Actor, case: Case, words: Fields) -> Note:
    return note_operations.write_note(actor, case=case, kind="observation", with_client=False, **words)


DEEDS = [
    Deed("contact", notes.ContactForm, _("Log a contact"), _("Save the contact"), _("The contact was logged."),
         lambda actor, case, words: note_operations.write_note(actor, case=case, kind="contact", **words),
         choices=_note_choices, band="happened", creates=True, keeps_draft=True, template="cases/_contact.html"),
    Deed("note", notes.ObservationForm, _("Write a note"), _("Save the note"), _("The note was saved."),
         _observe, choices=_note_choices, band="happened", creates=True, keeps_draft=True),
    Deed("note_withdraw", base.VersionedReasonForm, _("Withdraw the note"), _("Withdraw"), _("The note was withdrawn."),
         lambda actor, note, words: note_operations.withdraw_note(actor, note=note, **words), subject=Note,
         band="happened", hint=_("The note no longer shows. It stays in the history with your reason.")),
    Deed("note_restore", base.BareVersionedForm, _("Bring the note back"), _("Bring back"), _("The note shows again."),
         lambda actor, note, words: note_operations.restore_note(actor, note=note, **words), subject=Note,
         band="happened", hint=_("Whoever could read it before reads it again. The history keeps that it was withdrawn.")),
    Deed("flag", notes.FlagForm, _("Raise a flag"), _("Raise the flag"), _("The flag was raised."),
         lambda actor, case, words: flags.raise_flag(actor, case=case, **words), creates=True,
         hint=_("A flag shows to the professionals in the case, at the top of the page, until it is resolved. The client "
                "does not see it, and an employer sees only its own.")),
    Deed("flag_resolve", notes.ResolveFlagForm, _("Resolve the flag"), _("Resolve"), _("The flag was resolved."),
         lambda actor, flag, words: flags.resolve_flag(actor, flag=flag, **words), subject=Flag),
    Deed("entry", known.EntryForm, _("Add what is known"), _("Save"), _("Saved with its source."),
         lambda actor, case, words: assessment.add_entry(actor, case=case, **words), choices=_entry_choices,
         band="known", creates=True, keeps_draft=True),
    Deed("entry_correct", known.CorrectEntryForm, _("Put it right"), _("Save the correction"),
         _("Corrected. The earlier words stay in the history."),
         lambda actor, entry, words: assessment.correct_entry(actor, entry=entry, **words), subject=AssessmentEntry,
         initial=_entry_now, band="known"),
    Deed("entry_dispute", known.DisputeForm, _("Somebody sees it otherwise"), _("Record the other view"),
         _("The other view was recorded beside it."),
         lambda actor, entry, words: assessment.dispute(actor, entry=entry, **words), subject=AssessmentEntry,
         band="known"),
    Deed("note_correct", notes.CorrectNoteForm, _("Correct the note"), _("Save the correction"),
         _("Corrected. The earlier words stay in the history."),
         lambda actor, note, words: note_operations.correct_note(actor, note=note, **words), subject=Note,
         band="happened", initial=lambda _actor, _case, note: {"text": note.text}),
]  # fmt: skip
