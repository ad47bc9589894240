"""What is known of the person's situation, domain by domain, each entry with its source (REQ-001-03)."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.cases.enums import Domain, EntrySource
from silta.cases.models import CATEGORY_OF_DOMAIN, AssessmentEntry, Case
from silta.cases.operations import path, recording
from silta.cases.queries.facts import facts_of
from silta.cases.rules import sources
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, RuleBroken

_LONGEST_DISPUTE = 500


@transaction.atomic
def add_entry(
    actor: Actor,
    *,
    case: Case,
    domain: str,
    text: str,
    source: str,
    source_detail: str = "",
    necessity: str = "",
    as_of: dt.date | None = None,
    key: UUID | None = None,
) -> AssessmentEntry:
    """Records one thing known, in its domain, with its source and the day it was so.

    A diagnosis alone is no reason to store health data: an entry on health or work ability needs the reason why it is
    necessary and from whom it comes (REQ-001-03, 381/2023 11 §), and a unit without a ground to know health data
    cannot write them. Where the clienthood begins with the assessment, nothing is stored before it has started
    (381/2023 12 §); what is recorded after that may tell of any day before. Raises ``RuleBroken`` at the field at fault.
    """
    category = CATEGORY_OF_DOMAIN[Domain(domain)]
    recording.require_work(actor, case, category)
    recording.require_open(case)
    _require_begun(case)
    entry, is_new = recording.new_row(
        actor, case, AssessmentEntry, key=key, category=category, domain=domain,
        **_content(
            category, text=text, source=source, source_detail=source_detail, necessity=necessity, as_of=as_of
        ),
    )  # fmt: skip
    if is_new:
        recording.finish(actor, case, "add_entry", subject=entry, domain=str(domain))
    return entry


def _require_begun(case: Case) -> None:
    since = path.definition_of(case).assessed_since
    if since is not None and since.fact not in facts_of(case).facts.dates:
        raise RuleBroken(f"{since.text} ({sources.in_words(since.source)})", code="cases.not_begun")


def _content(
    category: str, *, text: str, source: str, source_detail: str, necessity: str, as_of: dt.date | None
) -> dict[str, object]:
    words = recording.require_text(text, field="text", message=_("Write what is known."))
    if not source:
        raise RuleBroken(_("Tell from whom this is known."), code="cases.no_source", field="source")
    if category == Category.HEALTH:
        recording.require_text(
            necessity, field="necessity",
            message=_("Health data may be stored only where they are necessary. Tell why."),
        )  # fmt: skip
        recording.require_text(
            source_detail,
            field="source_detail",
            message=_("Name the person or the document the health data come from."),
        )
    today = clock.today()
    return {
        "text": words,
        "source": EntrySource(source),
        "source_detail": source_detail.strip(),
        "necessity": necessity.strip(),
        "as_of": recording.no_later_than(as_of or today, today, field="as_of"),
    }


@transaction.atomic
def correct_entry(
    actor: Actor,
    *,
    entry: AssessmentEntry,
    text: str,
    source: str = "",
    source_detail: str | None = None,
    necessity: str | None = None,
    as_of: dt.date | None = None,
    key: UUID | None = None,
) -> AssessmentEntry:
    """Puts an entry right, or up to date: a new entry takes its place and the old one stays readable behind it.

    What is not given is taken from the old entry. Raises ``Conflict`` where it has been replaced already.
    """
    case = recording.case_of(entry)
    recording.require_work(actor, case, entry.category)
    recording.require_open(case)
    if key is not None and (there := AssessmentEntry.objects.filter(pk=key, case=case).first()):
        return there
    content = _content(
        entry.category,
        text=text,
        source=source or entry.source,
        source_detail=entry.source_detail if source_detail is None else source_detail,
        necessity=entry.necessity if necessity is None else necessity,
        as_of=as_of,
    )
    if not QuerySet(AssessmentEntry).filter(pk=entry.pk, is_current=True).update(is_current=False):
        raise Conflict(
            _("Somebody else has put this right already. Look at the new entry."), code="cases.conflict"
        )
    entry.is_current = False
    newer, _made = recording.new_row(
        actor,
        case,
        AssessmentEntry,
        key=key,
        category=entry.category,
        domain=entry.domain,
        replaces=entry,
        **content,
    )
    recording.finish(actor, case, "correct_entry", subject=newer, domain=entry.domain)
    return newer


@transaction.atomic
def dispute(actor: Actor, *, entry: AssessmentEntry, note: str) -> AssessmentEntry:
    """Records who sees it otherwise, and how; the entry stays, and so does each objection (GDPR art. 16).

    The client disputes for herself; a worker records what she, or another in the case, objects. Raises ``RuleBroken``
    where there is no room left beside the objections before.
    """
    case = recording.case_of(entry)
    if actor.is_client:
        access.require(actor, Permission.OWN_PLAN_SAY, case.scope)
    else:
        recording.require_work(actor, case, entry.category)
    words = recording.require_text(note, field="note", message=_("Tell who sees it otherwise, and how."))
    recording.lock(case)
    entry.refresh_from_db(fields=["disputed_note"])
    words = "\n".join(filter(None, [entry.disputed_note, words]))
    if len(words) > _LONGEST_DISPUTE:
        raise RuleBroken(_("Say it in fewer words."), code="cases.too_long", field="note")
    QuerySet(AssessmentEntry).filter(pk=entry.pk).update(disputed_note=words)
    entry.disputed_note = words
    recording.finish(actor, case, "dispute", subject=entry)
    return entry
