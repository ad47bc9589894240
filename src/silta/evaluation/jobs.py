"""What the clock triggers: the night's figures, and those somebody has ordered."""

from uuid import UUID

from procrastinate.contrib.django import app

from silta.evaluation import operations


@app.task(name=operations.TASK)
def reckon(*, run_id: str) -> None:
    """Works out what was ordered."""
    operations.reckon(UUID(run_id))


@app.periodic(cron="40 1 * * *")
@app.task(name="evaluation.reckon_nightly", queueing_lock="evaluation.reckon_nightly")
def reckon_nightly(timestamp: int) -> None:
    """The night's figures."""
    operations.reckon_nightly()
