"""The events of many acts of one kind are linked at once: the head of the chain is locked and moved once, not for each."""

from django.db import migrations

FORWARD = """
-- Links and writes events that share their user, unit and act; each is told by what is its own. What the trigger does
-- for one event is done for all: same chain, same digests, the head locked until the transaction ends. It runs as the
-- owner, past row-level security, so it asks itself what the policy asks: nobody writes under another's name.
CREATE FUNCTION audit_append_many(act jsonb, told jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  shared audit_event := jsonb_populate_record(NULL::audit_event, act);
  head audit_chainhead%ROWTYPE;
  event audit_event;
  linked audit_event[];
BEGIN
  IF (session_user = 'silta_app' OR current_setting('role') = 'silta_app') AND (shared.user_id, shared.unit_id)
    IS DISTINCT FROM (coalesce(silta_user()::text, ''), coalesce(silta_looking()::text, silta_unit()::text, '')) THEN
    RAISE EXCEPTION 'new rows violate row-level security: nobody writes the journal under another name'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  shared.chain := abs(hashtext(shared.user_id) % 64);
  SELECT * INTO STRICT head FROM audit_chainhead WHERE chain = shared.chain FOR UPDATE;
  FOR event IN SELECT * FROM jsonb_populate_recordset(shared, told) LOOP
    -- Whatever was told of it, the event is this user's, of this unit, in this chain.
    event.user_id := shared.user_id;
    event.unit_id := shared.unit_id;
    event.chain := shared.chain;
    event.position := head.position + 1;
    event.previous_digest := head.digest;
    event.digest := audit_digest(event);
    head.position := event.position;
    head.digest := event.digest;
    linked := array_append(linked, event);
  END LOOP;
  INSERT INTO audit_event SELECT * FROM unnest(linked);
  UPDATE audit_chainhead SET position = head.position, digest = head.digest WHERE chain = shared.chain;
END $$;

-- Every other insert is linked by the trigger, whoever writes it and whatever links it brings. Only the owner of the
-- tables, as whom the function above runs, may bring an event that is linked already. The owner could always put the
-- trigger out of work; what such an owner forges is found by the check of the chains.
DO $$ BEGIN
  EXECUTE 'DROP TRIGGER audit_event_append ON audit_event';
  EXECUTE format('CREATE TRIGGER audit_event_append BEFORE INSERT ON audit_event FOR EACH ROW'
    ' WHEN (NEW.digest = %L OR current_user <> %L) EXECUTE FUNCTION audit_append()', '', current_user);
END $$;
"""
BACKWARD = """
DROP TRIGGER audit_event_append ON audit_event;
CREATE TRIGGER audit_event_append BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_append();
DROP FUNCTION audit_append_many(jsonb, jsonb);
"""


class Migration(migrations.Migration):
    # The function asks who acts when it is called, not when it is made: the functions of ``access`` come later.
    dependencies = [("audit", "0002_chain")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
