"""The people who hold many identity codes, found in one step: an import asks for each of its rows, three times."""

from django.db import migrations, models

FORWARD = """
-- For each code that somebody holds, whom ``people_id_by_code`` names: only where a holder was merged into another is
-- the way to her followed, one code at a time.
CREATE FUNCTION people_ids_by_code(codes text[]) RETURNS TABLE (code text, holder uuid) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.identity_code, p.id FROM people_person p
  WHERE p.identity_code = ANY (codes) AND p.identity_code <> '' AND p.merged_into_id IS NULL
  UNION
  SELECT p.identity_code, people_id_by_code(p.identity_code) FROM people_person p
  WHERE p.identity_code = ANY (codes) AND p.identity_code <> '' AND p.merged_into_id IS NOT NULL
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_municipalities")]
    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["identity_code"], name="people_person_code"),
        ),
        migrations.RunSQL(FORWARD, "DROP FUNCTION people_ids_by_code(text[])"),
    ]
