"""What the register answers across row security, the index behind search, and the moving of rows in a merge.

The functions run as the owner of the tables and give out ids only: whoever holds an id still sees a row only where
row-level security lets her. Their search path is pinned. They name tables of upper rooms only when called, not when made.
"""

from django.db import migrations

FORWARD = """
-- The person who holds an identity code, across all units; of a merged duplicate, the person it was merged into.
CREATE FUNCTION people_id_by_code(code text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
  WITH RECURSIVE chain AS (
    SELECT p.id, p.merged_into_id FROM people_person p WHERE code <> '' AND p.identity_code = code
    UNION SELECT p.id, p.merged_into_id FROM people_person p JOIN chain c ON p.id = c.merged_into_id
  ) SELECT id FROM chain WHERE merged_into_id IS NULL LIMIT 1
$$;

-- The person and the duplicates merged into her: under each of these ids the journal may hold events.
CREATE FUNCTION people_identities(asked uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER ROWS 2
  SET search_path = public, pg_temp AS $$
  SELECT asked WHERE asked IS NOT NULL
  UNION ALL SELECT p.id FROM people_person p WHERE p.merged_into_id = asked
$$;

-- People who are likely the one described: born the same day, all words of one name within the other's, the last name
-- among them; or the same words, where nobody knows a date of birth.
CREATE FUNCTION people_likely_same(words text[], last_words text[], born date) RETURNS SETOF uuid
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF born IS NULL THEN
    RETURN QUERY SELECT p.id FROM people_person p WHERE p.birth_date IS NULL AND p.merged_into_id IS NULL
      AND string_to_array(p.search_name, ' ') @> words AND string_to_array(p.search_name, ' ') <@ words
      ORDER BY p.id;
  ELSE
    RETURN QUERY SELECT p.id FROM people_person p WHERE p.birth_date = born AND p.merged_into_id IS NULL
      AND string_to_array(p.search_name, ' ') @> last_words
      AND (string_to_array(p.search_name, ' ') @> words OR string_to_array(p.search_name, ' ') <@ words)
      ORDER BY p.id;
  END IF;
END $$;

-- Every ending of every word of a folded name: a part of a word is the beginning of one of its endings.
CREATE FUNCTION people_name_parts(name text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
  SELECT pg_catalog.array_to_tsvector(ARRAY(
    SELECT DISTINCT pg_catalog.substr(word, first)
    FROM pg_catalog.unnest(pg_catalog.string_to_array(name, ' ')) word,
         pg_catalog.generate_series(1, pg_catalog.length(word)) first
    WHERE word <> ''))
$$;
CREATE INDEX people_person_name_parts ON people_person USING gin (people_name_parts(search_name));

-- The people the acting unit may know, or the client herself, whose name holds every one of the parts. The rows of a
-- unit of usual size are read and compared one by one; for a larger one the planner sees parts and unit, and begins
-- with the rarer. LIKE says the same as the index; parts of one or two letters are too common for the index.
CREATE FUNCTION people_matching(parts text[]) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
  SET search_path = public, pg_temp SET enable_seqscan = off SET random_page_cost = 1.1 AS $$
DECLARE
  usual_size constant int := 3000;
  asked tsquery;
  patterns text[];
  part text;
  rare text := 'true';
BEGIN
  FOREACH part IN ARRAY parts LOOP
    part := translate(part, '''\\%_', '');
    CONTINUE WHEN part = '';
    patterns := patterns || format('%%%s%%', part);
    IF length(part) > 2 THEN
      asked := coalesce(asked && format('''%s'':*', part)::tsquery, format('''%s'':*', part)::tsquery);
    END IF;
  END LOOP;
  IF patterns IS NULL THEN RETURN; END IF;
  IF asked IS NOT NULL AND
    (SELECT count(*) FROM (SELECT 1 FROM access_grant WHERE unit_id = silta_unit() LIMIT usual_size) g) = usual_size
  THEN
    rare := 'people_name_parts(p.search_name) @@ $1';
  END IF;
  RETURN QUERY EXECUTE '
    SELECT p.id FROM people_person p
    WHERE ' || rare || ' AND p.search_name LIKE ALL ($2) AND p.merged_into_id IS NULL
      AND p.id IN (SELECT g.person_id FROM access_grant g WHERE g.unit_id = $3 AND ''identity'' = ANY (g.categories)
                   AND g.valid_from <= $4 AND (g.valid_until IS NULL OR g.valid_until > $4)
                   AND (g.ground <> ''emergency'' OR g.recorded_by_id = $6))
    UNION
    SELECT p.id FROM people_person p
    WHERE p.id = $5 AND p.search_name LIKE ALL ($2) AND p.merged_into_id IS NULL'
    USING asked, patterns, silta_unit(), silta_now(), silta_person(), silta_user();
END $$;

-- What was moved in a merge is the database's own note: with it a row can be put back under another person, so the
-- application may neither bring nor change it.
CREATE FUNCTION people_keep_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_user = 'silta_app' THEN
    NEW.moved := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE OLD.moved END;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER people_merge_keep_moved BEFORE INSERT OR UPDATE ON people_merge
  FOR EACH ROW EXECUTE FUNCTION people_keep_moved();

-- Every column that names a person, in whatever room: table, column, primary key. Grants outlive the
-- person and have no foreign key; they are known by the name of their column. History stays with the row it was of.
CREATE FUNCTION people_references() RETURNS TABLE (place text, held regclass, col name, pk name)
  LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT t.oid::regclass::text || '.' || a.attname, t.oid::regclass, a.attname, k.attname
  FROM pg_class t
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_constraint p ON p.conrelid = t.oid AND p.contype = 'p'
  JOIN pg_attribute k ON k.attrelid = t.oid AND k.attnum = p.conkey[1]
  WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND t.relname <> 'people_merge'
    AND k.attname <> 'pgh_id' AND (a.attname = 'person_id' AND a.atttypid = 'uuid'::regtype
      OR EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'f'
                 AND c.confrelid = 'people_person'::regclass AND c.conkey = ARRAY[a.attnum]))
  ORDER BY 1
$$;

-- Moves everything of the duplicate to the surviving person, in every room and category, and notes what. The acting
-- unit must have current grounds to know both. Raises unique_violation where the two cannot both be kept by one person.
CREATE FUNCTION people_merge_rows(asked uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  m people_merge%ROWTYPE;
  r record;
  ids jsonb;
  notes jsonb := '{}';
  today date := (silta_now() AT TIME ZONE 'Europe/Helsinki')::date;
BEGIN
  SELECT * INTO STRICT m FROM people_merge WHERE id = asked AND undone_at IS NULL AND moved = '{}' FOR UPDATE;
  IF NOT (silta_reaches(m.person_id) AND silta_reaches(m.duplicate_id)) THEN
    RAISE EXCEPTION 'the acting unit does not reach both people' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM 1 FROM people_person WHERE id IN (m.person_id, m.duplicate_id) ORDER BY id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM people_residence WHERE person_id = m.person_id AND valid_until IS NULL) THEN
    WITH closed AS (
      UPDATE people_residence SET valid_until = greatest(valid_from, today - 1)
      WHERE person_id = m.duplicate_id AND valid_until IS NULL RETURNING id
    ) SELECT jsonb_agg(id) INTO ids FROM closed;
    notes := notes || jsonb_strip_nulls(jsonb_build_object('closed', ids));
  END IF;
  FOR r IN SELECT * FROM people_references() LOOP
    EXECUTE format('WITH moved AS (UPDATE %s SET %I = $1 WHERE %I = $2 RETURNING %I AS id)
                    SELECT jsonb_agg(id) FROM moved', r.held, r.col, r.col, r.pk)
      INTO ids USING m.person_id, m.duplicate_id;
    notes := notes || jsonb_strip_nulls(jsonb_build_object(r.place, ids));
  END LOOP;
  UPDATE people_person SET merged_into_id = m.person_id, version = version + 1 WHERE id = m.duplicate_id;
  UPDATE people_merge SET moved = notes WHERE id = m.id;
END $$;

-- Puts back what a merge moved, as far as it still exists and has not gone elsewhere since.
CREATE FUNCTION people_unmerge_rows(asked uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  m people_merge%ROWTYPE;
  holder uuid;
  r record;
BEGIN
  SELECT * INTO STRICT m FROM people_merge WHERE id = asked AND undone_at IS NULL FOR UPDATE;
  -- The survivor may have been merged into a third person since; the rows are there now.
  SELECT coalesce(p.merged_into_id, p.id) INTO STRICT holder FROM people_person p WHERE p.id = m.person_id;
  IF NOT silta_reaches(holder) THEN
    RAISE EXCEPTION 'the acting unit does not reach the person' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM 1 FROM people_person WHERE id IN (holder, m.duplicate_id) ORDER BY id FOR UPDATE;
  UPDATE people_person SET merged_into_id = NULL, version = version + 1 WHERE id = m.duplicate_id;
  FOR r IN SELECT * FROM people_references() WHERE m.moved ? place LOOP
    EXECUTE format('UPDATE %s SET %I = $1 WHERE %I = $2 AND %I::text IN (SELECT jsonb_array_elements_text($3))',
                   r.held, r.col, r.col, r.pk)
      USING m.duplicate_id, holder, m.moved -> r.place;
  END LOOP;
  UPDATE people_residence SET valid_until = NULL
    WHERE person_id = m.duplicate_id AND id::text IN (SELECT jsonb_array_elements_text(m.moved -> 'closed'));
END $$;
"""
BACKWARD = """
DROP FUNCTION people_unmerge_rows(uuid);
DROP FUNCTION people_merge_rows(uuid);
DROP FUNCTION people_references();
DROP TRIGGER people_merge_keep_moved ON people_merge;
DROP FUNCTION people_keep_moved();
DROP FUNCTION people_matching(text[]);
DROP INDEX people_person_name_parts;
DROP FUNCTION people_name_parts(text);
DROP FUNCTION people_likely_same(text[], text[], date);
DROP FUNCTION people_identities(uuid);
DROP FUNCTION people_id_by_code(text);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
