"""How long words that were never saved are kept."""

import datetime as dt

# Nothing in the law asks for unsaved words: so long a worker may be away and still find hers.
KEPT_DAYS = 14


def forgotten_before(now: dt.datetime) -> dt.datetime:
    """Drafts last typed before this moment are thrown away."""
    return now - dt.timedelta(days=KEPT_DAYS)
