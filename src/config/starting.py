"""How a command starts: the database is provided, then Django is set up, signed in as the owner."""

import os


def set_up() -> None:
    """Provides the database and sets Django up, signed in as the owner.

    A command works under row-level security as the pages do; it may step out of it (``kernel.acting.maintaining``).
    """
    from config import database

    os.environ["SILTA_DATABASE_ROLE"] = "owner"
    database.provide()
    import django

    django.setup()
