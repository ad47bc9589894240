"""Compiles what each room declares in its ``policies.py`` to PostgreSQL row-level security.

``access`` does it because only ``access`` knows what a grant is. ``silta migrate`` applies the whole list after the
migrations, in one transaction, so that code and database cannot drift apart. docs/adr/0002-row-level-security.md says
what is proved by it and what is left to trust.
"""

import importlib
from collections.abc import Iterable, Iterator

from django.apps import apps

from silta.access.policies import rights
from silta.access.policies.functions import (
    APP,
    DEFINERS,
    HOLDS_NOW,
    KEEPERS,
    LIBRARIES,
    NO_TABLES_OF_ITS_OWN,
    READERS,
    TOKENS,
)
from silta.access.rules import MATTER, ROLES, Needs, emergency_limits, grounds, roles_to_give
from silta.kernel.rowsecurity import Condition, Covered, Open, TablePolicy
from silta.people.models import Person

_NOT_LOOKING = "(SELECT silta_looking()) IS NULL"
_CURRENT_GRANT = (
    "EXISTS (SELECT 1 FROM access_grant g WHERE g.unit_id = (SELECT {unit}) AND g.person_id = {person}"
    f" AND {{category}} = ANY (g.categories) AND {HOLDS_NOW}{{matter}})"
)
_SAME_MATTER = f" AND (g.source_type <> '{MATTER}' OR g.source_id = {{matter}}{{own_organisation}})"
_OWN_ORGANISATION = (
    " OR t.recorded_by_unit{suffix} IN"
    " (SELECT u.id FROM organisations_unit u WHERE u.organisation_id = (SELECT silta_organisation()))"
)
_UNPROTECTED = (
    "(NOT EXISTS (SELECT 1 FROM people_person p WHERE p.id = {person} AND p.non_disclosure)"
    " OR {person} = (SELECT silta_person())"
    " OR EXISTS (SELECT 1 FROM access_emergencyaccess e WHERE e.person_id = {person} AND e.reveals_protected"
    " AND e.recorded_by_id = (SELECT silta_user()) AND e.unit_id = (SELECT silta_unit())"
    " AND e.starts_at <= (SELECT silta_now()) AND e.ends_at > (SELECT silta_now())))"
)
_OWN_UNIT = "t.recorded_by_unit{suffix} = (SELECT silta_unit())"
_OWN_MATTER = "{person} = (SELECT silta_person())"
_MEMBERS = (
    "silta_may('members.manage') AND (silta_may('organisations.manage') OR t.unit_id = (SELECT silta_unit()))"
)
_GIVEN_BY_A_LEAD = ", ".join(f"'{code}'" for code in sorted(roles_to_give(by_keeper=False)))
_GRANTS = (
    "((t.unit_id = (SELECT silta_unit()) OR t.recorded_by_unit_id = (SELECT silta_unit())"
    " OR silta_shares_matter(t.person_id, t.source_type, t.source_id))"
    f" AND ({_NOT_LOOKING} OR silta_reaches(t.person_id))) OR t.person_id = (SELECT silta_person())"
)
_OWN_KEY = "EXISTS (SELECT 1 FROM access_membership m WHERE m.id = t.membership_id AND m.user_id = (SELECT silta_user()))"
_ASKED_HERSELF = "(t.person_id = (SELECT silta_person()) AND t.asked_by_unit_id IS NULL)"
_ASKED_FOR_HER = "(silta_may('own_data.give') AND t.asked_by_unit_id = (SELECT silta_unit()))"
_MOST = emergency_limits().most_minutes

