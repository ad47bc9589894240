"""Why an ordered hand-over failed, for whoever keeps organisations: a code out of the journal, and nothing else of it."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION silta_hand_over_fault(asked uuid, ordered_by uuid) RETURNS text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF silta_looking() IS NOT NULL OR NOT silta_may('organisations.manage') THEN
    RAISE EXCEPTION 'only who keeps organisations asks why' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN (SELECT e.details ->> 'code' FROM audit_event e WHERE e.user_id = ordered_by::text
    AND e.action = 'cases.fail_hand_over' AND e.subject_id = asked::text ORDER BY e.at DESC LIMIT 1);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_leavingreason"), ("access", "0002_functions"), ("audit", "0002_chain")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION silta_hand_over_fault(uuid, uuid)")]
