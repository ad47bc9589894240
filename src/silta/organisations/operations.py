"""Founding, changing, closing and succession. Who may is decided above; every verb leaves its mark in the journal.

An installation's very first organisation is founded by nobody: from the command line, before there is an actor.
"""

import datetime as dt
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.kernel.identifiers import normalise_business_id
from silta.organisations import rules
from silta.organisations.enums import Kind, Sector
from silta.organisations.models import Organisation, Succession, Unit

Body = TypeVar("Body", Organisation, Unit)
_NAMES = ("name_fi", "name_sv", "name_en")
_LONGEST = 200


@transaction.atomic
def found_organisation(
    actor: Actor | None,
    *,
    kind: str,
    name_fi: str,
    name_sv: str = "",
    name_en: str = "",
    business_id: str = "",
    parent: Organisation | None = None,
    valid_from: dt.date,
    valid_until: dt.date | None = None,
    requires_second_factor: bool = False,
) -> Organisation:
    """Adds an organisation from a day on (REQ-000-03: responsibility moves without losing history).

    Raises ``RuleBroken`` with the field at fault: an unknown kind, a missing name, a business id that does not hold or
    is another's, a period that ends before it begins or reaches outside the parent's.
    """
    if kind not in Kind.values:
        raise RuleBroken(_("Choose a kind from the list."), code="organisations.kind", field="kind")
    row = Organisation(
        kind=kind, business_id=_business_id(business_id), parent=parent, valid_from=valid_from, valid_until=valid_until,
        requires_second_factor=requires_second_factor, **_named(name_fi, name_sv, name_en),
    )  # fmt: skip
    _require_period(row)
    _save_organisation(row, adding=True)
    audit.record(actor, "organisations.found_organisation", subject=row, organisation_kind=kind)
    return row


@transaction.atomic
def found_unit(
    actor: Actor | None,
    *,
    organisation: Organisation,
    sector: str,
    name_fi: str,
    name_sv: str = "",
    name_en: str = "",
    parent: Unit | None = None,
    valid_from: dt.date,
    valid_until: dt.date | None = None,
) -> Unit:
    """Adds a unit to an organisation, under another of its units where ``parent`` is given.

    Raises ``RuleBroken`` with the field at fault: an unknown sector, a missing name, a period outside the organisation's
    or the parent's, a parent of another organisation.
    """
    if sector not in Sector.values:
        raise RuleBroken(_("Choose a sector from the list."), code="organisations.sector", field="sector")
    row = Unit(
        organisation=organisation, sector=sector, parent=parent, valid_from=valid_from, valid_until=valid_until,
        **_named(name_fi, name_sv, name_en),
    )  # fmt: skip
    _require_period(row)
    row.save(force_insert=True)
    audit.record(actor, "organisations.found_unit", subject=row)
    return row


@transaction.atomic
def rename(actor: Actor, *, body: Body, name_fi: str, name_sv: str = "", name_en: str = "") -> Body:
    """Gives an organisation or a unit its present name in three languages. Raises ``RuleBroken`` for a missing name."""
    row = _locked(body)
    for field, name in _named(name_fi, name_sv, name_en).items():
        setattr(row, field, name)
    row.save(update_fields=_NAMES)
    audit.record(actor, "organisations.rename", subject=row)
    return row


@transaction.atomic
def correct_organisation(
    actor: Actor, *, organisation: Organisation, kind: str, business_id: str, parent: Organisation | None
) -> Organisation:
    """Puts right what an organisation is, its business id and what it is part of; each change is an event of its own.

    Raises ``RuleBroken`` with the field at fault: an unknown kind, a business id that does not hold or is another's, a
    parent under itself or one that does not exist for the whole of its period.
    """
    row = _locked(organisation)
    if kind not in Kind.values:
        raise RuleBroken(_("Choose a kind from the list."), code="organisations.kind", field="kind")
    if kind != row.kind:
        before, row.kind = row.kind, kind
        row.save(update_fields=["kind"])
        audit.record(actor, "organisations.change_kind", subject=row, before=before, after=kind)
    if (number := _business_id(business_id)) != row.business_id:
        row.business_id = number
        _save_organisation(row, adding=False)
        audit.record(actor, "organisations.change_business_id", subject=row)
    return row if _is_under(row, parent) else move_under(actor, body=row, parent=parent)


