"""Compiles what each room declares in its ``policies.py`` to PostgreSQL row-level security.

``access`` does it because only ``access`` knows what a grant is. ``silta migrate`` applies the whole list after the
migrations, in one transaction, so that code and database cannot drift apart.
"""

import importlib
from collections.abc import Iterator

from django.apps import apps

from silta.kernel.rowsecurity import Condition, Covered, Open, TablePolicy

APP, OWNER = "silta_app", "silta_owner"

# Plain SQL functions over the settings of the transaction; STABLE, so that PostgreSQL reads each once per statement.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION silta_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('silta.user', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION silta_unit() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('silta.unit', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION silta_organisation() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('silta.organisation', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION silta_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('silta.person', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION silta_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(current_setting('silta.role', true), '') $$;
CREATE OR REPLACE FUNCTION silta_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(nullif(current_setting('silta.now', true), '')::timestamptz, now()) $$;
-- Whether the acting unit has any current grant over the person. It runs as the owner, so that the policy of the
-- grants themselves can ask it without asking itself.
CREATE OR REPLACE FUNCTION silta_reaches(asked uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public
  AS $$ SELECT EXISTS (SELECT 1 FROM access_grant g WHERE g.unit_id = silta_unit() AND g.person_id = asked
        AND g.valid_from <= silta_now() AND (g.valid_until IS NULL OR g.valid_until > silta_now())) $$;
"""

_LIBRARIES = f"""
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND c.relname ~ '^(django_session|account_|mfa_|usersessions_|procrastinate_|config_cache|pghistory_context)'
  LOOP EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {APP}', name); END LOOP;
  FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    AND c.relname IN ('django_content_type', 'django_migrations')
  LOOP EXECUTE format('GRANT SELECT ON %I TO {APP}', name); END LOOP;
END $$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP};
"""

_CURRENT_GRANT = (
    "EXISTS (SELECT 1 FROM access_grant g WHERE g.unit_id = (SELECT silta_unit()) AND g.person_id = {person}"
    " AND {category} = ANY (g.categories) AND g.valid_from <= (SELECT silta_now())"
    " AND (g.valid_until IS NULL OR g.valid_until > (SELECT silta_now())))"
)
_UNPROTECTED = (
    "(NOT EXISTS (SELECT 1 FROM people_person p WHERE p.id = {person} AND p.non_disclosure)"
    " OR {person} = (SELECT silta_person())"
    " OR EXISTS (SELECT 1 FROM access_emergencyaccess e WHERE e.person_id = {person} AND e.reveals_protected"
    " AND e.recorded_by_id = (SELECT silta_user()) AND e.unit_id = (SELECT silta_unit())"
    " AND e.starts_at <= (SELECT silta_now()) AND e.ends_at > (SELECT silta_now())))"
)
_OWN_UNIT = "t.recorded_by_unit{suffix} = (SELECT silta_unit())"

POLICIES = [
    TablePolicy("access_membership", Open("Who works where stands beside their work.")),
    TablePolicy(
        "access_representation",
        Condition(using="t.user_id = silta_user() OR silta_reaches(t.person_id)", check="silta_reaches(t.person_id)"),
    ),
    TablePolicy("access_consent", Covered(category="'clienthood'")),
    TablePolicy(
        "access_grant",
        Condition(
            using=(
                "t.unit_id = (SELECT silta_unit()) OR t.person_id = (SELECT silta_person())"
                " OR silta_reaches(t.person_id)"
            ),
            check="t.recorded_by_unit_id = (SELECT silta_unit()) OR silta_reaches(t.person_id)",
        ),
    ),
    TablePolicy(
        "access_emergencyaccess",
        Condition(
            using="t.unit_id = (SELECT silta_unit()) OR t.person_id = (SELECT silta_person())",
            check="t.unit_id = (SELECT silta_unit())",
        ),
    ),
    TablePolicy("access_feedkey", Open("A digest; the calendar address itself is the secret.")),
    TablePolicy("access_erasurerun", Open("Counts of retention runs, no people."), verbs=("SELECT",)),
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


def _aliased(expression: str, table: str) -> str:
    return expression.replace("t.", f"{table}.")


def _conditions(policy: TablePolicy, columns: set[str]) -> tuple[str, str]:
    """The USING and WITH CHECK expressions of one policy, over the table's own name."""
    rule = policy.rule
    if isinstance(rule, Open):
        return "true", "true"
    if isinstance(rule, Condition):
        return rule.using, rule.check or rule.using
    suffix = "_id" if "recorded_by_unit_id" in columns else ""
    grant = _CURRENT_GRANT.format(person=rule.person, category=rule.category)
    own = _OWN_UNIT.format(suffix=suffix)
    unit_reads = f"{grant} AND (NOT ({rule.internal}) OR {own})" if rule.internal else grant
    client_reads = f"({rule.person} = (SELECT silta_person()) AND ({rule.client_sees}))"
    using = f"(({unit_reads}) OR {client_reads})"
    if rule.protected:
        using = f"{using} AND {_UNPROTECTED.format(person=rule.person)}"
    if "pgh_obj_id" in columns:
        return using, "true"  # History is written by the database's own triggers, whoever changed the row.
    # A unit writes only under its own name, and a client only in her own matter.
    check = f"{own} OR (t.recorded_by_unit{suffix} IS NULL AND {rule.person} = (SELECT silta_person()))"
    return using, check if f"recorded_by_unit{suffix}" in columns else "true"


def statements(columns_of: dict[str, set[str]]) -> Iterator[str]:
    """The SQL that brings the database's policies in line with the declarations; ``columns_of`` names each table's columns."""
    yield FUNCTIONS
    yield f"GRANT USAGE ON SCHEMA public TO {APP}"
    # Tables of the libraries (sessions, second factors, queue, cache) hold no client; the application works in them.
    yield _LIBRARIES
    for policy in declared():
        table = policy.table
        using, check = (_aliased(part, table) for part in _conditions(policy, columns_of[table]))
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"REVOKE ALL ON {table} FROM {APP}"
        if policy.verbs:
            yield f"GRANT {', '.join(policy.verbs)} ON {table} TO {APP}"
        for name in ("silta_read", "silta_add", "silta_change", "silta_remove"):
            yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY silta_read ON {table} FOR SELECT TO {APP} USING ({using})"
        yield f"CREATE POLICY silta_add ON {table} FOR INSERT TO {APP} WITH CHECK ({check})"
        yield f"CREATE POLICY silta_change ON {table} FOR UPDATE TO {APP} USING ({using}) WITH CHECK (true)"
        yield f"CREATE POLICY silta_remove ON {table} FOR DELETE TO {APP} USING ({using})"
