"""How long the rows of an upload are kept."""

import datetime as dt

# Silta default (GDPR Art. 5.1 e): long enough to correct the bad rows and to answer questions about the run.
KEPT_DAYS = 90


def erasable_before(now: dt.datetime) -> dt.datetime:
    """Files last handled before this moment lose their rows."""
    return now - dt.timedelta(days=KEPT_DAYS)
