"""The words by which organisations and units are found, folded; those that are in the register already get theirs."""

from django.db import migrations, models

from silta.kernel.folding import fold


def fold_names(apps, schema_editor):
    for model, known_by in (
        (apps.get_model("organisations", "Organisation"), ("name_fi", "name_sv", "name_en", "business_id")),
        (apps.get_model("organisations", "Unit"), ("name_fi", "name_sv", "name_en")),
    ):
        for row in model.objects.all():
            row.sought = fold(" ".join(getattr(row, name) for name in known_by))
            row.save(update_fields=["sought"])


class Migration(migrations.Migration):
    dependencies = [("organisations", "0001_initial")]

    operations = [
        migrations.AddField("organisation", "sought", models.TextField(default="", editable=False)),
        migrations.AddField("unit", "sought", models.TextField(default="", editable=False)),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
