"""Jobs whose worker died under them go back into the queue; the worker itself outlives a database that is away."""

import time
from collections.abc import Callable

from procrastinate import JobContext
from procrastinate.contrib.django import app

from silta.kernel import clock

# A worker tells every ten seconds that it lives.
_SILENT_FOR = 30.0
_BETWEEN_TRIES = 2.0
_QUEUE, _KEPT_HOURS = "upkeep", 24


@app.periodic(cron="* * * * *")
@app.task(name="config.revive_jobs", queue=_QUEUE, queueing_lock="config.revive_jobs", pass_context=True)
async def revive_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the queue tells when it was due
    """Puts back what a worker had begun that has been silent since, and forgets its own runs of yesterday.

    Each operation is done whole or not at all, so a job that is run again does what is left of it.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=_SILENT_FOR):
        await jobs.retry_job(job, retry_at=clock.now())
    await jobs.delete_old_jobs(nb_hours=_KEPT_HOURS, queue=_QUEUE)


def outliving(work: Callable[[], None], *, is_outage: Callable[[Exception], bool]) -> None:
    """Does the work to its end; where the database is away, waits until it is back and begins again."""
    while True:
        try:
            work()
        except Exception as error:
            if not is_outage(error):
                raise
            time.sleep(_BETWEEN_TRIES)
        else:
            return
