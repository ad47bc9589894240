"""What the clock triggers: retention and the forgetting of answers, every night."""

from django.conf import settings
from procrastinate.contrib.django import app

from silta.access import operations


@app.periodic(cron="30 2 * * *")
@app.task(name="access.nightly_erasure", queueing_lock="access.nightly_erasure")
def nightly_erasure(timestamp: int) -> None:  # noqa: ARG001 - the queue tells when it was due
    """Counts what retention would erase; erases it where the installation has said so (``RETENTION_ERASES``)."""
    operations.erase(is_dry=not settings.RETENTION_ERASES)


@app.periodic(cron="20 2 * * *")
@app.task(name="access.forget_answers", queueing_lock="access.forget_answers")
def forget_answers(timestamp: int) -> None:  # noqa: ARG001 - the queue tells when it was due
    """Forgets what programs were answered days ago."""
    operations.forget_answers()
