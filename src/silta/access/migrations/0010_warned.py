from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0009_rights_review'),
    ]

    operations = [
        migrations.AddField(
            model_name='erasurerun',
            name='unwarned',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='erasurerun',
            name='warned',
            field=models.JSONField(default=dict),
        ),
    ]
