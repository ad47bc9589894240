"""Which rows retention lets go of, and when: by the declarations of the models, read from Django's registry of them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, TruncDate

from silta.access import rules
from silta.access.models import ErasureRun
from silta.audit.models import ChainHead
from silta.kernel import clock
from silta.kernel.personaldata import KEEP, Retention, declared_by

Model = type[models.Model]
Rows = models.QuerySet[models.Model]


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
    declared = declared_by(tracked)
    return declared.retention if declared is not None else KEEP


def is_history(model: Model) -> bool:
    """Whether the table keeps the history of another."""
    return hasattr(model, "pgh_tracked_model")


def in_order() -> list[Model]:
    """The models that start an erasure, each after those whose rows point to it: the dependent go first."""
    roots = [model for model in silta_models() if not is_history(model) and model is not ChainHead]
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


def waited_for(model: Model, retention: Retention) -> list[str]:
    """The reverse relations a row waits for, where it follows such."""
    return [name for name in retention.follows.split() if model._meta.get_field(name).auto_created]


def time_up(model: Model, retention: Retention, day: dt.date) -> "Rows":
    """The rows whose time is up on the day: the first start that is set lies far enough back, and nothing they wait for is left."""
    rows: Rows = model._default_manager.all()
    if retention.years is not None:
        last = rules.erased_from(day, retention.years)
        paths = retention.start.split(" or ")
        if isinstance(_field_at(model, paths[0]), models.DateTimeField):
            limit: dt.date = midnight_of(last + dt.timedelta(days=1))
        else:
            limit = last + dt.timedelta(days=1)
        if len(paths) == 1:
            rows = rows.filter(**{f"{paths[0]}__lt": limit})
        else:
            kind = models.DateTimeField()
            rows = rows.annotate(kept_since=Coalesce(*paths, output_field=kind)).filter(
                kept_since__lt=midnight_of(last + dt.timedelta(days=1))
            )
    for name in waited_for(model, retention):
        rows = rows.filter(**{f"{name}__isnull": True})
    return rows.order_by()


def erasable(model: Model, retention: Retention, today: dt.date, *, ahead: int = 0) -> "Rows":
    """The rows that go so many days ahead, as far as is known today: their time is up, nothing holds them, they were warned of."""
    rows = _not_held(time_up(model, retention, today + dt.timedelta(days=ahead)), retention)
    return rows.filter(_warned(retention.warning, today, ahead)) if retention.warning else rows


def warned_of() -> Iterator[tuple[Model, Retention, tuple[str, str]]]:
    """The models whose rows do not go unwarned, with the fields of their warning."""
    for model in silta_models():
        retention = retention_of(model)
        if retention.warning is not None and not is_history(model):
            yield model, retention, retention.warning


def to_warn_of(model: Model, retention: Retention, warned_on: str, today: dt.date) -> "Rows":
    """The rows whose time is up within the days of warning, that nothing holds and nobody was warned of."""
    ahead = today + dt.timedelta(days=settings.RETENTION_WARNING_DAYS)
    return _not_held(time_up(model, retention, ahead), retention).filter(**{f"{warned_on}__isnull": True})


def _not_held(rows: "Rows", retention: Retention) -> "Rows":
    return rows.exclude(**{retention.hold: True}) if retention.hold else rows


def _warned(warning: tuple[str, str], today: dt.date, ahead: int) -> Q:
    """Whether the day that was told has come by then, and today: whether those who were told have had the nights to see it.

    What was told stands, whatever the setting says by now. What nobody was told of yet is counted with what comes after
    a whole warning.
    """
    warned_on, goes_on = warning
    told = Q(**{f"{goes_on}__lte": today + dt.timedelta(days=ahead)})
    if ahead:
        unwarned = Q(**{f"{goes_on}__isnull": True})
        return told | unwarned if ahead >= settings.RETENTION_WARNING_DAYS else told
    since = lived_since(today, rules.nights_to_see(settings.RETENTION_WARNING_DAYS))
    return told & Q(**{f"{warned_on}__lte": since}) if since else Q(pk__in=[])


def lived_since(today: dt.date, nights: int) -> dt.date | None:
    """The day since which retention has run on so many days before today; none where it has not run on so many.

    A warning is as old as the days on which the product was there to show it: neither an outage nor a clock that leaps
    makes it older.
    """
    runs = ErasureRun.objects.filter(started_at__lt=midnight_of(today)).order_by()
    days = runs.annotate(day=TruncDate("started_at", tzinfo=clock.HELSINKI)).values_list("day", flat=True)
    return days.distinct().order_by("-day")[nights - 1 : nights].first()


def _field_at(model: Any, path: str) -> "models.Field[Any, Any]":
    """The field at the end of a path: each step but the last leads to another model."""
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    found: models.Field[Any, Any] = model._meta.get_field(last)
    return found


def midnight_of(day: dt.date) -> dt.datetime:
    """When the day begins."""
    return dt.datetime.combine(day, dt.time(), clock.HELSINKI)
