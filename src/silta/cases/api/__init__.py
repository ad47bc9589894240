"""What programs may do with cases: the same reading and the same verbs as the pages, under the same rights."""

from silta.cases.api import people, verbs
from silta.cases.api.reading import router

__all__ = ["people", "router", "verbs"]
