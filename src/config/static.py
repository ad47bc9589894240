"""Collects the style sheets, scripts, icons and the typeface into the data folder, when any of them has changed."""

import hashlib
from pathlib import Path


def _stamp() -> str:
    """One digest over every source's name, size and time of change, and over the versions of what processes them."""
    from importlib.metadata import version

    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(f"{version('django')} {version('whitenoise')}".encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collected() -> bool:
    """Whether what was collected is what there is now."""
    from django.conf import settings

    kept = Path(settings.STATIC_ROOT) / ".stamp"
    return kept.exists() and kept.read_text() == _stamp()


def collect() -> None:
    """Collects anew if something has changed; raises ``FileNotFoundError`` where the front-end packages are missing."""
    from django.conf import settings
    from django.core.management import call_command

    for _prefix, folder in settings.STATICFILES_DIRS:
        if not Path(folder).is_dir():
            raise FileNotFoundError(f"The front-end packages are missing: {folder}. Run: make run")
    if not collected():
        call_command("collectstatic", interactive=False, verbosity=0)
        (Path(settings.STATIC_ROOT) / ".stamp").write_text(_stamp())
