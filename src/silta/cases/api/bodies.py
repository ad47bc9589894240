"""What programs send when they write: the words of the operations. Rows are named by their ids."""

from typing import Annotated
from uuid import UUID

from ninja import Field

from silta.access.enums import Category
from silta.cases import enums
from silta.people.enums import ContactKind, NoCodeReason
from silta.ui.programs import Body, Day, Line, Lines, LongText, Moment, Name, Text

Kind = Annotated[str, Field(max_length=40, pattern="^[a-z_]+$")]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}$")]
Code = Annotated[str, Field(max_length=20)]
Days = Annotated[int, Field(ge=0, le=90)]
Note = Annotated[Text, Field(max_length=8000)]


class Nothing(Body):
    """Nothing has to be said."""


class Told(Body):
    """Why, where there is something to tell."""

    reason: Line = ""


class Why(Body):
    """Why: this is not done without a reason."""

    reason: Line


class OpenCase(Body):
    """A case for somebody in the register: a client of the unit by her id, anybody by her identity code."""

    person_id: UUID | None = None
    identity_code: Code = ""
    kind: Kind
    source: enums.Source
    contact_reason: Lines = ""
    opened_on: Day | None = None
    need: enums.Need = enums.Need.REGULAR
    responsible_id: UUID | None = None
    official_reference: Annotated[Line, Field(max_length=80)] = ""


class Gate(Body):
    """Who is meant: by identity code, or by names and date of birth."""

    identity_code: Code = ""
    first_names: Name = ""
    last_name: Name = ""
    birth_date: Day | None = None


class Register(Body):
    """A new client and her first case; `none_of_these` says that those who look the same were looked at."""

    identity_code: Code = ""
    no_code_reason: NoCodeReason | None = None
    birth_date: Day | None = None
    first_names: Name
    last_name: Name
    call_name: Annotated[Name, Field(max_length=80)] = ""
    mother_tongue: Language = "fi"
    service_language: Language = "fi"
    needs_interpreter: bool = False
    non_disclosure: bool = False
    municipality: Annotated[Name, Field(max_length=100)] = ""
    phone: Annotated[Name, Field(max_length=40)] = ""
    email: Annotated[Line, Field(max_length=250)] = ""
    none_of_these: bool = False
    kind: Kind
    source: enums.Source
    contact_reason: Lines = ""
    opened_on: Day | None = None
    official_reference: Annotated[Line, Field(max_length=80)] = ""


class Correction(Body):
    """What is to be put right of a client; what is not named stays."""

    first_names: Name = ""
    last_name: Name = ""
    call_name: Annotated[Name, Field(max_length=80)] = ""
    mother_tongue: Language = "fi"
    service_language: Language = "fi"
    needs_interpreter: bool = False
    non_disclosure: bool = False


class Dwelling(Body):
    """Where the client lives."""

    municipality: Annotated[Name, Field(max_length=100)]
    since: Day | None = None


class Contact(Body):
    """A way to reach the client."""

    kind: ContactKind
    value: Annotated[Line, Field(max_length=250)]
    is_preferred: bool = False


class Phase(Body):
    """The next phase of the path, as its kind of case names it."""

    phase: Kind
    reason: Lines
    on: Day | None = None


class Start(Body):
    """The day on which the assessment starts; today, where none is given."""

    on: Day | None = None


class Duties(Body):
    """How the client's rights and duties were explained to her."""

    how: Line
    on: Day | None = None


class NeedOf(Body):
    """How much support the case takes."""

    need: enums.Need
    reason: Lines


class PlannedEnd(Body):
    """The day on which the support is planned to end; none takes it away."""

    on: Day | None
    reason: Lines = ""


class End(Body):
    """The joint decision to end: `parties` are `client` and the kinds of the organisations that decided."""

    outcome: enums.Outcome
    parties: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=20)]
    onward: enums.Onward
    onward_text: Lines
    absence_reason: Name = ""
    ended_on: Day | None = None
    aftercare_until: Day | None = None


class Reopening(Body):
    """Why the case is opened again, and who is responsible: the caller, where nobody is named."""

    reason: Lines
    responsible_id: UUID | None = None