@transaction.atomic
def correct_unit(actor: Actor, *, unit: Unit, sector: str, parent: Unit | None) -> Unit:
    """Puts right the sector of a unit and the unit above it; each change is an event of its own.

    Raises ``RuleBroken`` with the field at fault: an unknown sector, a parent that cannot be.
    """
    row = _locked(unit)
    if sector not in Sector.values:
        raise RuleBroken(_("Choose a sector from the list."), code="organisations.sector", field="sector")
    if sector != row.sector:
        before, row.sector = row.sector, sector
        row.save(update_fields=["sector"])
        audit.record(actor, "organisations.change_sector", subject=row, before=before, after=sector)
    return row if _is_under(row, parent) else move_under(actor, body=row, parent=parent)


def _is_under(body: Organisation | Unit, parent: Organisation | Unit | None) -> bool:
    return body.parent_id == (parent.pk if parent else None)


@transaction.atomic
def move_under(actor: Actor, *, body: Body, parent: Body | None) -> Body:
    """Puts an organisation under another, or a unit under another of the same organisation; ``None`` puts it on its own.

    Raises ``RuleBroken`` (``parent``) where it would come under itself, or its period reaches outside the parent's.
    """
    row = _locked(body)
    parents: dict[UUID, UUID | None] = dict(
        type(row).objects.select_for_update().values_list("pk", "parent_id")
    )
    if rules.is_cycle(parents, row.pk, parent.pk if parent else None):
        raise RuleBroken(
            _("It would come under itself. Choose another parent."),
            code="organisations.cycle",
            field="parent",
        )
    row.parent = parent
    _require_period(row)
    row.save(update_fields=["parent"])
    audit.record(actor, "organisations.move_under", subject=row, parent_id=str(parent.pk) if parent else "")
    return row


@transaction.atomic
def require_second_factor(actor: Actor, *, organisation: Organisation, required: bool) -> Organisation:
    """Sets whether the organisation's people must sign in with two factors."""
    row = _locked(organisation)
    row.requires_second_factor = required
    row.save(update_fields=["requires_second_factor"])
    audit.record(actor, "organisations.require_second_factor", subject=row, required=required)
    return row


@transaction.atomic
def close_unit(actor: Actor, *, unit: Unit, on: dt.date) -> Unit:
    """Closes a unit: ``on`` is its last day. What it did stays under its name.

    Raises ``RuleBroken`` where a unit below it goes on longer, or the day is before its first.
    """
    row = _close(_locked(unit), on, below=Unit.objects.filter(parent=unit))
    audit.record(actor, "organisations.close_unit", subject=row, on=on.isoformat())
    return row


@transaction.atomic
def close_organisation(actor: Actor, *, organisation: Organisation, on: dt.date) -> Organisation:
    """Closes an organisation: ``on`` is its last day. Its units must be closed by then, and organisations below it too.

    Raises ``RuleBroken`` where one of them goes on longer, or the day is before its first.
    """
    row = _locked(organisation)
    _require_closed(Unit.objects.filter(organisation=row).exclude(valid_until__lte=on).exists())
    row = _close(row, on, below=Organisation.objects.filter(parent=row))
    audit.record(actor, "organisations.close_organisation", subject=row, on=on.isoformat())
    return row


def require_succession(*, from_unit: Unit, to_unit: Unit, on: dt.date, reason: str) -> None:
    """Refuses a succession that cannot be, as ``succeed`` would; writes nothing. Raises ``RuleBroken`` as it does."""
    if not _tidy(reason):
        raise RuleBroken(_("Write the reason."), code="organisations.reason", field="reason")
    if from_unit.pk == to_unit.pk:
        raise RuleBroken(_("Choose two different units."), code="organisations.same_unit", field="to_unit")
    if not rules.is_within(on, on, to_unit.valid_from, to_unit.valid_until):
        raise RuleBroken(
            _("The receiving unit does not exist on that day."),
            code="organisations.receiver",
            field="to_unit",
        )
    steps = [
        rules.HandOver(*step) for step in Succession.objects.values_list("from_unit_id", "to_unit_id", "on")
    ]
    if rules.HandOver(from_unit.pk, to_unit.pk, on) in steps:
        raise RuleBroken(
            _("This hand-over is already recorded."), code="organisations.recorded", field="to_unit"
        )
    if rules.leads_to(steps, to_unit.pk, from_unit.pk):
        raise RuleBroken(
            _("The work would come back to the unit it came from."),
            code="organisations.circle",
            field="to_unit",
        )
    if _ends_by(from_unit, on):
        _require_closable(from_unit, on - dt.timedelta(days=1), below=Unit.objects.filter(parent=from_unit))


def _tidy(reason: str) -> str:
    return " ".join(reason.split())[:300]


