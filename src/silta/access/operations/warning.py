"""Nobody's data go unwarned: retention says beforehand what it will erase, on a day that is told and then stands.

The warning is two dates in the row itself, which the pages of those whom it concerns read: when it was given, and the
day from which the row goes. A row that is held, taken up again or changed loses its warning, and is warned of anew when
its time comes.
"""

import datetime as dt

from django.conf import settings
from django.db.models import Max, Q

from silta.access.enums import ErasureState
from silta.access.models import ErasureRun
from silta.access.queries.retention import Model, time_up, to_warn_of, warned_of
from silta.audit import operations as audit
from silta.kernel.personaldata import Retention


def warn(run: ErasureRun, today: dt.date) -> None:
    """Takes back the warnings that hold no more and gives those that are wanted, once; counts both in the run.

    A dry run, and one that was stopped, only counts. A row is locked while it is warned of, and the condition is asked
    of it as it then stands: two runs at once give one warning, and what was held meanwhile gets none.
    """
    given = taken = 0
    for model, retention, fields in warned_of():
        label = model._meta.label_lower
        if run.state == ErasureState.RUNNING:
            taken += _take_back(model, retention, fields, today)
            goes_on = today + dt.timedelta(days=settings.RETENTION_WARNING_DAYS)
            given += to_warn_of(model, retention, fields[0], today).update(
                **dict(zip(fields, (today, goes_on), strict=True))
            )
        warned = model._default_manager.filter(**{f"{fields[0]}__isnull": False})
        run.warned[label] = warned.count()
        run.unwarned[label] = to_warn_of(model, retention, fields[0], today).count()
    run.warned = {label: rows for label, rows in run.warned.items() if rows}
    run.unwarned = {label: rows for label, rows in run.unwarned.items() if rows}
    run.save(update_fields=["warned", "unwarned"])
    if given or taken:
        audit.record(None, "access.warn_of_erasure", subject=run, rows=given, taken_back=taken)


def _take_back(model: Model, retention: Retention, fields: tuple[str, str], today: dt.date) -> int:
    """Warnings given on a day that is still to come, by a clock that had leapt, and of rows whose time is not near any more."""
    none: dict[str, None] = dict.fromkeys(fields)
    rows = model._default_manager.filter(**{f"{fields[0]}__isnull": False})
    leapt: int = rows.filter(**{f"{fields[0]}__gt": today}).update(**none)
    last = rows.aggregate(last=Max(fields[1]))["last"]
    if last is None:
        return leapt
    near = Q(pk__in=time_up(model, retention, last).values("pk"))
    return leapt + rows.exclude(near).update(**none)
