"""What the clock triggers, retention and forgetting, reviews of rights, and the export of her own data that somebody has asked for."""

from uuid import UUID

from django.conf import settings
from procrastinate.contrib.django import app

from silta.access import operations


@app.periodic(cron="30 2 * * *")
@app.task(name="access.nightly_erasure", queueing_lock="access.nightly_erasure")
def nightly_erasure(timestamp: int) -> None:
    """Counts what retention would erase; erases it where the installation has said so (``RETENTION_ERASES``)."""
    operations.erase(is_dry=not settings.RETENTION_ERASES)


@app.periodic(cron="20 2 * * *")
@app.task(name="access.forget_answers", queueing_lock="access.forget_answers")
def forget_answers(timestamp: int) -> None:
    """Forgets what programs were answered days ago."""
    operations.forget_answers()


@app.periodic(cron="40 2 * * *")
@app.task(name="access.start_reviews", queueing_lock="access.start_reviews")
def start_reviews(timestamp: int) -> None:
    """Asks the units whose turn it is whether their staff still need their rights."""
    operations.start_due_reviews()


@app.task(name=operations.EXPORT_TASK, retry=3)
def make_export(*, export_id: str) -> None:
    """Puts together what was asked for."""
    operations.make_export(UUID(export_id))


@app.periodic(cron="50 * * * *")
@app.task(name="access.empty_exports", queueing_lock="access.empty_exports")
def empty_exports(timestamp: int) -> None:
    """Takes the data out of exports whose days are over."""
    operations.empty_exports()
