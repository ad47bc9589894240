"""The functions and triggers of the database on which the policies rest, as SQL: who acts, whom her unit reaches, what never changes."""

from silta.access.rules import MATTER

APP, OWNER = "silta_app", "silta_owner"

# Plain SQL functions over the settings of the transaction; STABLE, so that PostgreSQL reads each once per statement.
_SETTINGS = {
    "user": "uuid", "unit": "uuid", "organisation": "uuid", "person": "uuid", "looking": "uuid", "role": "text",
}  # fmt: skip
READERS = "\n".join(
    f"CREATE OR REPLACE FUNCTION silta_{name}() RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE"
    f" AS $$ SELECT nullif(current_setting('silta.{name}', true), '')::{kind} $$;"
    for name, kind in _SETTINGS.items()
)
HOLDS_NOW = (
    "g.valid_from <= (SELECT silta_now()) AND (g.valid_until IS NULL OR g.valid_until > (SELECT silta_now()))"
    # An emergency is opened to one user, not to her unit.
    " AND (g.ground <> 'emergency' OR g.recorded_by_id = (SELECT silta_user()))"
)

# These run as the owner, so that a policy can ask what its own asker may not read. Each gives out a yes, a no or an id.
DEFINERS = f"""
-- Whether a unit has a grant over the person that holds now; of a preview, whether both units have one.
CREATE OR REPLACE FUNCTION silta_reaches(asked uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM access_grant g WHERE g.unit_id = silta_unit() AND g.person_id = asked AND {HOLDS_NOW})
        AND (silta_looking() IS NULL OR EXISTS (
          SELECT 1 FROM access_grant g WHERE g.unit_id = silta_looking() AND g.person_id = asked AND {HOLDS_NOW})) $$;
-- Whether the unit works in the matter a grant came from: who else is in it is then its business, and no other matter's.
CREATE OR REPLACE FUNCTION silta_shares_matter(asked uuid, kind text, source uuid) RETURNS boolean LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM access_grant g WHERE g.unit_id = silta_unit() AND g.person_id = asked AND {HOLDS_NOW}
        AND (kind <> '{MATTER}' OR g.source_type <> '{MATTER}' OR g.source_id = source)) $$;
-- A person the unit has just registered, whom nobody has a grant to know yet: so much may be written before the first.
CREATE OR REPLACE FUNCTION silta_just_registered(asked uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM people_person p WHERE p.id = asked AND p.recorded_by_unit = silta_unit())
        AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE g.person_id = asked) $$;
CREATE OR REPLACE FUNCTION silta_person_exists(asked uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM people_person p WHERE p.id = asked) $$;
-- Whether any unit of an organisation has, or had, a ground to know somebody: what the organisation is then stands in it.
CREATE OR REPLACE FUNCTION silta_knows_people(asked uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM organisations_unit u WHERE u.organisation_id = asked
        AND EXISTS (SELECT 1 FROM access_grant g WHERE g.unit_id = u.id)) $$;
-- Whether the acting organisation has, or had, a ground to know this person: its officer then answers for her data.
CREATE OR REPLACE FUNCTION silta_organisation_knows(whom uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM access_grant g JOIN organisations_unit u ON u.id = g.unit_id
        WHERE g.person_id = whom AND u.organisation_id = silta_organisation()) $$;
-- Whether the journal tells of this grant already, told by the acting user; asked by the person's index, for of one
-- user's day (an import) there may be thousands of events.
CREATE OR REPLACE FUNCTION silta_journalled(asked uuid, whom uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM audit_event e WHERE e.person_id = whom::text AND e.subject_id = asked::text
        AND e.action = 'access.give_grant' AND e.user_id || '' = silta_user()::text
        AND e.at >= silta_now() - interval '1 day') $$;
-- The calendar key of a digest: notes its use and names its membership.
CREATE OR REPLACE FUNCTION silta_use_feed_key(asked text, used timestamptz) RETURNS uuid LANGUAGE sql SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ UPDATE access_feedkey SET last_used_at = used WHERE digest = asked AND revoked_at IS NULL
        RETURNING membership_id $$;
"""

