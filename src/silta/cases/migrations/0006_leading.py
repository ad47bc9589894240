"""Whether a unit leads a case, or has led it: asked by the policies of what only leaders read.

As a function it asks the tables themselves. Written out in the policies, it would be asked under the policies of the
tables it names, and theirs, until planning a search took longer than ten searches.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION silta_leads(asked uuid, by_unit uuid) RETURNS boolean LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT (by_unit = silta_unit() OR by_unit = silta_looking()) AND (
    EXISTS (SELECT 1 FROM cases_case c WHERE c.id = asked AND c.unit_id = by_unit)
    OR EXISTS (SELECT 1 FROM cases_participation p WHERE p.case_id = asked AND p.unit_id = by_unit
      AND p.part = 'responsible'))
$$;
"""
GONE = "DROP FUNCTION silta_leads(uuid, uuid);"


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_reform"), ("access", "0002_functions")]
    operations = [migrations.RunSQL(FUNCTION, GONE)]
