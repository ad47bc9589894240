"""The chain of digests: written by the database when a row is added, and refused every later change."""

from django.db import migrations

CHAINS = 64

FORWARD = f"""
CREATE FUNCTION audit_digest(e audit_event) RETURNS text LANGUAGE sql STABLE SET timezone TO 'UTC' AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(
    e.previous_digest, e.chain, e.position, e.id, e.at, e.kind, e.action, e.outcome, e.user_id, e.unit_id,
    e.organisation_id, e.role, e.purpose, e.person_id, e.subject_type, e.subject_id, e.ground,
    e.recipient_unit_id, e.details)::text, 'UTF8')), 'hex')
$$;

-- One chain per hash of the user, so that two workers seldom wait for each other. The row of the chain's head is
-- locked until the transaction ends: within a chain, events stand in the order of their commits.
CREATE FUNCTION audit_append() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE head audit_chainhead%ROWTYPE;
BEGIN
  NEW.chain := abs(hashtext(NEW.user_id) % {CHAINS});
  SELECT * INTO STRICT head FROM audit_chainhead WHERE chain = NEW.chain FOR UPDATE;
  NEW.position := head.position + 1;
  NEW.previous_digest := head.digest;
  NEW.digest := audit_digest(NEW);
  UPDATE audit_chainhead SET position = NEW.position, digest = NEW.digest WHERE chain = NEW.chain;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_event_append BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_append();

-- Nothing is changed, ever; nothing is removed but by retention, which says so in its own transaction.
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('silta.erasing', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_event_refuse_update BEFORE UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_event_refuse_delete BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_event_refuse_truncate BEFORE TRUNCATE ON audit_event EXECUTE FUNCTION audit_refuse();

INSERT INTO audit_chainhead (chain, position, digest, kept_from_position, kept_from_digest)
  SELECT n, 0, '', 1, '' FROM generate_series(0, {CHAINS - 1}) n;
"""
BACKWARD = """
DROP TRIGGER audit_event_refuse_truncate ON audit_event;
DROP TRIGGER audit_event_refuse_delete ON audit_event;
DROP TRIGGER audit_event_refuse_update ON audit_event;
DROP TRIGGER audit_event_append ON audit_event;
DROP FUNCTION audit_refuse();
DROP FUNCTION audit_append();
DROP FUNCTION audit_digest(audit_event);
DELETE FROM audit_chainhead;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
