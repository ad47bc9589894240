"""What is told of every job: one line of the log at its end, without what it was given."""

import logging
import time
from typing import Any

from procrastinate import JobContext
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker

from config import logs

_log = logging.getLogger("silta.jobs")


async def told(call_next: AsyncCallNext, context: JobContext, worker: Worker) -> Any:  # noqa: ARG001 - the queue's signature
    """Runs the job and tells its name, its number in the queue, its attempt, its end and how long it took."""
    began, status = time.perf_counter(), "failed"
    try:
        result = await call_next()
        status = "done"
    finally:
        logs.write(
            _log,
            logging.INFO if status == "done" else logging.ERROR,
            "job",
            task=context.job.task_name,
            job=context.job.id or 0,
            attempt=context.job.attempts + 1,
            status=status,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )
    return result
