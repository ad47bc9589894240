"""Writes the dated list of municipalities; a change of the list is another migration that calls the same step."""

from django.db import migrations

from silta.kernel.folding import fold
from silta.people import rules


def load(apps, schema_editor):
    """Adds what the list has and the table has not, and brings the rest in line."""
    municipality = apps.get_model("people", "Municipality")
    rows = [
        municipality(
            code=entry.code,
            valid_from=entry.valid_from,
            name_fi=entry.name_fi,
            name_sv=entry.name_sv,
            folded_fi=fold(entry.name_fi),
            folded_sv=fold(entry.name_sv),
            county_code=entry.county_code,
            valid_until=entry.valid_until,
            successor_code=entry.successor_code,
        )
        for entry in rules.municipality_list()
    ]
    told = ["name_fi", "name_sv", "folded_fi", "folded_sv", "county_code", "valid_until", "successor_code"]
    municipality.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code", "valid_from"], update_fields=told
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0002_functions")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