class HandOver(Body):
    """Who becomes responsible, and what she must know."""

    to_user_id: UUID
    note: LongText = ""
    transition_days: Days | None = None


class NewNote(Body):
    """A contact (`channel` says how, `result` what came of it) or an observation."""

    kind: enums.NoteKind
    text: Note = ""
    visibility: enums.Visibility = enums.Visibility.SHARED
    category: Category = Category.CLIENTHOOD
    happened_at: Moment | None = None
    channel: enums.Channel | None = None
    result: enums.ContactResult | None = None
    with_client: bool = True
    with_whom: Annotated[Line, Field(max_length=200)] = ""


class NoteText(Body):
    """The text of a note, put right."""

    text: Note


class Step(Body):
    """What is promised; without an owner it is the caller's own."""

    text: Line
    goal_id: UUID | None = None
    owner_is_client: bool = False
    owner_unit_id: UUID | None = None
    owner_id: UUID | None = None
    due_on: Day | None = None


class Postponement(Body):
    """A later day, and why."""

    due_on: Day
    reason: Line


class NewGoal(Body):
    """What the client wants, in her own words."""

    own_words: Text
    wording: Line = ""
    proposed_by: enums.ProposedBy


class GoalWords(Body):
    """The goal in other words."""

    own_words: Text
    wording: Line = ""


class NewService(Body):
    """A service agreed with the client: from a unit of the register, or from anybody by name."""

    name: Annotated[Line, Field(max_length=200)]
    provider_unit_id: UUID | None = None
    provider_name: Annotated[Line, Field(max_length=200)] = ""
    goal_id: UUID | None = None
    expected_on: Day | None = None
    agreed_on: Day | None = None


class ServiceState(Body):
    """What became of a service."""

    state: enums.ServiceState
    reason: Line = ""
    on: Day | None = None
    expected_on: Day | None = None


class Entry(Body):
    """One thing known of the client, from whom; health only with the reason why it is necessary."""

    domain: enums.Domain
    text: LongText
    source: enums.EntrySource
    source_detail: Annotated[Line, Field(max_length=200)] = ""
    necessity: Line = ""
    as_of: Day | None = None


class EntryCorrection(Body):
    """An entry put right; what is not given is taken from the one before."""

    text: LongText
    source: enums.EntrySource | None = None
    source_detail: Annotated[Line, Field(max_length=200)] | None = None
    necessity: Line | None = None
    as_of: Day | None = None


class Objection(Body):
    """Who sees it otherwise, and how."""

    note: Lines


class NewPlan(Body):
    """Why the plan is made, and how it is followed; its goals, steps and services are those of the case."""

    reason: Line
    how_followed: Annotated[LongText, Field(max_length=2000)]
    made_on: Day | None = None


class Acceptance(Body):
    """How the client accepted the plan, and how its content and meaning were explained to her."""

    accepted_how: enums.AcceptedHow
    explained_how: Lines
    accepted_on: Day | None = None


class Refusal(Body):
    """What the client does not accept, in her own words."""

    reason: Lines


class NewReview(Body):
    """What was found when the plan was looked at together."""

    findings: LongText
    present: Line = ""
    asked_by_client: bool = False
    held_on: Day | None = None


class Invitation(Body):
    """Who is asked in, what they answer for, and what they get to know."""

    unit_id: UUID
    user_id: UUID | None = None
    answers_for: Line
    categories: Annotated[list[Category], Field(min_length=1, max_length=7)]
    ground: Kind | None = None
    reference: Annotated[Line, Field(max_length=200)] = ""


class Supporter(Body):
    """Somebody of the client's own."""

    name: Name
    answers_for: Line = ""


class Share(Body):
    """What a participant answers for."""

    answers_for: Line


class Offer(Body):
    """To which unit the case is offered, and why."""

    to_unit_id: UUID
    reason: Lines
    note: LongText = ""


class Taking(Body):
    """Who becomes responsible in the unit that takes the case: the caller, where nobody is named."""

    responsible_id: UUID | None = None
    transition_days: Days | None = None


class Decision(Body):
    """Why the offer is not taken."""

    reason: Lines


class FlagText(Body):
    """What all in the case should notice."""

    text: Line


class Resolution(Body):
    """How it was resolved."""

    resolution: Line
