"""Writes the dated list of municipalities; a change of the list is another migration that calls the same step."""

from django.db import migrations

from silta.people import rules


def load(apps, schema_editor):
    """Adds what the list has and the table has not, and brings the rest in line."""
    municipality = apps.get_model("people", "Municipality")
    for entry in rules.municipality_list():
        municipality.objects.update_or_create(
            code=entry.code,
            valid_from=entry.valid_from,
            defaults={
                "name_fi": entry.name_fi,
                "name_sv": entry.name_sv,
                "folded_fi": rules.fold(entry.name_fi),
                "folded_sv": rules.fold(entry.name_sv),
                "county_code": entry.county_code,
                "valid_until": entry.valid_until,
                "successor_code": entry.successor_code,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("people", "0002_functions")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
