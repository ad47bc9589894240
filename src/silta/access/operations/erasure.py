"""Retention: erases what its time is up for, by the declarations of the models, or only counts it.

The runner imports no room: it walks Django's registry of models and reads each ``PersonalData.retention``. A dry run
does the very same work in a transaction that is then undone, so its counts are those of the real run.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from silta.access import queries, rules
from silta.access.enums import ErasureState, Permission
from silta.access.models import ErasureRelease, ErasureRun, Grant
from silta.access.operations import warning
from silta.access.queries.retention import (
    Model,
    erasable,
    in_order,
    is_history,
    midnight_of,
    retention_of,
    silta_models,
    time_up,
    waited_for,
)
from silta.access.rules import erased_from
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, RuleBroken
from silta.kernel.personaldata import Holds, Retention, declared_by
from silta.people.enums import NoCodeReason
from silta.people.models import Person

_BATCH = 500
# Of how many earlier runs the most is what is usual, and how far ahead the officer sees what is coming.
_EARLIER = 30
AHEAD = (30, 90, 365)
_TOLD_AS: dict[str, str] = {ErasureState.STOPPED: "access.erase_stopped"}
# Where an emptied row must hold something: the reason a person has no code, an address no other user has.
_EMPTIED: dict[type[models.Model], dict[str, object]] = {
    Person: {"no_code_reason": NoCodeReason.NOT_KNOWN},
    User: {"email": Concat(Cast("id", models.CharField()), Value("@erased.invalid")), "is_active": False},
}


def erase(*, is_dry: bool = True, today: dt.date | None = None) -> ErasureRun:
    """Erases every row whose retention has ended on ``today``, and what hangs on it; returns the run with its counts.

    Held rows are left and counted, and so are those of which nobody was warned long enough ago: what comes within the days
    of warning is warned of first (``operations.warning``). A dry run leaves everything and counts the same. A run in earnest
    first looks at what is due: where that looks wrong (``rules.alarms``) and the officer has not released it, it stops
    before anything is erased. It erases batch by batch, each with its counts in one transaction, so that a run that was
    cut off goes on where it stopped; and no more rows on a day than ``RETENTION_QUOTA``. Rows are erased table by table,
    the dependent first, the history with its rows; the journal is shortened from its start only. Runs as the owner of the
    database; raises ``PermissionError`` in the web process.
    """
    day = today or clock.today()
    with maintaining():
        run = _begun(is_dry=is_dry, today=day)
        if is_dry:
            _count(run, day)
    if run.state == ErasureState.RUNNING:
        _go_on(run, day)
    with maintaining():
        run.finished_at = clock.now()
        run.save()
        audit.record(
            None, _TOLD_AS.get(run.state, "access.erase") if not is_dry else "access.erase_dry", subject=run,
            rows=sum(run.counts.values()), held=sum(run.held.values()),
        )  # fmt: skip
    return run


@transaction.atomic
def release_erasure(actor: Actor, *, run: ErasureRun, reason: str) -> ErasureRelease:
    """Says that the counts of a stopped run are right: the next run erases as much, and stops again for more.

    Raises ``NotAllowed`` without the permission to oversee retention, ``RuleBroken`` without a reason, ``Conflict``
    where the run was not stopped, is not the newest, or has been released.
    """
    queries.require(actor, Permission.RETENTION_OVERSEE)
    if not reason.strip():
        raise RuleBroken(_("Say why the counts are right."), code="access.release_reason", field="reason")
    newest = ErasureRun.objects.filter(is_dry=False).first()
    if run.state != ErasureState.STOPPED or newest != run or hasattr(run, "release"):
        raise Conflict(_("This run does not wait for you any more."), code="access.release_late")
    release = ErasureRelease(
        run=run, reason=reason.strip(), released_by_id=actor.user_id, released_at=clock.now()
    )
    release.save(force_insert=True)
    audit.record(actor, "access.release_erasure", subject=run)
    return release


def _begun(*, is_dry: bool, today: dt.date) -> ErasureRun:
    """The run that was cut off, or a new one with what is due; stopped where that looks wrong."""
    earnest = ErasureRun.objects.filter(is_dry=False)
    if not is_dry and (cut_off := earnest.filter(state=ErasureState.RUNNING).first()):
        return cut_off
    due, total = _due_now(today)
    run = ErasureRun(started_at=clock.now(), is_dry=is_dry, due=due, coming=_coming(today, due))
    if not is_dry:
        newest = earnest.select_related("release").first()
        is_released = newest is not None and hasattr(newest, "release")
        before = [one.due for one in earnest.exclude(state=ErasureState.STOPPED)[:_EARLIER]]
        run.alarms = [
            alarm
            for alarm in rules.alarms(due, total, before)
            if not (is_released and newest is not None and rules.is_covered(alarm, newest.alarms))
        ]
        run.state = ErasureState.STOPPED if run.alarms else ErasureState.RUNNING
    run.save(force_insert=True)
    warning.warn(run, today)
    return run


def _due_now(today: dt.date, *, ahead: int = 0) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows of each table start an erasure so many days ahead, and of how many."""
    due, total = {}, {}
    for model in in_order():
        retention = retention_of(model)
        if model is Event or (retention.years is None and not waited_for(model, retention)):
            continue
        rows = erasable(model, retention, today, ahead=ahead)
        if model in _EMPTIED:
            rows = rows.exclude(**_tests_of_empty(model))
        if number := rows.count():
            due[model._meta.label_lower] = number
            total[model._meta.label_lower] = model._default_manager.count()
    return due, total


