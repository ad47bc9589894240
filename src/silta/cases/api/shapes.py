"""How cases and their parts are told to programs: codes, ids, days and people's words; names of clients only where needed."""

import datetime as dt
from uuid import UUID

from ninja import Schema


class Worker(Schema):
    """A professional."""

    id: UUID
    name: str


class PersonShape(Schema):
    """Whose case it is. Her code, dwelling and contact details are not told here."""

    id: UUID
    first_names: str
    last_name: str
    birth_date: dt.date | None
    non_disclosure: bool


class CaseRow(Schema):
    """A case in a list."""

    id: UUID
    number: str
    kind: str
    phase: str
    state: str
    need: str
    unit_id: UUID
    person: PersonShape
    responsible: Worker | None
    opened_on: dt.date
    ended_on: dt.date | None
    last_contact_on: dt.date | None
    next_step_on: dt.date | None
    next_deadline_on: dt.date | None
    version: int


class CaseShape(CaseRow):
    """A case itself; its parts have addresses of their own. `version` changes with every decision about the case."""

    definition_version: str
    controller_id: UUID
    legal_basis: str
    phase_since: dt.date
    source: str
    contact_reason: str
    official_reference: str
    assessment_started_on: dt.date | None
    planned_end_on: dt.date | None
    outcome: str
    onward: str
    onward_text: str
    aftercare_until: dt.date | None


class Part(Schema):
    """A row of a case, with who wrote it, for which unit, when."""

    id: UUID
    recorded_by_id: UUID
    recorded_by_unit_id: UUID | None
    recorded_at: dt.datetime


class GoalShape(Part):
    """What the client wants, in her own words."""

    own_words: str
    wording: str
    proposed_by: str
    state: str
    state_on: dt.date
    state_reason: str
    confirmed_on: dt.date | None
    version: int


class StepShape(Part):
    """Something somebody promised to do."""

    goal_id: UUID | None
    text: str
    owner_is_client: bool
    owner_unit_id: UUID | None
    owner_id: UUID | None
    due_on: dt.date | None
    state: str
    state_on: dt.date
    state_reason: str
    version: int


class ServiceShape(Part):
    """A service agreed with the client, from agreement to delivery."""

    goal_id: UUID | None
    name: str
    provider_unit_id: UUID | None
    provider_name: str
    state: str
    state_on: dt.date
    state_reason: str
    agreed_on: dt.date
    expected_on: dt.date | None
    started_on: dt.date | None
    ended_on: dt.date | None
    version: int


class PlanShape(Part):
    """A version of the plan."""

    number: int
    made_on: dt.date
    reason: str
    how_followed: str
    accepted_on: dt.date | None
    accepted_how: str
    refused_reason: str


class ReviewShape(Part):
    """The plan was looked at together."""

    held_on: dt.date
    asked_by_client: bool
    present: str
    findings: str
    plan_version_id: UUID | None


class NoteShape(Part):
    """A contact or an observation."""

    kind: str
    category: str
    visibility: str
    happened_at: dt.datetime
    channel: str
    result: str
    with_client: bool
    with_whom: str
    text: str
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str
    version: int


class FlagShape(Part):
    """Something to notice until it is resolved."""

    text: str
    resolved_on: dt.date | None
    resolution: str


class EntryShape(Part):
    """One thing known of the client; one that was put right is followed by another that `replaces_id` it."""

    category: str
    domain: str
    text: str
    source: str
    source_detail: str
    necessity: str
    as_of: dt.date
    replaces_id: UUID | None
    is_current: bool
    disputed_note: str


class TransferShape(Part):
    """The case is offered to another unit."""

    from_unit_id: UUID
    to_unit_id: UUID
    state: str
    reason: str
    note: str
    decided_on: dt.date | None
    decision_reason: str


class ContactPointShape(Schema):
    """A way to reach the client."""

    id: UUID
    kind: str
    value: str
    is_preferred: bool


class DetailsShape(PersonShape):
    """Who the client is and how to reach her; `is_hidden` where non-disclosure keeps back where she is."""

    call_name: str
    mother_tongue: str
    service_language: str
    needs_interpreter: bool
    municipality: str
    contact_points: list[ContactPointShape]
    is_hidden: bool
    version: int


class Candidate(Schema):
    """Somebody of the register whom the acting unit may know, and why she may be the one who is meant."""

    person: PersonShape
    case_ids: list[UUID]
    reasons: list[str]


class Matches(Schema):
    """Whether somebody is in the register: for certain by code (`known` where the unit may know her), or likely.

    `unseen` counts those who look the same and of whom the acting unit may know nothing.
    """

    is_known: bool
    known: Candidate | None
    likely: list[Candidate]
    unseen: int


class ParticipantShape(Schema):
    """Somebody takes part, from one day to another."""

    id: UUID
    part: str
    unit_id: UUID | None
    user: Worker | None
    outsider_name: str
    answers_for: str
    joined_on: dt.date
    joined_how: str
    left_on: dt.date | None
    version: int


class DeadlineShape(Schema):
    """A day by which something is due, with its rule and source."""

    id: UUID
    rule: str
    due_on: dt.date
    source: str


class MomentShape(Schema):
    """One happening of the timeline, in words."""

    at: dt.datetime
    title: str
    text: str
    who: str
    unit: str
    visibility: str


class TimelinePage(Schema):
    """One page of the timeline, the newest first."""

    items: list[MomentShape]
    next: str = ""


class Reason(Schema):
    """Why a case is on the worklist."""

    code: str
    name: str
    what: str
    since: dt.date | None
    source: str


class WorklistRow(Schema):
    """A case of the worklist with all its reasons."""

    case: CaseRow
    reasons: list[Reason]


class KindShape(Schema):
    """A kind of case that is open to the acting unit today."""

    code: str
    version: str
    name: str
    ground: str
    phases: list[str]