POLICIES = [
    TablePolicy(
        "access_membership",
        Condition(
            using="true",
            check=f"{_MEMBERS} AND (silta_may('organisations.manage') OR t.role IN ({_GIVEN_BY_A_LEAD}))",
            change=_MEMBERS,
        ),
    ),
    TablePolicy(
        "access_representation",
        Condition(
            using=f"(t.user_id = silta_user() AND {_NOT_LOOKING}) OR silta_reaches(t.person_id)",
            check=f"silta_reaches(t.person_id) AND {_NOT_LOOKING}",
            change=f"silta_reaches(t.person_id) AND {_NOT_LOOKING}",
        ),
    ),
    # An employer learns of no consent but those that speak of itself.
    TablePolicy(
        "access_consent",
        Covered(
            category="'clienthood'",
            internal="silta_role() IN ('employer_coordinator', 'supervisor') AND t.to_unit_id <> silta_unit()",
        ),
    ),
    TablePolicy(
        "access_grant",
        Condition(
            using=_GRANTS,
            check=(
                f"{_NOT_LOOKING} AND t.recorded_by_id = (SELECT silta_user())"
                " AND t.recorded_by_unit_id = (SELECT silta_unit())"
                " AND (t.unit_id = (SELECT silta_unit()) OR silta_reaches(t.person_id))"
                " AND silta_ground_holds(t.ground, t.categories, t.unit_id, t.person_id, t.consent_id, t.source_id,"
                " t.valid_until) AND silta_journalled(t.id, t.person_id)"
            ),
            change=f"({_GRANTS}) AND {_NOT_LOOKING}",
        ),
    ),
    TablePolicy(
        "access_emergencyaccess",
        Condition(
            using=f"(t.unit_id = (SELECT silta_unit()) AND {_NOT_LOOKING}) OR t.person_id = (SELECT silta_person())",
            check=(
                f"{_NOT_LOOKING} AND t.unit_id = (SELECT silta_unit()) AND t.recorded_by_id = (SELECT silta_user())"
                " AND silta_may('access.emergency') AND (NOT t.reveals_protected OR silta_may('person.reveal_protected'))"
                f" AND t.ends_at <= t.starts_at + interval '{_MOST} minutes' AND t.reviewed_at IS NULL"
            ),
            change=f"t.unit_id = (SELECT silta_unit()) AND {_NOT_LOOKING}",
        ),
    ),
    TablePolicy("access_feedkey", Condition(using=f"{_OWN_KEY} AND {_NOT_LOOKING}")),
    TablePolicy("access_token", Condition(using=f"{_OWN_KEY} AND {_NOT_LOOKING}")),
    TablePolicy(
        "access_keptanswer",
        Condition(
            using="EXISTS (SELECT 1 FROM access_token k JOIN access_membership m ON m.id = k.membership_id"
            " WHERE k.id = t.token_id AND m.user_id = (SELECT silta_user()) AND m.unit_id = (SELECT silta_unit()))"
            f" AND {_NOT_LOOKING}"
        ),
        verbs=("SELECT", "INSERT"),
    ),
    # Whoever asked for it reads it: the person herself, or an officer on her behalf. The worker alone fills and empties it.
    TablePolicy(
        "access_dataexport",
        Condition(
            using=f"t.asked_by_id = (SELECT silta_user()) AND {_NOT_LOOKING} AND ({_ASKED_HERSELF} OR {_ASKED_FOR_HER})",
            check=(
                f"t.asked_by_id = (SELECT silta_user()) AND {_NOT_LOOKING} AND t.content IS NULL AND t.ready_at IS NULL"
                f" AND ({_ASKED_HERSELF} OR ({_ASKED_FOR_HER} AND silta_organisation_knows(t.person_id)))"
            ),
        ),
        verbs=("SELECT", "INSERT"),
    ),
    # A lead reviews her unit; the officer of its organisation and the keeper see how far it is, and begin one early.
    TablePolicy(
        "access_rightsreview",
        Condition(using=rights.REVIEW_READ, check=rights.REVIEW_ADD, change=rights.REVIEW_CHANGE),
    ),
    TablePolicy(
        "access_rightsanswer",
        Condition(using=rights.ANSWER_READ, check=rights.ANSWER_ADD, change=rights.ANSWER_CHANGE),
    ),
    TablePolicy("access_erasurerun", Open("Counts of retention runs, no people."), verbs=("SELECT",)),
    TablePolicy(
        "access_erasurerelease",
        Condition(
            using="silta_may('retention.oversee')",
            check=f"{_NOT_LOOKING} AND silta_may('retention.oversee') AND t.released_by_id = (SELECT silta_user())",
        ),
        verbs=("SELECT", "INSERT"),
    ),
]


def declared() -> Iterator[TablePolicy]:
    """Every declared policy of every room, this one's included."""
    for config in apps.get_app_configs():
        if config.name.startswith("silta."):
            try:
                module = importlib.import_module(f"{config.name}.policies")
            except ModuleNotFoundError:
                continue
            yield from module.POLICIES


def _quoted(words: Iterable[str]) -> str:
    return "ARRAY[" + ", ".join(f"'{word}'" for word in sorted(words)) + "]::text[]"


