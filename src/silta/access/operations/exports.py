"""A person's own export: asked for by herself or by an officer on her behalf, put together by the worker, then emptied."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from silta.access import queries, rules
from silta.access.enums import DataRight, Permission, Purpose
from silta.access.models import DataExport, Representation
from silta.access.queries import own_data
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.kernel import clock
from silta.kernel.acting import acting, maintaining
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, RuleBroken
from silta.kernel.language import LANGUAGES

TASK = "access.make_export"


@transaction.atomic
def ask_for_own_data(actor: Actor, *, language: str) -> DataExport:
    """The client asks for everything that is held about her (GDPR, Articles 15 and 20); the worker puts it together.

    Raises ``NotAllowed`` for whoever is no client, ``RuleBroken`` while an earlier request is being put together.
    """
    person_id = queries.own_person_id(actor)
    return _ask(actor, person_id, ground=DataRight.ACCESS, reason="", language=language)


@transaction.atomic
def ask_on_behalf(actor: Actor, *, person_id: UUID, ground: str, reason: str, language: str) -> DataExport:
    """The data protection officer asks for a client who cannot do so herself, on her right, and tells how she asked.

    Raises ``NotAllowed`` without the permission or where the officer's organisation has never had a ground to know the
    person, ``RuleBroken`` without a reason or an unknown right, or while an earlier request is being put together.
    """
    queries.require(actor, Permission.OWN_DATA_GIVE)
    if not queries.organisation_knows(person_id):
        raise NotAllowed("", code="access.export_of_a_stranger", person_id=person_id)
    if ground not in DataRight:
        raise RuleBroken(_("Say on which right of hers."), code="access.export_ground", field="ground")
    if not reason.strip():
        raise RuleBroken(
            _("Tell how she asked, and how you made sure who she is."),
            code="access.export_reason",
            field="reason",
        )
    return _ask(actor, person_id, ground=ground, reason=reason.strip(), language=language)


def _ask(actor: Actor, person_id: UUID, *, ground: str, reason: str, language: str) -> DataExport:
    now = clock.now()
    lost = now - dt.timedelta(hours=rules.EXPORT_HOURS_LOST)
    if DataExport.objects.filter(
        person_id=person_id, asked_by_id=actor.user_id, ready_at__isnull=True, asked_at__gt=lost
    ).exists():
        raise RuleBroken(_("Your data are being put together already."), code="access.export_under_way")
    row = DataExport(
        person_id=person_id, asked_by_id=actor.user_id, asked_by_unit_id=actor.unit_id, asked_at=now, ground=ground,
        reason=reason, language=language if language in LANGUAGES else LANGUAGES[0],
    )  # fmt: skip
    row.save(force_insert=True)
    audit.record(actor, "access.ask_export", person_id=person_id, subject=row, right=str(ground))
    app.configure_task(TASK).defer(export_id=str(row.pk))
    return row


def make_export(export_id: UUID) -> None:
    """Puts an export together as the person herself would read it; one that is made already is left alone.

    Steps out of row-level security only to count what is held: of rows that she does not read, their number and the
    ground are told. For the worker; raises ``PermissionError`` in the web process.
    """
    with maintaining():
        row = DataExport.objects.select_related("person").filter(pk=export_id, ready_at__isnull=True).first()
        if row is None:
            return
        person, own_user = row.person, _own_user(row.person_id)
        is_herself = row.asked_by_unit_id is not None or row.asked_by_id == own_user
        with_contacts = is_herself or not person.non_disclosure
        held = own_data.count(person.pk, with_contacts=with_contacts)
    reader = Actor(
        user_id=own_user if is_herself and own_user else row.asked_by_id, role="client",
        purpose=Purpose.OWN_MATTER, person_id=person.pk,
    )  # fmt: skip
    with acting(reader), translation.override(row.language):
        found = own_data.everything(person.pk, held=held, with_contacts=with_contacts)
    with maintaining():
        now = clock.now()
        row.content, row.ready_at = found, now
        row.expires_at = now + dt.timedelta(days=rules.EXPORT_DAYS)
        row.save(update_fields=["content", "ready_at", "expires_at"])
        _empty(
            DataExport.objects.filter(person=person, asked_by_id=row.asked_by_id, ready_at__lt=now).exclude(
                pk=row.pk
            )
        )
        audit.record(
            None, "access.make_export", person_id=person.pk, subject=row,
            rows=sum(len(one["rows"]) for one in found["sections"]),
            kept_back=sum(one["kept_back"] for one in found["sections"]),
        )  # fmt: skip


def _own_user(person_id: UUID) -> UUID | None:
    """The user who is the person herself, if she signs in."""
    today = clock.today()
    rows = Representation.objects.filter(person_id=person_id, is_self=True, valid_from__lte=today)
    found = rows.exclude(valid_until__lt=today).order_by("valid_from", "id").first()
    return found.user_id if found else None


def _empty(rows: "QuerySet[DataExport]") -> int:
    return rows.filter(content__isnull=False).update(content=None, expires_at=clock.now())


@transaction.atomic
def read_export(actor: Actor, *, export_id: UUID, form: str) -> DataExport:
    """An export that can still be read, for whoever asked for it; each reading is journalled with its form.

    Raises ``NotFound`` for another's, for one that is not ready yet and for one whose days are over.
    """
    row = queries.export_for(actor, export_id)
    audit.record(
        actor, "access.read_export", kind=Kind.READ, person_id=row.person_id, subject=row, form=form,
        right=str(row.ground),
    )  # fmt: skip
    return row


def empty_exports() -> int:
    """Takes the data out of exports whose days are over; returns how many. For the worker, every hour."""
    with maintaining():
        return _empty(DataExport.objects.filter(expires_at__lte=clock.now(), content__isnull=False))
