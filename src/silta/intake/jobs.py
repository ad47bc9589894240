"""What runs in the background: long imports, long checks, and the night's forgetting."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from silta.access import queries as access
from silta.access.models import Membership
from silta.intake import operations
from silta.intake.models import File
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed

# Up to so many rows a file is handled while the page waits; a longer one goes to the worker.
ROWS_WHILE_WAITING = 200
# A database that is away or full comes back within minutes or hours: after 3, 9, 27 seconds and so on, an hour in all.
_AGAIN = RetryStrategy(max_attempts=7, exponential_wait=3)


def actor_of(user_id: str, unit_id: str, role: str) -> Actor:
    """The actor who pressed the button, if she still works in that unit in that role; else raises ``NotAllowed``."""
    today = clock.today()
    rows = Membership.objects.filter(user_id=user_id, unit_id=unit_id, role=role, valid_from__lte=today)
    found = rows.exclude(valid_until__lt=today).order_by("valid_from", "id").first()
    actor = access.actor_for(UUID(user_id), found.pk) if found is not None else None
    if actor is None:
        raise NotAllowed("the membership has ended", code="intake.membership_ended")
    return actor


@app.task(name="intake.run_file", queue="intake", retry=_AGAIN)
def run_file(*, file_id: str, user_id: str, unit_id: str, role: str) -> None:
    """Brings in a file that was marked as running; run again after a crash, it goes on with the rows that are left."""
    operations.run_import(actor_of(user_id, unit_id, role), file_id=UUID(file_id))


@app.task(name="intake.check_file", queue="intake", retry=1)
def check_file(*, file_id: str, user_id: str, unit_id: str, role: str) -> None:
    """Checks a long file."""
    actor = actor_of(user_id, unit_id, role)
    with acting(actor):
        operations.check_file(actor, file=File.objects.select_related("unit__organisation").get(pk=file_id))


@app.periodic(cron="20 2 * * *")
@app.task(name="intake.erase_rows", queue="intake", pass_context=False)
def erase_rows(timestamp: int) -> None:
    """Erases the rows of files handled long ago."""
    operations.erase_rows()


def defer(task: "Task[..., None, ...]", actor: Actor, file: File) -> None:
    """Puts a task on a file in the queue, in the transaction of the press of the button that asks for it."""
    task.defer(file_id=str(file.pk), user_id=str(actor.user_id), unit_id=str(actor.unit_id), role=actor.role)
