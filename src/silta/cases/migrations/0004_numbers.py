"""Case numbers are taken, never set: the counter belongs to the owner, and this function is the only way to it.

Who opens or imports cases takes the next numbers of a year that has begun. Nobody can turn the counter back, so no two
cases ever get one number, and no number can be tried out for what others have opened.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION silta_take_numbers(opened integer, how_many integer) RETURNS integer LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE taken integer;
BEGIN
  -- Work that no unit does signed in as the owner itself, who is bound by the operations alone.
  IF (session_user = 'silta_app' OR current_setting('role') = 'silta_app') AND (
    silta_looking() IS NOT NULL OR NOT (silta_may('case.open') OR silta_may('data.import'))) THEN
    RAISE EXCEPTION 'only who opens cases takes their numbers' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF how_many IS NULL OR opened IS NULL OR how_many NOT BETWEEN 1 AND 10000
    OR opened NOT BETWEEN 1900 AND extract(year FROM silta_now() AT TIME ZONE 'Europe/Helsinki') THEN
    RAISE EXCEPTION 'no such numbers: % of %', how_many, opened USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO cases_casenumber AS counter (year, last) VALUES (opened, how_many)
    ON CONFLICT (year) DO UPDATE SET last = counter.last + excluded.last RETURNING last INTO taken;
  RETURN taken;
END $$;
"""
GONE = "DROP FUNCTION silta_take_numbers(integer, integer);"


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_joining")]
    operations = [migrations.RunSQL(FUNCTION, GONE)]
