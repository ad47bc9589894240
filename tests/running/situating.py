"""Run beside a product: writes the situation behind the doors into its database, and tells who opens which pages.

Prints one JSON list: for each page its address and the members of the cast whom its door lets in.
"""

import json
import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from silta.kernel.acting import acting
    from tests.cast import Cast
    from tests.doors.routes import DOORS
    from tests.doors.situation import rows_of_the_situation
    from tests.doors.test_doors import address

    with acting(None):
        rows = rows_of_the_situation(Cast())
    pages = [[address(name, door, rows), door.gets.split()] for name, door in DOORS.items() if door.gets]
    sys.stdout.write(f"{json.dumps(pages)}\n")
