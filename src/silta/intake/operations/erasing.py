"""Forgetting: the rows of a file go some time after it was last handled; its counts and the journal stay."""

from django.db import transaction
from django.db.models import Q

from silta.audit import operations as audit
from silta.intake.models import File, Row
from silta.intake.rules import retention
from silta.kernel import clock
from silta.kernel.acting import maintaining


def erase_rows() -> int:
    """Erases the rows of files last handled longer ago than ``rules.retention.KEPT_DAYS``; returns how many files.

    Steps out of row-level security, for it is no unit's work: only the worker and the command line can run it.
    """
    now = clock.now()
    before = retention.erasable_before(now)
    with maintaining(), transaction.atomic():
        old = File.objects.filter(rows_erased_at__isnull=True).filter(
            Q(progressed_at__lt=before) | Q(progressed_at__isnull=True, recorded_at__lt=before)
        )
        files = list(old.select_for_update(of=("self",)))
        for file in files:
            number, _tables = Row.objects.filter(file=file).delete()
            file.rows_erased_at = now
            file.save(update_fields=["rows_erased_at"])
            audit.record(None, "intake.erase_rows", subject=file, rows=number)
    return len(files)
