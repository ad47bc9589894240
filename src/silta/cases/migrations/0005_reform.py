"""How much work a unit has, for whoever keeps organisations and sees no client: figures, and no row behind them."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION silta_work_of(asked uuid, asking text[]) RETURNS TABLE (open_cases bigint, ended_cases bigint,
    parts bigint, offers bigint, promises bigint, services bigint, asked_again bigint, kinds text[])
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF silta_looking() IS NOT NULL OR NOT silta_may('organisations.manage') THEN
    RAISE EXCEPTION 'only who keeps organisations counts their work' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT
    (SELECT count(*) FROM cases_case c WHERE c.unit_id = asked AND c.state = 'open'),
    (SELECT count(*) FROM cases_case c WHERE c.unit_id = asked AND c.state <> 'open'),
    (SELECT count(DISTINCT p.case_id) FROM cases_participation p JOIN cases_case c ON c.id = p.case_id
      WHERE p.unit_id = asked AND p.left_on IS NULL AND c.unit_id <> asked),
    (SELECT count(*) FROM cases_transfer t JOIN cases_case c ON c.id = t.case_id
      WHERE t.state = 'proposed' AND asked IN (t.to_unit_id, c.unit_id)),
    (SELECT count(*) FROM cases_action a JOIN cases_case c ON c.id = a.case_id
      WHERE a.owner_unit_id = asked AND a.state = 'open' AND c.state = 'open'),
    (SELECT count(*) FROM cases_agreedservice s JOIN cases_case c ON c.id = s.case_id
      WHERE s.provider_unit_id = asked AND s.state IN ('agreed', 'requested', 'delayed', 'started') AND c.state = 'open'),
    -- Grounds that hold for this unit alone: the client is asked again, or the new unit does not know.
    (SELECT count(*) FROM access_grant g JOIN cases_case c ON c.id = g.source_id
      WHERE g.unit_id = asked AND g.source_type = 'cases.case' AND g.ground = ANY (asking)
        AND g.valid_from <= silta_now() AND (g.valid_until IS NULL OR g.valid_until > silta_now())
        AND (c.unit_id = asked OR EXISTS (SELECT 1 FROM cases_participation p
          WHERE p.case_id = c.id AND p.unit_id = asked AND p.left_on IS NULL))),
    (SELECT coalesce(array_agg(DISTINCT c.kind::text), '{}') FROM cases_case c WHERE c.unit_id = asked);
END $$;
"""
GONE = "DROP FUNCTION silta_work_of(uuid, text[]);"


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_numbers"), ("access", "0002_functions")]
    operations = [migrations.RunSQL(FUNCTION, GONE)]