def _coming(today: dt.date, due: dict[str, int]) -> dict[str, dict[str, int]]:
    """How many rows more of each table will be due within so many days."""
    told = {}
    for days in AHEAD:
        later, _total = _due_now(today, ahead=days)
        told[str(days)] = {
            table: rows - due.get(table, 0) for table, rows in later.items() if rows > due.get(table, 0)
        }
    return told


def _count(run: ErasureRun, today: dt.date) -> None:
    """Does all of it in a transaction that is then undone."""
    undo = transaction.savepoint()
    for model, keys in _work(run, today):
        _erase_batch(run, model, keys, today)
    transaction.savepoint_rollback(undo)


def _go_on(run: ErasureRun, today: dt.date) -> None:
    """Erases batch by batch, each in a transaction of its own, to the end or to the day's quota."""
    midnight = dt.datetime.combine(clock.today(), dt.time(), clock.HELSINKI)
    with maintaining():
        earlier = ErasureRun.objects.filter(is_dry=False, started_at__gte=midnight).exclude(pk=run.pk)
        left = settings.RETENTION_QUOTA - sum(earlier.values_list("handled", flat=True)) - run.handled
    for model, keys in _work(run, today):
        waiting = keys
        while model is Event or (waiting and left > 0):
            batch, waiting, before = waiting[:left], waiting[left:], run.handled
            with maintaining():
                _erase_batch(run, model, batch, today)
                run.save()
            left -= run.handled - before
            if model is Event:
                break
        if waiting:
            run.state = ErasureState.QUOTA
            return
    run.state = ErasureState.DONE


def _work(run: ErasureRun, today: dt.date) -> Iterator[tuple[Model, list[object]]]:
    """The batches to erase, again and again until nothing is left: what one erased may be what another row waited for."""
    before = -1
    while sum(run.counts.values()) > before:
        before = sum(run.counts.values())
        run.held = {}
        for model in in_order():
            retention = retention_of(model)
            if model is Event:
                yield model, []
            elif retention.years is not None or waited_for(model, retention):
                yield from ((model, keys) for keys in _batches(run, model, retention, today))


