"""What the clock triggers: every night old messages are forgotten. The room that puts them here has them sent."""

from procrastinate.contrib.django import app

from silta.outbox import operations


@app.periodic(cron="50 2 * * *")
@app.task(name="outbox.forget_messages", queueing_lock="outbox.forget_messages")
def forget_messages(timestamp: int) -> None:
    """Forgets what was settled long ago."""
    operations.forget()
