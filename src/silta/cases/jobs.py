"""What the clock triggers: every night the words that nobody came back to are thrown away."""

from procrastinate.contrib.django import app

from silta.cases.operations import drafts


@app.periodic(cron="10 2 * * *")
@app.task(name="cases.forget_drafts", queueing_lock="cases.forget_drafts")
def forget_drafts(timestamp: int) -> None:  # noqa: ARG001 - the queue tells when it was due
    """Forgets old drafts."""
    drafts.forget_drafts()
