"""Retention: erases what its time is up for, by the declarations of the models, or only counts it.

The runner imports no room: it walks Django's registry of models and reads each ``PersonalData.retention``. A dry run
does the very same work in a transaction that is then undone, so its counts are those of the real run.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Cast, Coalesce, Concat

from silta.access.models import ErasureRun, Grant
from silta.access.rules import erased_from
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.audit.models import ChainHead, Event
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.personaldata import KEEP, Holds, Retention
from silta.people.enums import NoCodeReason
from silta.people.models import Person

_BATCH = 500
# Where an emptied row must hold something: the reason a person has no code, an address no other user has.
_EMPTIED: dict[type[models.Model], dict[str, object]] = {
    Person: {"no_code_reason": NoCodeReason.NOT_KNOWN},
    User: {"email": Concat(Cast("id", models.CharField()), Value("@erased.invalid")), "is_active": False},
}
Model = type[models.Model]


def erase(*, is_dry: bool = True, today: dt.date | None = None) -> ErasureRun:
    """Erases every row whose retention has ended on ``today``, and what hangs on it; returns the run with its counts.

    Held rows are left and counted. A dry run leaves everything and counts the same. Rows are erased table by table,
    the dependent first, the history with its rows; the journal is shortened from its start only. Runs as the owner
    of the database; raises ``PermissionError`` in the web process.
    """
    with maintaining():
        run = ErasureRun(started_at=clock.now(), is_dry=is_dry)
        erased: Counter[str] = Counter()
        held: Counter[str] = Counter()
        with transaction.atomic():
            undo = transaction.savepoint()
            before = -1
            while erased.total() > before:  # What one pass erased may be what another row waited for.
                before = erased.total()
                held.clear()
                _erase_all(today or clock.today(), erased, held)
            if is_dry:
                transaction.savepoint_rollback(undo)
        run.counts, run.held, run.finished_at = (
            dict(sorted(erased.items())),
            dict(sorted(held.items())),
            clock.now(),
        )
        run.save(force_insert=True)
        audit.record(
            None, "access.erase" if not is_dry else "access.erase_dry", subject=run, rows=sum(erased.values()),
            held=sum(held.values()),
        )  # fmt: skip
    return run


def silta_models() -> list[Model]:
    """Every concrete model of the product's own rooms, history tables included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("silta.") and not model._meta.proxy
    ]


def retention_of(model: Model) -> Retention:
    """What the model declares; a history table keeps what its tracked model keeps, a library's what its rows hang on."""
    tracked: Model = getattr(model, "pgh_tracked_model", None) or model
    declared = getattr(tracked, "PersonalData", None)
    return declared.retention if declared is not None else KEEP


def _is_history(model: Model) -> bool:
    return hasattr(model, "pgh_tracked_model")


def _erase_all(today: dt.date, erased: Counter[str], held: Counter[str]) -> None:
    for model in _in_order():
        retention = retention_of(model)
        if model is Event:
            erased[model._meta.label_lower] += audit.shorten(
                _midnight_after(erased_from(today, retention.years or 0))
            )
            continue
        if retention.years is None and not _reverse(model, retention):
            continue
        due = _due(model, retention, today)
        if retention.hold:
            stopped = due.filter(**{retention.hold: True}).count()
            if stopped:
                held[model._meta.label_lower] += stopped
            due = due.exclude(**{retention.hold: True})
        for keys in _batches(due):
            _erase_rows(model, keys, erased)


def _in_order() -> list[Model]:
    """The models that start an erasure, each after those whose rows point to it: the dependent go first."""
    roots = [model for model in silta_models() if not _is_history(model) and model is not ChainHead]
    order: list[Model] = []
    seen: set[Model] = set()

    def place(model: Model) -> None:
        if model in seen:
            return
        seen.add(model)
        for relation in model._meta.related_objects:
            if relation.related_model in roots:
                place(relation.related_model)
        order.append(model)

    for model in roots:
        place(model)
    return order


def _reverse(model: Model, retention: Retention) -> list[str]:
    """The reverse relations a row waits for, where it follows such."""
    return [name for name in retention.follows.split() if model._meta.get_field(name).auto_created]


