"""Which code made a resource's index rows; those of before are rebuilt by `wardround hospital reindex`."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0003_indexes_by_value_and_by_resource'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource', name='index_version', field=models.PositiveSmallIntegerField(default=0)
        ),
    ]