def _permissions() -> str:
    """``silta_may``: the table of roles, for the policies."""
    cases = " ".join(f"WHEN '{code}' THEN {_quoted(role.permissions)}" for code, role in ROLES.items())
    return (
        "CREATE OR REPLACE FUNCTION silta_may(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE"
        f" AS $$ SELECT coalesce(permission = ANY (CASE silta_role() {cases} END), false) $$"
    )


def _ground_holds() -> str:
    """``silta_ground_holds``: the page of grounds, for the policy of grants.

    A grant names a ground that allows its categories to its kind of recipient; one that needs consent names a consent
    of the same person to the same unit that covers them and stands; an emergency names its own emergency access.
    """
    cases = []
    for ground in grounds().values():
        rule = f"given <@ {_quoted(ground.categories)}"
        if ground.to_kinds:
            rule += (
                " AND (SELECT o.kind FROM organisations_unit u JOIN organisations_organisation o"
                f" ON o.id = u.organisation_id WHERE u.id = to_unit) = ANY ({_quoted(ground.to_kinds)})"
            )
        if ground.within_organisation:
            rule += (
                " AND EXISTS (SELECT 1 FROM organisations_unit u WHERE u.id = to_unit"
                " AND u.organisation_id = silta_organisation())"
            )
        if ground.needs is Needs.CONSENT:
            rule += (
                " AND EXISTS (SELECT 1 FROM access_consent c WHERE c.id = consent AND c.person_id = whom"
                f" AND c.to_unit_id = to_unit AND c.ground = '{ground.code}' AND given <@ c.categories::text[]"
                " AND c.withdrawn_at IS NULL AND (c.valid_until IS NULL OR c.valid_until >="
                " (silta_now() AT TIME ZONE 'Europe/Helsinki')::date))"
            )
        if ground.needs is Needs.REASON:
            rule += (
                " AND to_unit = silta_unit() AND EXISTS (SELECT 1 FROM access_emergencyaccess a WHERE a.id = source"
                " AND a.person_id = whom AND a.unit_id = to_unit AND a.recorded_by_id = silta_user()"
                " AND ends <= a.ends_at)"
            )
        cases.append(f"WHEN '{ground.code}' THEN RETURN coalesce({rule}, false);")
    # Statement by statement, so that a call plans and asks what its own ground demands, and nothing of the others.
    return (
        "CREATE OR REPLACE FUNCTION silta_ground_holds(ground text, categories varchar[], to_unit uuid, whom uuid,"
        " consent uuid, source uuid, ends timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER"
        " SET search_path = public, pg_temp AS $$ DECLARE given text[] := categories; BEGIN CASE ground "
        + " ".join(cases)
        + " ELSE RETURN false; END CASE; END $$"
    )


def _whose(columns_of: dict[str, set[str]]) -> str:
    """``silta_whose``: whose data a row's id stands for, over every covered table; for the journal of refusals."""
    parts = []
    for policy in declared():
        if isinstance(policy.rule, Covered) and "pgh_obj_id" not in columns_of[policy.table]:
            column = "id" if policy.table == Person._meta.db_table else "person_id"
            parts.append(f"SELECT t.{column} AS whom FROM {policy.table} t WHERE t.id = asked")
    return (
        "CREATE OR REPLACE FUNCTION silta_whose(asked uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $$ SELECT whom FROM ({' UNION ALL '.join(parts)}) AS found LIMIT 1 $$"
    )


def _aliased(expression: str, table: str) -> str:
    return expression.replace("t.", f"{table}.")


def _matter_of(table: str, columns: set[str]) -> str:
    """The expression that names the matter a row belongs to; empty where it belongs to the person alone."""
    model = next((one for one in apps.get_models() if one._meta.db_table == table), None)
    tracked = getattr(model, "pgh_tracked_model", None)
    if model is not None and model._meta.label_lower == MATTER:
        return "t.id"
    if tracked is not None and tracked._meta.label_lower == MATTER:
        return "t.pgh_obj_id"
    return "t.case_id" if "case_id" in columns else ""


