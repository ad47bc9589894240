"""Where a worker with a mandate finds the case she comes into before anybody has invited her.

The functions run as the owner of the tables and tell only what is needed to judge whether a ground holds: whose case,
of which unit and kind. What they tell never reaches a page: ``queries.joining`` answers with a case that may be
joined, or with nothing.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION silta_case_to_join(asked uuid, numbered text)
  RETURNS TABLE (id uuid, person_id uuid, unit_id uuid, kind varchar, definition_version varchar)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ #variable_conflict use_column
        BEGIN RETURN QUERY SELECT c.id, c.person_id, c.unit_id, c.kind, c.definition_version FROM cases_case c
        WHERE c.state = 'open' AND silta_unit() IS NOT NULL
          AND (c.id = asked OR (numbered <> '' AND c.number = numbered)); END $$;
CREATE FUNCTION silta_cases_to_join(asked_person uuid)
  RETURNS TABLE (id uuid, person_id uuid, unit_id uuid, kind varchar, definition_version varchar)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ #variable_conflict use_column
        BEGIN RETURN QUERY SELECT c.id, c.person_id, c.unit_id, c.kind, c.definition_version FROM cases_case c
        WHERE c.state = 'open' AND silta_unit() IS NOT NULL AND c.person_id = asked_person
        ORDER BY c.opened_on DESC, c.id DESC; END $$;
"""
GONE = """
DROP FUNCTION silta_cases_to_join(uuid);
DROP FUNCTION silta_case_to_join(uuid, text);
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_standing")]
    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