def _erase_batch(run: ErasureRun, model: Model, keys: list[object], today: dt.date) -> None:
    erased: Counter[str] = Counter()
    if model is Event:
        years = retention_of(model).years or 0
        erased[model._meta.label_lower] += audit.shorten(
            midnight_of(erased_from(today, years) + dt.timedelta(days=1))
        )
    else:
        keys = _still_to_go(model, keys, today)
        _keep_statistics(run, model, keys)
        _erase_rows(model, keys, erased)
        # Those that were emptied before and wait only for what still names them are no part of the day's work.
        label = model._meta.label_lower
        run.handled += min(len(keys), erased[label] + erased[f"{label} (emptied)"])
    run.counts = {name: number for name, number in sorted((Counter(run.counts) + erased).items()) if number}


def _keep_statistics(run: ErasureRun, model: Model, keys: list[object]) -> None:
    """Counts what goes by the facts that the declaration names; nothing of it is anybody's own."""
    facts = retention_of(model).statistics
    if not facts or not keys:
        return
    rows = (
        model._default_manager.filter(pk__in=keys).order_by().values_list(*facts).annotate(models.Count("pk"))
    )
    kept = Counter({tuple(row[:-1]): row[-1] for row in run.kept.get(model._meta.label_lower, [])})
    kept.update({tuple(row[:-1]): row[-1] for row in rows})
    run.kept = run.kept | {
        model._meta.label_lower: [[*fact, number] for fact, number in sorted(kept.items(), key=str)]
    }


def _batches(run: ErasureRun, model: Model, retention: Retention, today: dt.date) -> Iterator[list[object]]:
    """The keys of the rows to go, batch by batch, read once because erasing takes the rows away; the held are counted."""
    with maintaining():
        if retention.hold:
            held = time_up(model, retention, today).filter(**{retention.hold: True}).count()
            run.held |= {model._meta.label_lower: held} if held else {}
        keys = list(erasable(model, retention, today).values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _still_to_go(model: Model, keys: list[object], today: dt.date) -> list[object]:
    """Of these rows those that are to go even now: some may have been held, reopened or named anew since they were counted.

    They are locked first and looked at then, in a statement of its own: whoever changes one now waits, and whatever was
    changed before is seen.
    """
    rows = model._default_manager.filter(pk__in=keys).order_by("pk")
    locked = list(rows.select_for_update().values_list("pk", flat=True))
    return list(
        erasable(model, retention_of(model), today).filter(pk__in=locked).values_list("pk", flat=True)
    )


def _erase_rows(model: Model, keys: Iterable[object], erased: Counter[str]) -> None:
    """Erases these rows, the rows that follow them, their own kind that is joined to them, and their history.

    A row that something kept longer still names (a permit names its person) is emptied instead, and goes when that goes.
    """
    keys = _with_joined(model, list(keys))
    if not keys:
        return
    for relation in model._meta.related_objects:
        follower = relation.related_model
        if not isinstance(follower, type) or is_history(follower) or follower is model:
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
    values = _values_of_nobody(model)
    tests = _tests_of_empty(model)
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


def _values_of_nobody(model: Model) -> dict[str, object]:
    declared = declared_by(model)
    return {
        name: None if model._meta.get_field(name).null else ""
        for name, holds in (declared.fields.items() if declared else ())
        if holds in {Holds.IDENTITY, Holds.CONTACT, Holds.HEALTH, Holds.FREE_TEXT}
    } | _EMPTIED.get(model, {})


def _tests_of_empty(model: Model) -> dict[str, object]:
    """The conditions that hold together of a row that has been emptied."""
    plain = {name: value for name, value in _values_of_nobody(model).items() if not isinstance(value, Concat)}
    return {
        f"{name}__isnull" if value is None else name: value is None or value for name, value in plain.items()
    }


def _with_joined(model: Model, keys: list[object]) -> list[object]:
    """The rows, and those of the same table that cannot stand without them (a merged duplicate beside its person)."""
    for field in model._meta.get_fields():
        bound = isinstance(field, models.ForeignKey) and field.related_model is model
        if bound and getattr(field.remote_field, "on_delete", None) is models.PROTECT:
            query = Q(**{f"{field.name}__in": keys})
            keys = list({*keys, *model._default_manager.filter(query).values_list("pk", flat=True)})
    return keys
