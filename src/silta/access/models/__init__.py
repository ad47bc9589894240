"""Memberships, grants, consents, emergency access, representation, keys, reviews of rights, and the life of data."""

from silta.access.models.grounds import (
    PROVENANCE,
    Consent,
    EmergencyAccess,
    Grant,
    Recorded,
    categories_field,
)
from silta.access.models.life import DataExport, ErasureRelease, ErasureRun
from silta.access.models.places import FeedKey, Membership, Representation, Token
from silta.access.models.programs import KeptAnswer
from silta.access.models.rights import RightsAnswer, RightsReview

__all__ = [
    "PROVENANCE",
    "Consent",
    "DataExport",
    "EmergencyAccess",
    "ErasureRelease",
    "ErasureRun",
    "FeedKey",
    "Grant",
    "KeptAnswer",
    "Membership",
    "Recorded",
    "Representation",
    "RightsAnswer",
    "RightsReview",
    "Token",
    "categories_field",
]
