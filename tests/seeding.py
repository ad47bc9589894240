"""Run once per test run: writes the cast into the template database."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests import cast

    cast.seed()
