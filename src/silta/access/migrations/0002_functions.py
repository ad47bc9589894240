"""The functions that tell who acts, made early: later migrations of upper rooms may speak of them.

``silta migrate`` makes them anew, with all the policies, when every migration has run.
"""

from django.db import migrations

from silta.access import policies


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("organisations", "0001_initial"), ("audit", "0002_chain")]
    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in policies.early_statements()]
