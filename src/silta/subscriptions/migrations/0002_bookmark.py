"""The bookmark lies at the end of the journal: what was done before is told to nobody."""

from django.db import migrations

FORWARD = """
INSERT INTO subscriptions_bookmark (id, positions)
  SELECT 1, coalesce(jsonb_object_agg(chain, position), '{}') FROM audit_chainhead
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial"), ("audit", "0002_chain")]
    operations = [migrations.RunSQL(FORWARD, "DELETE FROM subscriptions_bookmark")]
