"""Notes: a contact logged in seconds, an observation; for all, for the unit, or for those who may know that category."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.cases.enums import Channel, ContactResult, NoteKind, State, Visibility
from silta.cases.models import Case, Note
from silta.cases.operations import recording
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, RuleBroken


@transaction.atomic
def write_note(
    actor: Actor,
    *,
    case: Case,
    kind: str,
    text: str = "",
    visibility: str = Visibility.SHARED,
    category: str = Category.CLIENTHOOD,
    happened_at: dt.datetime | None = None,
    channel: str = "",
    result: str = "",
    with_client: bool = True,
    with_whom: str = "",
    key: UUID | None = None,
) -> Note:
    """Writes a note of a contact (how, and what came of it; the text may be empty) or of an observation.

    Shared and internal notes are of the clienthood; a restricted note names the category of data that its readers
    must have a ground for. Contacts in the aftercare count as work too, so an ended case takes notes until it is over
    (REQ-002-60). Raises ``RuleBroken`` at the field at fault.
    """
    category = _category(visibility, category)
    recording.require_work(actor, case, category)
    _require_time(case)
    note, is_new = recording.new_row(
        actor, case, Note, key=key, kind=NoteKind(kind), visibility=Visibility(visibility), category=category,
        happened_at=_moment(happened_at), with_client=with_client, with_whom=with_whom.strip(),
        **_content(kind, text, channel, result),
    )  # fmt: skip
    if is_new:
        recording.finish(
            actor, case, "write_note", subject=note, visibility=str(visibility), category=str(category)
        )
    return note


def _content(kind: str, text: str, channel: str, result: str) -> dict[str, str]:
    if kind == NoteKind.OBSERVATION:
        words = recording.require_text(text, field="text", message=_("Write what was observed."))
        return {"text": words, "channel": "", "result": ""}
    if not channel:
        raise RuleBroken(_("Tell how the contact took place."), code="cases.no_channel", field="channel")
    return {
        "text": text.strip(),
        "channel": Channel(channel),
        "result": ContactResult(result) if result else ContactResult.REACHED,
    }


def _category(visibility: str, category: str) -> str:
    if visibility == Visibility.RESTRICTED:
        if category == Category.CLIENTHOOD:
            raise RuleBroken(_("Choose the category of data to which the note is restricted."),
                             code="cases.no_category", field="category")  # fmt: skip
        return Category(category)
    # What all in the case read, and what stays in the unit, is of the clienthood: health has its own category.
    return Category.CLIENTHOOD


def _require_time(case: Case) -> None:
    if case.state == State.ENDED and (case.aftercare_until is None or case.aftercare_until < clock.today()):
        recording.require_open(case)


def _moment(happened_at: dt.datetime | None) -> dt.datetime:
    now = clock.now()
    if happened_at is not None and happened_at > now + dt.timedelta(minutes=5):
        raise RuleBroken(_("The time is in the future. Give the time at which it happened."), code="cases.future_day",
                         field="happened_at")  # fmt: skip
    return recording.to_the_minute(happened_at or now)


@transaction.atomic
def correct_note(actor: Actor, *, note: Note, version: int, text: str) -> Note:
    """Puts the text of one's own note right; the database keeps what it said before."""
    case = recording.case_of(note)
    _require_own(actor, case, note)
    if note.withdrawn_at is not None:
        raise RuleBroken(_("The note has been withdrawn."), code="cases.withdrawn")
    words = text.strip()
    if note.kind == NoteKind.OBSERVATION:
        words = recording.require_text(text, field="text", message=_("Write what was observed."))
    note = recording.change(note, version, text=words)
    recording.finish(actor, case, "correct_note", subject=note)
    return note


@transaction.atomic
def withdraw_note(actor: Actor, *, note: Note, reason: str, version: int | None = None) -> Note:
    """Takes a note back, with the reason: it no longer counts and the client does not see it, but it is not deleted.

    Only the unit that wrote it can; raises ``NotAllowed`` for others.
    """
    case = recording.case_of(note)
    _require_own(actor, case, note)
    words = recording.require_text(reason, field="reason", message=_("Tell why the note is withdrawn."))
    if note.withdrawn_at is not None:
        raise RuleBroken(_("The note has been withdrawn."), code="cases.withdrawn")
    note = recording.change(
        note, note.version if version is None else version, withdrawn_at=clock.now(), withdrawn_reason=words
    )
    recording.finish(actor, case, "withdraw_note", subject=note)
    return note


@transaction.atomic
def restore_note(actor: Actor, *, note: Note, version: int | None = None) -> Note:
    """Undoes a withdrawal: the note counts again, and whoever could read it reads it again.

    The unit that wrote it can, as long as the case takes notes; the history of the note keeps both steps. Raises
    ``RuleBroken`` where it has not been withdrawn.
    """
    case = recording.case_of(note)
    _require_own(actor, case, note)
    _require_time(case)
    if note.withdrawn_at is None:
        raise RuleBroken(_("The note has not been withdrawn."), code="cases.not_withdrawn")
    note = recording.change(
        note, note.version if version is None else version, withdrawn_at=None, withdrawn_reason=""
    )
    recording.finish(actor, case, "restore_note", subject=note)
    return note


def _require_own(actor: Actor, case: Case, note: Note) -> None:
    access.require(actor, Permission.CASE_WORK, case.scope)
    if note.recorded_by_unit_id != actor.unit_id:
        raise NotAllowed(_("Only the unit that wrote the note can change it."), code="cases.note_of_another")