class _Conditions:
    """The expressions of one table's policies, over the row ``t``: what is read, added, changed."""

    def __init__(self, policy: TablePolicy, columns: set[str]) -> None:
        rule = policy.rule
        if isinstance(rule, Open):
            self.read = self.add = self.change = "true"
        elif isinstance(rule, Condition):
            self.read, self.add, self.change = rule.using, rule.check or rule.using, rule.change or rule.using
        else:
            self._cover(rule, policy.table, columns)

    def _cover(self, rule: Covered, table: str, columns: set[str]) -> None:
        suffix = "_id" if "recorded_by_unit_id" in columns else ""
        has_unit = f"recorded_by_unit{suffix}" in columns
        own = _OWN_UNIT.format(suffix=suffix) if has_unit else "true"
        matter = _matter_of(table, columns)
        limit = (
            _SAME_MATTER.format(
                matter=matter, own_organisation=_OWN_ORGANISATION.format(suffix=suffix) if has_unit else ""
            )
            if matter
            else ""
        )

        def reads(unit: str) -> str:
            granted = _CURRENT_GRANT.format(
                unit=unit, person=rule.person, category=rule.category, matter=limit
            )
            mine = f"t.recorded_by_unit{suffix} = (SELECT {unit})" if has_unit else "false"
            return f"({granted} AND (NOT ({rule.internal}) OR {mine}))" if rule.internal else granted

        granted = reads("silta_unit()")
        client = f"({_OWN_MATTER.format(person=rule.person)} AND ({rule.client_sees}))"
        self.read = f"(({granted} AND ({_NOT_LOOKING} OR {reads('silta_looking()')})) OR {client})"
        if rule.protected:
            self.read = f"{self.read} AND {_UNPROTECTED.format(person=rule.person)}"
        self.change = f"{self.read} AND {_NOT_LOOKING}"
        if "pgh_obj_id" in columns:
            self.add = "pg_trigger_depth() > 0"  # History is written by the database's own triggers, and by nobody else.
        elif table == Person._meta.db_table:
            # The first row of a person: nobody can have a grant over her yet.
            self.add = f"{_NOT_LOOKING} AND {own}"
        elif has_unit:
            by_client = f"t.recorded_by_unit{suffix} IS NULL AND {client}"
            self.add = f"{_NOT_LOOKING} AND (({own} AND ({granted} OR silta_just_registered(t.person_id))) OR ({by_client}))"
        else:
            self.add = f"{_NOT_LOOKING} AND (silta_reaches(t.person_id) OR {client})"


def early_statements() -> Iterator[str]:
    """The functions that tell who acts and whom her unit reaches; they need the tables of this room and no policies."""
    yield READERS
    yield (
        "CREATE OR REPLACE FUNCTION silta_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE"
        " AS $$ SELECT coalesce(nullif(current_setting('silta.now', true), '')::timestamptz, now()) $$"
    )
    yield DEFINERS
    yield _permissions()


def statements(columns_of: dict[str, set[str]]) -> Iterator[str]:
    """The SQL that brings the database's policies in line with the declarations; ``columns_of`` names each table's columns."""
    yield from early_statements()
    yield _ground_holds()
    yield _whose(columns_of)
    yield KEEPERS
    yield TOKENS
    yield rights.FUNCTIONS
    yield f"GRANT USAGE ON SCHEMA public TO {APP}"
    yield LIBRARIES
    yield NO_TABLES_OF_ITS_OWN
    for policy in declared():
        yield from _policy(policy, columns_of[policy.table])


def _policy(policy: TablePolicy, columns: set[str]) -> Iterator[str]:
    table = policy.table
    rule = _Conditions(policy, columns)
    read, add, change = (_aliased(part, table) for part in (rule.read, rule.add, rule.change))
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"REVOKE ALL ON {table} FROM {APP}"
    if policy.verbs:
        yield f"GRANT {', '.join(policy.verbs)} ON {table} TO {APP}"
    for name in ("silta_read", "silta_add", "silta_change", "silta_remove"):
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
    yield f"CREATE POLICY silta_read ON {table} FOR SELECT TO {APP} USING ({read})"
    yield f"CREATE POLICY silta_add ON {table} FOR INSERT TO {APP} WITH CHECK ({add})"
    yield f"CREATE POLICY silta_change ON {table} FOR UPDATE TO {APP} USING ({change}) WITH CHECK ({change})"
    yield f"CREATE POLICY silta_remove ON {table} FOR DELETE TO {APP} USING ({change})"
    kept = sorted(
        columns & {"id", "person_id", "recorded_by_id", "recorded_by_unit_id", "recorded_by_unit", "case_id"}
    )
    if isinstance(policy.rule, Covered) and table != "access_consent" and "UPDATE" in policy.verbs:
        arguments = ", ".join(f"'{name}'" for name in kept)
        yield (
            f"CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION silta_keep_row({arguments})"
        )
