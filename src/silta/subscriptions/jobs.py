"""What the clock triggers: each minute the journal is read on, and what is due is sent."""

from procrastinate.contrib.django import app

from silta.subscriptions import operations

# Of each minute, how long the worker sends at most: other jobs wait meanwhile.
_SECONDS = 20.0


@app.periodic(cron="* * * * *")
@app.task(name="subscriptions.tell", queue="upkeep", queueing_lock="subscriptions.tell")
def tell(timestamp: int) -> None:
    """Tells other systems what has happened."""
    operations.read_on()
    operations.deliver(seconds=_SECONDS)


@app.task(name="subscriptions.send", queue="upkeep")
def send() -> None:
    """Sends what somebody waits for."""
    operations.deliver(seconds=_SECONDS)