# What a row may never become, whoever writes it through the application: another person's, another unit's, a longer
# or wider grant, another role of the same membership, a shortened journal of emergencies. The owner's own functions (a merge of two people) are not bound.
KEEPERS = f"""
CREATE OR REPLACE FUNCTION silta_keep_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
  IF current_user = '{APP}' THEN
    FOREACH name IN ARRAY TG_ARGV LOOP
      IF to_jsonb(NEW) -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
        RAISE EXCEPTION 'the column % of % never changes', name, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
      END IF;
    END LOOP;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON access_membership FOR EACH ROW
  EXECUTE FUNCTION silta_keep_row('id', 'user_id', 'unit_id', 'role', 'purpose', 'valid_from');
CREATE OR REPLACE FUNCTION silta_keep_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = '{APP}' AND (
    to_jsonb(NEW) - '{{valid_until,ended_reason}}'::text[] IS DISTINCT FROM
    to_jsonb(OLD) - '{{valid_until,ended_reason}}'::text[]
    OR NEW.valid_until IS NULL OR NEW.valid_until > OLD.valid_until) THEN
    RAISE EXCEPTION 'a grant can only be shortened' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON access_grant FOR EACH ROW EXECUTE FUNCTION silta_keep_grant();
CREATE OR REPLACE FUNCTION silta_keep_emergency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = '{APP}' AND (
    to_jsonb(NEW) - '{{ends_at,grant_id,reviewed_at,reviewed_by_id,was_justified,review_note}}'::text[] IS DISTINCT FROM
    to_jsonb(OLD) - '{{ends_at,grant_id,reviewed_at,reviewed_by_id,was_justified,review_note}}'::text[]
    OR NEW.ends_at > OLD.ends_at OR NEW.reviewed_by_id = NEW.recorded_by_id
    OR (OLD.reviewed_at IS NOT NULL AND to_jsonb(NEW) - 'ends_at' IS DISTINCT FROM to_jsonb(OLD) - 'ends_at')) THEN
    RAISE EXCEPTION 'an emergency access can only be shortened, and reviewed once by another'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON access_emergencyaccess
  FOR EACH ROW EXECUTE FUNCTION silta_keep_emergency();
CREATE OR REPLACE FUNCTION silta_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = '{APP}' AND (
    to_jsonb(NEW) - '{{withdrawn_at,withdrawn_recorded_by_id}}'::text[] IS DISTINCT FROM
    to_jsonb(OLD) - '{{withdrawn_at,withdrawn_recorded_by_id}}'::text[] OR OLD.withdrawn_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a consent can only be withdrawn, once' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON access_consent FOR EACH ROW EXECUTE FUNCTION silta_keep_consent();
"""

# The token of a digest, whatever has become of it, asked before anybody acts; its last day of use is noted where it stands.
TOKENS = """
CREATE OR REPLACE FUNCTION silta_use_token(asked text, day date)
  RETURNS TABLE (id uuid, membership_id uuid, scopes text[], expires_on date, is_revoked boolean, is_new_day boolean)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ WITH noted AS (
          UPDATE access_token t SET last_used_on = day WHERE t.digest = asked AND t.revoked_at IS NULL
            AND t.expires_on >= day AND t.last_used_on IS DISTINCT FROM day RETURNING t.id)
        SELECT t.id, t.membership_id, t.scopes::text[], t.expires_on, t.revoked_at IS NOT NULL,
               EXISTS (SELECT 1 FROM noted) FROM access_token t WHERE t.digest = asked $$;
CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON access_token FOR EACH ROW
  EXECUTE FUNCTION silta_keep_row('id', 'membership_id', 'name', 'scopes', 'digest', 'created_at', 'expires_on');
"""

# Tables of the libraries (sessions, second factors, queue, cache) hold no client; the application works in them.
LIBRARIES = f"""
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

# A table of one's own would answer in the place of a table of that name, and its triggers would write history.
NO_TABLES_OF_ITS_OWN = """
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;
"""