def _due(model: Model, retention: Retention, today: dt.date) -> "models.QuerySet[models.Model]":
    """The rows whose time is up: the first start that is set lies far enough back, and nothing they wait for is left."""
    rows: models.QuerySet[models.Model] = model._default_manager.all()
    if retention.years is not None:
        last = erased_from(today, retention.years)
        paths = retention.start.split(" or ")
        if isinstance(_field_at(model, paths[0]), models.DateTimeField):
            limit: dt.date = _midnight_after(last)
        else:
            limit = last + dt.timedelta(days=1)
        if len(paths) == 1:
            rows = rows.filter(**{f"{paths[0]}__lt": limit})
        else:
            kind = models.DateTimeField()
            rows = rows.annotate(kept_since=Coalesce(*paths, output_field=kind)).filter(
                kept_since__lt=_midnight_after(last)
            )
    for name in _reverse(model, retention):
        rows = rows.filter(**{f"{name}__isnull": True})
    return rows.order_by()


def _field_at(model: Model, path: str) -> "models.Field[object, object]":
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model._meta.get_field(last)  # type: ignore[return-value]


def _midnight_after(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), clock.HELSINKI)


def _batches(rows: "models.QuerySet[models.Model]") -> Iterator[list[object]]:
    """The keys of the rows, batch by batch, read anew each time because erasing takes them away."""
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _erase_rows(model: Model, keys: Iterable[object], erased: Counter[str]) -> None:
    """Erases these rows, the rows that follow them, their own kind that is joined to them, and their history.

    A row that something kept longer still names (a permit names its person) is emptied instead, and goes when that goes.
    """
    keys = _with_joined(model, list(keys))
    if not keys:
        return
    for relation in model._meta.related_objects:
        follower = relation.related_model
        if not isinstance(follower, type) or _is_history(follower) or follower is model:
            continue
        name = relation.field.name
        if name in retention_of(follower).follows.split():
            rows = follower._default_manager.filter(**{f"{name}__in": keys})
            _erase_rows(follower, list(rows.values_list("pk", flat=True)), erased)
    named = _still_named(model, keys)
    _empty(model, named, erased)
    for history in silta_models():
        if getattr(history, "pgh_tracked_model", None) is model:
            gone, _ = history._default_manager.filter(pgh_obj_id__in=keys).delete()
            erased[history._meta.label_lower] += gone
    _, by_table = model._default_manager.filter(pk__in=keys).exclude(pk__in=named).delete()
    for label, number in by_table.items():
        erased[label.lower()] += number


def _still_named(model: Model, keys: list[object]) -> set[object]:
    """Of these rows, those that rows of another table protect from being removed."""
    named: set[object] = set()
    for relation in model._meta.related_objects:
        other = relation.related_model
        if (
            isinstance(other, type)
            and other is not model
            and getattr(relation, "on_delete", None) is models.PROTECT
        ):
            name = relation.field.name
            rows = other._default_manager.filter(**{f"{name}__in": keys})
            named.update(rows.order_by().values_list(name, flat=True).distinct())
    return named


def _empty(model: Model, keys: set[object], erased: Counter[str]) -> None:
    """Takes out of the rows what tells who somebody is, by the model's own declaration; ends what she could be reached by."""
    values = {
        name: None if model._meta.get_field(name).null else ""
        for name, holds in model.PersonalData.fields.items()  # type: ignore[attr-defined]
        if holds in {Holds.IDENTITY, Holds.CONTACT, Holds.HEALTH, Holds.FREE_TEXT}
    } | _EMPTIED.get(model, {})
    plain = {name: value for name, value in values.items() if not isinstance(value, Concat)}
    tests = {
        f"{name}__isnull" if value is None else name: value is None or value for name, value in plain.items()
    }
    rows = model._default_manager.filter(pk__in=keys).exclude(**tests)
    changed = list(rows.values_list("pk", flat=True))
    if changed:
        model._default_manager.filter(pk__in=changed).update(**values)
        erased[f"{model._meta.label_lower} (emptied)"] += len(changed)
    if model is Person:
        now = clock.now()
        Grant.objects.filter(person_id__in=[str(key) for key in keys]).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=now)
        ).update(valid_until=now, ended_reason="erased")


def _with_joined(model: Model, keys: list[object]) -> list[object]:
    """The rows, and those of the same table that cannot stand without them (a merged duplicate beside its person)."""
    for field in model._meta.get_fields():
        bound = isinstance(field, models.ForeignKey) and field.related_model is model
        if bound and getattr(field.remote_field, "on_delete", None) is models.PROTECT:
            query = Q(**{f"{field.name}__in": keys})
            keys = list({*keys, *model._default_manager.filter(query).values_list("pk", flat=True)})
    return keys
