"""Memberships, grants, consents, emergency access, representation, keys, and the life of data."""

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
    "Token",
    "categories_field",
]
