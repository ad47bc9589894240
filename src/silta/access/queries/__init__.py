"""May she, who may know, on which ground: every room asks here."""

from silta.access.queries.acting_for import (
    Place,
    actor_as_unit,
    actor_by_feed_key,
    actor_for,
    feed_keys_of,
    memberships_of,
    place_of,
    representations_of,
    workers_of,
)
from silta.access.queries.choosing import Units, recipients_lately
from silta.access.queries.deciding import (
    Scope,
    allows,
    covered_by,
    covered_categories,
    own_person_id,
    own_unit_id,
    permits,
    require,
)
from silta.access.queries.emergency import emergencies_of, emergency_awaiting_review, open_emergency
from silta.access.queries.journal import Told, ToldPage, own_journal, searched_journal, tell
from silta.access.queries.members import members, membership_for
from silta.access.queries.sharing import (
    SharingAnswer,
    consent_for,
    consents_of,
    consents_that_cover,
    current_grants,
    grants_now,
    may_share,
    person_exists,
    whose,
)

__all__ = [
    "Place",
    "Scope",
    "SharingAnswer",
    "Told",
    "ToldPage",
    "Units",
    "actor_as_unit",
    "actor_by_feed_key",
    "actor_for",
    "allows",
    "consent_for",
    "consents_of",
    "consents_that_cover",
    "covered_by",
    "covered_categories",
    "current_grants",
    "emergencies_of",
    "emergency_awaiting_review",
    "feed_keys_of",
    "grants_now",
    "may_share",
    "members",
    "membership_for",
    "memberships_of",
    "open_emergency",
    "own_journal",
    "own_person_id",
    "own_unit_id",
    "permits",
    "person_exists",
    "place_of",
    "recipients_lately",
    "representations_of",
    "require",
    "searched_journal",
    "tell",
    "whose",
    "workers_of",
]
