"""Run as a process of its own: takes a database back to the migrations of the previous release, data and all."""

import json
import os
from pathlib import Path

import django

PREVIOUS = Path(__file__).parent / "data" / "previous-release.json"


def _go_back() -> None:
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    leaves = json.loads(PREVIOUS.read_text())
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("silta.")}
    rooms = sorted(ours & MigrationLoader(connection).migrated_apps)
    for room in sorted(rooms, key=lambda room: room in leaves):  # Rooms that were not there yet go first.
        call_command("migrate", room, leaves.get(room, "zero"), verbosity=0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    _go_back()
