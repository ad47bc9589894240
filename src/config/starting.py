"""How a command starts: the database is provided, then Django is set up in the role the command needs."""

import os


def set_up(*, migrating: bool = False) -> None:
    """Provides the database and sets Django up, signed in as the owner.

    A command works under row-level security as the pages do, and may step out of it (``kernel.acting.maintaining``);
    one that migrates acts as the owner of the tables from the start.
    """
    from config import database

    os.environ["SILTA_DATABASE_ROLE"] = "owner"
    if migrating:
        os.environ["SILTA_MIGRATING"] = "1"
    database.provide()
    import django

    django.setup()
