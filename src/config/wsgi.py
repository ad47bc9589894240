"""The WSGI application that the server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# What is loaded by now stays as long as the process: the collector need not walk through it while pages are answered.
_OBJECTS_BETWEEN_COLLECTIONS = 20_000
gc.collect()
gc.freeze()
gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
