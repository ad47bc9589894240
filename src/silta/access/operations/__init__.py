"""The verbs of access: grants, consents, emergency access, memberships and their review, calendar keys, tokens and what they were answered, locking the tables, erasure."""

from silta.access.operations.answers import Answers, forget_answers
from silta.access.operations.consents import record_consent, withdraw_consent
from silta.access.operations.emergency import (
    close_emergency_access,
    open_emergency_access,
    review_emergency_access,
)
from silta.access.operations.erasure import erase, release_erasure
from silta.access.operations.exports import TASK as EXPORT_TASK
from silta.access.operations.exports import (
    ask_for_own_data,
    ask_on_behalf,
    empty_exports,
    make_export,
    read_export,
)
from silta.access.operations.grants import end_grants, give_grant, give_grants
from silta.access.operations.keeping import Keeper, first_keeper, renew_keepers_link
from silta.access.operations.keys import make_feed_key, revoke_feed_key
from silta.access.operations.locking import lock_tables
from silta.access.operations.memberships import (
    Invitation,
    change_membership,
    change_role,
    end_membership,
    end_representation,
    invite_member,
    represent,
)
from silta.access.operations.organisations import correct_organisation
from silta.access.operations.rights import (
    answer_for_member,
    close_review,
    settle_request,
    start_due_reviews,
    start_review,
)
from silta.access.operations.tokens import make_token, note_refusal, note_use, revoke_token

__all__ = [
    "EXPORT_TASK",
    "Answers",
    "Invitation",
    "Keeper",
    "answer_for_member",
    "ask_for_own_data",
    "ask_on_behalf",
    "change_membership",
    "change_role",
    "close_emergency_access",
    "close_review",
    "correct_organisation",
    "empty_exports",
    "end_grants",
    "end_membership",
    "end_representation",
    "erase",
    "first_keeper",
    "forget_answers",
    "give_grant",
    "give_grants",
    "invite_member",
    "lock_tables",
    "make_export",
    "make_feed_key",
    "make_token",
    "note_refusal",
    "note_use",
    "open_emergency_access",
    "read_export",
    "record_consent",
    "release_erasure",
    "renew_keepers_link",
    "represent",
    "review_emergency_access",
    "revoke_feed_key",
    "revoke_token",
    "settle_request",
    "start_due_reviews",
    "start_review",
    "withdraw_consent",
]