def _ends_by(giver: Unit, on: dt.date) -> bool:
    """Whether a hand-over on the day is what ends the unit; one that was closed earlier stays so."""
    return giver.valid_until is None or giver.valid_until >= on


@transaction.atomic
def succeed(actor: Actor, *, from_unit: Unit, to_unit: Unit, on: dt.date, reason: str) -> Succession:
    """Records that from the day ``on`` the work of one unit is another's, in the same or another organisation.

    The former unit's last day is the day before, unless it was closed earlier (REQ-001-96, REQ-000-03). Two hand-overs
    on one day split the work. Cases, grants and memberships are moved by the rooms that own them, which ask
    ``queries.successor_of``. Raises ``RuleBroken``: no reason, the same unit twice, a receiver that does not exist on
    the day, a unit that was closed before it was founded, work that would come back to where it came from.
    """
    first, second = sorted([from_unit, to_unit], key=lambda unit: unit.pk)
    rows = {unit.pk: _locked(unit) for unit in (first, second)}
    giver, receiver = rows[from_unit.pk], rows[to_unit.pk]
    require_succession(from_unit=giver, to_unit=receiver, on=on, reason=reason)
    if _ends_by(giver, on):
        _close(giver, on - dt.timedelta(days=1), below=Unit.objects.filter(parent=giver))
    row = Succession(from_unit=giver, to_unit=receiver, on=on, reason=_tidy(reason))
    row.save(force_insert=True)
    audit.record(
        actor, "organisations.succeed", subject=row, from_unit=str(giver.pk), to_unit=str(receiver.pk),
        on=on.isoformat(),
    )  # fmt: skip
    return row


def _locked(body: Body) -> Body:
    row = type(body).objects.select_for_update(of=("self",)).filter(pk=body.pk).first()
    if row is None:
        raise NotFound(_("There is no such unit or organisation."), code="organisations.not_found")
    return row


def _named(name_fi: str, name_sv: str, name_en: str) -> dict[str, str]:
    names = {
        field: " ".join(name.split()) for field, name in zip(_NAMES, (name_fi, name_sv, name_en), strict=True)
    }
    if not names["name_fi"]:
        raise RuleBroken(_("Write the name in Finnish."), code="organisations.name", field="name_fi")
    for field, name in names.items():
        if len(name) > _LONGEST or not name.isprintable():
            raise RuleBroken(
                _("The name is too long or has odd characters."), code="organisations.name", field=field
            )
    return names


def _business_id(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return normalise_business_id(text)
    except ValueError as error:
        raise RuleBroken(
            _("The business id does not hold. It has seven digits, a hyphen and a check digit."),
            code="organisations.business_id", field="business_id",
        ) from error  # fmt: skip


def _save_organisation(row: Organisation, *, adding: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=adding)
    except IntegrityError as error:
        if "organisations_business_id" not in str(error):
            raise
        raise RuleBroken(
            _("Another organisation has this business id."),
            code="organisations.business_id_taken",
            field="business_id",
        ) from error


def _require_period(row: Organisation | Unit) -> None:
    """The period must be one, and lie inside those of the parent and, of a unit, the organisation."""
    if row.valid_until is not None and row.valid_until < row.valid_from:
        raise RuleBroken(
            _("The last day is before the first."), code="organisations.period", field="valid_until"
        )
    outer: list[tuple[str, Organisation | Unit]] = [("parent", row.parent)] if row.parent else []
    if isinstance(row, Unit):
        outer.append(("valid_from", row.organisation))
        if row.parent and row.parent.organisation_id != row.organisation_id:
            raise RuleBroken(
                _("The unit above must be of the same organisation."),
                code="organisations.parent",
                field="parent",
            )
    for field, body in outer:
        if not rules.is_within(row.valid_from, row.valid_until, body.valid_from, body.valid_until):
            raise RuleBroken(
                _("%(name)s does not exist for the whole of that period.") % {"name": body.name},
                code="organisations.outside", field=field,
            )  # fmt: skip


def _require_closed(goes_on: object) -> None:
    if goes_on:
        raise RuleBroken(
            _("Something below it goes on longer. Close that first."),
            code="organisations.goes_on",
            field="on",
        )


def _require_closable(row: Body, on: dt.date, below: QuerySet[Body]) -> None:
    if on < row.valid_from:
        raise RuleBroken(_("The last day is before the first."), code="organisations.period", field="on")
    _require_closed(below.exclude(valid_until__lte=on).exists())


def _close(row: Body, on: dt.date, below: QuerySet[Body]) -> Body:
    _require_closable(row, on, below)
    row.valid_until = on
    row.save(update_fields=["valid_until"])
    return row
