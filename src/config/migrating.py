"""Brings a database up to date: Django's migrations, the cache table, then the locks of row-level security."""

from django.core.management import call_command


def migrate(*, verbosity: int = 1) -> int:
    """Migrates as the owner of the tables; returns how many tables are locked. Safe to run again."""
    from silta.access import operations as access

    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=verbosity)
    return access.lock_tables()
