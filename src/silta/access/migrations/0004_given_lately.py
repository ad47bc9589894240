"""Whom a unit let know something lately is read from the end of an index, however much it has let others know."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0003_grants_by_unit_and_person")]

    operations = [
        migrations.AddIndex(
            "grant", models.Index(fields=["recorded_by_unit", "-valid_from"], name="access_grant_given_lately")
        ),
    ]
