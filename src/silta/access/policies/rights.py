"""Who reviews a unit's rights and who oversees it, as functions and triggers of the database."""

from silta.access.enums import Permission
from silta.access.policies.functions import APP
from silta.access.rules import ROLES

_TODAY = "(silta_now() AT TIME ZONE 'Europe/Helsinki')::date"
_LEADS = ", ".join(
    f"'{code}'"
    for code, role in sorted(ROLES.items())
    if Permission.RIGHTS_REVIEW in role.permissions
    and Permission.ORGANISATIONS_MANAGE not in role.permissions
)
_MOST_STEPS_UP = 16

FUNCTIONS = f"""
-- The unit whose leads review the rights of this one: itself, or the nearest above it that has a lead; none, where none has.
CREATE OR REPLACE FUNCTION silta_reviewing_unit(asked uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp
  AS $$ WITH RECURSIVE up AS (
          SELECT u.id, u.parent_id, 0 AS steps FROM organisations_unit u WHERE u.id = asked
          UNION ALL SELECT u.id, u.parent_id, up.steps + 1 FROM up JOIN organisations_unit u ON u.id = up.parent_id
            WHERE up.steps < {_MOST_STEPS_UP})
        SELECT up.id FROM up WHERE EXISTS (
          SELECT 1 FROM access_membership m JOIN accounts_user p ON p.id = m.user_id
          WHERE m.unit_id = up.id AND m.role IN ({_LEADS}) AND p.is_active AND m.valid_from <= {_TODAY}
            AND (m.valid_until IS NULL OR m.valid_until >= {_TODAY}))
        ORDER BY up.steps LIMIT 1 $$;
-- Whether the acting user reviews the unit's rights: its lead, the lead above it, or the keeper where nobody leads it.
CREATE OR REPLACE FUNCTION silta_reviews(asked uuid) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT silta_looking() IS NULL AND silta_may('{Permission.RIGHTS_REVIEW}') AND coalesce(
          silta_reviewing_unit(asked) = silta_unit(),
          silta_may('{Permission.ORGANISATIONS_MANAGE}') AND silta_reviewing_unit(asked) IS NULL) $$;
-- Whether the acting user oversees the unit's reviews: an officer those of her organisation, the keeper all.
CREATE OR REPLACE FUNCTION silta_oversees(asked uuid) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT silta_looking() IS NULL AND silta_may('{Permission.RIGHTS_OVERSEE}')
          AND (silta_may('{Permission.ORGANISATIONS_MANAGE}') OR EXISTS (
            SELECT 1 FROM organisations_unit u WHERE u.id = asked AND u.organisation_id = silta_organisation())) $$;
-- How many tokens and calendar addresses of each member of a unit open something now; for whoever reviews the unit.
CREATE OR REPLACE FUNCTION silta_keys_in(asked uuid) RETURNS TABLE (membership_id uuid, tokens bigint, addresses bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT m.id,
          (SELECT count(*) FROM access_token t
            WHERE t.membership_id = m.id AND t.revoked_at IS NULL AND t.expires_on >= {_TODAY}),
          (SELECT count(*) FROM access_feedkey f WHERE f.membership_id = m.id AND f.revoked_at IS NULL)
        FROM access_membership m WHERE m.unit_id = asked AND silta_reviews(asked) $$;
-- A review is closed once, and changes in nothing else; an answer changes until then, and afterwards only by what became of it.
CREATE OR REPLACE FUNCTION silta_keep_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = '{APP}' AND (OLD.closed_at IS NOT NULL
    OR to_jsonb(NEW) - '{{closed_at,closed_by_id,confirmed}}'::text[]
      IS DISTINCT FROM to_jsonb(OLD) - '{{closed_at,closed_by_id,confirmed}}'::text[]) THEN
    RAISE EXCEPTION 'a review of rights can only be closed, once' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON access_rightsreview FOR EACH ROW EXECUTE FUNCTION silta_keep_review();
CREATE OR REPLACE FUNCTION silta_keep_rights_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_open boolean;
BEGIN
  IF current_user = '{APP}' THEN
    SELECT r.closed_at IS NULL INTO is_open FROM access_rightsreview r WHERE r.id = OLD.review_id;
    IF NEW.id <> OLD.id OR NEW.review_id <> OLD.review_id OR NEW.membership_id <> OLD.membership_id
      OR (is_open AND NEW.settled_at IS NOT NULL)
      OR (NOT is_open AND (OLD.settled_at IS NOT NULL OR NOT OLD.is_request
        OR to_jsonb(NEW) - '{{settled_at,settled_by_id,settled_note}}'::text[]
          IS DISTINCT FROM to_jsonb(OLD) - '{{settled_at,settled_by_id,settled_note}}'::text[])) THEN
      RAISE EXCEPTION 'an answer of a closed review can only be settled, once' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER silta_keep BEFORE UPDATE ON access_rightsanswer
  FOR EACH ROW EXECUTE FUNCTION silta_keep_rights_answer();
"""

_REVIEW = "EXISTS (SELECT 1 FROM access_rightsreview r WHERE r.id = t.review_id{condition})"
REVIEW_READ = "silta_reviews(t.unit_id) OR silta_oversees(t.unit_id)"
REVIEW_ADD = "silta_oversees(t.unit_id) AND t.started_by_id = (SELECT silta_user()) AND t.closed_at IS NULL"
REVIEW_CHANGE = "silta_reviews(t.unit_id)"
ANSWER_READ = _REVIEW.format(condition="")
ANSWER_ADD = (
    _REVIEW.format(condition=" AND r.closed_at IS NULL AND silta_reviews(r.unit_id)")
    + " AND t.answered_by_id = (SELECT silta_user()) AND t.settled_at IS NULL"
    + " AND EXISTS (SELECT 1 FROM access_membership m JOIN access_rightsreview r ON r.unit_id = m.unit_id"
    + " WHERE m.id = t.membership_id AND r.id = t.review_id)"
)
ANSWER_CHANGE = _REVIEW.format(
    condition=" AND ((r.closed_at IS NULL AND silta_reviews(r.unit_id))"
    f" OR (r.closed_at IS NOT NULL AND silta_may('{Permission.ORGANISATIONS_MANAGE}')))"
)
