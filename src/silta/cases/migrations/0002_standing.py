"""The facts of a case and its standing, computed alike whoever acts.

A unit may not see what another wrote for itself, yet the day of the last contact or the next due date must not depend
on who happens to act. Both functions therefore run as the owner of the tables; they give and take dates, counts and
ids only, and only for a case in which the acting unit or client has a part: a unit that has left, or to which the case
was once offered, is told nothing of what happened since. On its last day it still closes the books behind itself, and
until its transition window or the aftercare ends it may still write. In a preview both units have a part, and nothing
is written.
"""

from django.db import migrations

FACTS = """
CREATE FUNCTION silta_case_is_of(asked uuid, by_unit uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
  SELECT (by_unit = silta_unit() OR by_unit = silta_looking()) AND (
    EXISTS (SELECT 1 FROM cases_case c WHERE c.id = asked AND c.unit_id = by_unit)
    OR EXISTS (SELECT 1 FROM cases_participation p WHERE p.case_id = asked AND p.unit_id = by_unit
      AND (p.left_on IS NULL
        OR greatest(p.left_on, p.writes_until) >= (silta_now() AT TIME ZONE 'Europe/Helsinki')::date))
    OR EXISTS (SELECT 1 FROM cases_transfer t WHERE t.case_id = asked AND by_unit IN (t.from_unit_id, t.to_unit_id)
      AND (t.state = 'proposed' OR t.decided_on >= (silta_now() AT TIME ZONE 'Europe/Helsinki')::date)))
$$;

CREATE FUNCTION silta_case_concerns(asked uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
BEGIN
  -- Work that no unit does (imports on the command line, retention): the process signed in as the owner itself.
  IF session_user <> 'silta_app' AND current_setting('role') <> 'silta_app' THEN RETURN true; END IF;
  IF silta_looking() IS NOT NULL AND NOT silta_case_is_of(asked, silta_looking()) THEN RETURN false; END IF;
  RETURN silta_case_is_of(asked, silta_unit())
    OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = asked AND c.person_id = silta_person());
END $$;

CREATE FUNCTION silta_case_facts(asked uuid, locked boolean) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE found jsonb;
BEGIN
  IF NOT silta_case_concerns(asked) THEN RETURN NULL; END IF;
  IF locked THEN
    -- Two changes at the same time follow each other: the second reads what the first has written.
    PERFORM 1 FROM cases_case c WHERE c.id = asked FOR UPDATE;
  END IF;
  SELECT jsonb_build_object(
    'kind', c.kind, 'version', c.definition_version, 'state', c.state, 'phase', c.phase, 'need', c.need,
    'responsible', (SELECT p.user_id FROM cases_participation p
      WHERE p.case_id = c.id AND p.part = 'responsible' AND p.left_on IS NULL),
    'dates', jsonb_strip_nulls(jsonb_build_object(
      'opened', c.opened_on, 'assessment_started', c.assessment_started_on, 'phase_since', c.phase_since,
      'duties_explained', c.duties_explained_on, 'planned_end', c.planned_end_on, 'ended', c.ended_on,
      'aftercare_until', c.aftercare_until, 'plan_made', v.made, 'plan_accepted', v.accepted,
      'reviewed', (SELECT max(r.held_on) FROM cases_review r WHERE r.case_id = c.id),
      'contacted', (SELECT max((n.happened_at AT TIME ZONE 'Europe/Helsinki')::date) FROM cases_note n
        WHERE n.case_id = c.id AND n.kind = 'contact' AND n.with_client AND n.result = 'reached'
          AND n.withdrawn_at IS NULL AND n.happened_at <= silta_now()),
      'goal_confirmed', g.confirmed, 'service_started', s.started)) || m.marks,
    'open_goals', g.living, 'open_steps', a.count, 'next_step', a.next,
    'actions', a.dated, 'services', s.expected, 'waiting_services', s.waiting, 'agreed_services', s.agreed,
    'assessed_domains', coalesce((SELECT jsonb_agg(DISTINCT e.domain) FROM cases_assessmententry e
      WHERE e.case_id = c.id AND e.is_current), '[]'),
    'triggers', m.triggers)
  INTO found
  FROM cases_case c,
    LATERAL (SELECT max(made_on) AS made, max(accepted_on) AS accepted FROM cases_planversion WHERE case_id = c.id) v,
    LATERAL (SELECT count(*) FILTER (WHERE state IN ('proposed', 'confirmed')) AS living,
        max(confirmed_on) FILTER (WHERE state IN ('confirmed', 'achieved')) AS confirmed
      FROM cases_goal WHERE case_id = c.id) g,
    LATERAL (SELECT count(*) AS count, min(due_on) AS next,
        coalesce(jsonb_agg(jsonb_build_array(id, due_on)) FILTER (WHERE due_on IS NOT NULL), '[]') AS dated
      FROM cases_action WHERE case_id = c.id AND state = 'open') a,
    LATERAL (SELECT count(*) FILTER (WHERE state IN ('agreed', 'requested', 'delayed')) AS waiting,
        count(*) FILTER (WHERE state <> 'refused') AS agreed, max(started_on) AS started,
        coalesce(jsonb_agg(jsonb_build_array(id, expected_on))
          FILTER (WHERE state IN ('agreed', 'requested', 'delayed') AND expected_on IS NOT NULL), '[]') AS expected
      FROM cases_agreedservice WHERE case_id = c.id) s,
    LATERAL (SELECT
        coalesce(jsonb_object_agg(x.after, x."on") FILTER (WHERE x.subject = 'mark'), '{}') AS marks,
        coalesce(jsonb_agg(x.after) FILTER (WHERE x.subject = 'trigger'), '[]') AS triggers
      FROM (SELECT DISTINCT ON (h.subject IN ('trigger', 'untrigger'), h.after)
          h.subject, h.after, h."on"
        FROM cases_statuschange h
        WHERE h.case_id = c.id AND h.subject IN ('mark', 'unmark', 'trigger', 'untrigger')
        ORDER BY h.subject IN ('trigger', 'untrigger'), h.after, h.recorded_at DESC, h.id DESC) x) m
  WHERE c.id = asked;
  RETURN found;
END $$;

CREATE FUNCTION silta_case_stand(asked uuid, standing jsonb, due jsonb) RETURNS void LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF silta_looking() IS NOT NULL OR NOT silta_case_concerns(asked) THEN RETURN; END IF;
  UPDATE cases_case c SET (responsible_id, last_contact_on, next_step_on, next_deadline_on, open_steps, open_goals,
      waiting_services) =
    (SELECT s.responsible, s.last_contact, s.next_step, s.next_deadline, s.open_steps, s.open_goals, s.waiting_services)
  FROM jsonb_to_record(standing) AS s(responsible uuid, last_contact date, next_step date, next_deadline date,
      open_steps int, open_goals int, waiting_services int)
  WHERE c.id = asked AND (c.responsible_id, c.last_contact_on, c.next_step_on, c.next_deadline_on, c.open_steps,
      c.open_goals, c.waiting_services)
    IS DISTINCT FROM (s.responsible, s.last_contact, s.next_step, s.next_deadline, s.open_steps, s.open_goals,
      s.waiting_services);
  DELETE FROM cases_deadline d WHERE d.case_id = asked AND NOT EXISTS (
    SELECT 1 FROM jsonb_to_recordset(due) AS n(rule text, subject_id uuid)
    WHERE n.rule = d.rule AND n.subject_id IS NOT DISTINCT FROM d.subject_id);
  INSERT INTO cases_deadline AS d (id, case_id, person_id, unit_id, rule, due_on, warn_on, source, inputs, subject_id,
      recorded_by_id, recorded_by_unit_id, recorded_at)
    SELECT n.id, c.id, c.person_id, c.unit_id, n.rule, n.due_on, n.warn_on, n.source, n.inputs, n.subject_id,
      coalesce(silta_user(), c.recorded_by_id), coalesce(silta_unit(), c.unit_id), silta_now()
    FROM cases_case c, jsonb_to_recordset(due) AS n(id uuid, rule text, due_on date, warn_on date, source text,
      inputs jsonb, subject_id uuid)
    WHERE c.id = asked
  ON CONFLICT (case_id, rule, subject_id) DO UPDATE SET unit_id = excluded.unit_id, due_on = excluded.due_on,
      warn_on = excluded.warn_on, source = excluded.source, inputs = excluded.inputs,
      recorded_by_id = excluded.recorded_by_id, recorded_by_unit_id = excluded.recorded_by_unit_id,
      recorded_at = excluded.recorded_at
    WHERE (d.unit_id, d.due_on, d.warn_on, d.source, d.inputs)
      IS DISTINCT FROM (excluded.unit_id, excluded.due_on, excluded.warn_on, excluded.source, excluded.inputs);
END $$;
"""
GONE = """
DROP FUNCTION silta_case_stand(uuid, jsonb, jsonb);
DROP FUNCTION silta_case_facts(uuid, boolean);
DROP FUNCTION silta_case_concerns(uuid);
DROP FUNCTION silta_case_is_of(uuid, uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(FACTS, GONE)]
