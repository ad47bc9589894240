"""What the clock triggers: every night ended sessions go, and with them what was typed into them too late."""

from procrastinate.contrib.django import app

from silta.accounts import operations


@app.periodic(cron="40 2 * * *")
@app.task(name="accounts.forget_sessions", queueing_lock="accounts.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Removes the sessions whose time is over."""
    operations.forget_sessions()
