"""Quantities and numbers as intervals, quantities in base units, composites, and room for longer parameter names."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F

_TABLES = ("stringindex", "tokenindex", "dateindex", "referenceindex", "quantityindex", "numberindex", "uriindex")


def _close_intervals(apps: Any, schema_editor: Any) -> None:
    for name in ("QuantityIndex", "NumberIndex"):
        apps.get_model("records", name).objects.update(high=F("low"))


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0001_initial'),
    ]

    operations = [
        *(
            migrations.AlterField(model_name=name, name='parameter', field=models.CharField(max_length=60))
            for name in _TABLES
        ),
        migrations.RemoveIndex(model_name='quantityindex', name='quantity_search'),
        migrations.RemoveIndex(model_name='numberindex', name='number_search'),
        migrations.RenameField(model_name='quantityindex', old_name='value', new_name='low'),
        migrations.RenameField(model_name='numberindex', old_name='value', new_name='low'),
        migrations.AddField(
            model_name='quantityindex', name='high', field=models.FloatField(default=0), preserve_default=False
        ),
        migrations.AddField(
            model_name='numberindex', name='high', field=models.FloatField(default=0), preserve_default=False
        ),
        migrations.AddField(
            model_name='quantityindex', name='base_unit', field=models.CharField(blank=True, default='', max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(model_name='quantityindex', name='base_low', field=models.FloatField(null=True)),
        migrations.AddField(model_name='quantityindex', name='base_high', field=models.FloatField(null=True)),
        migrations.RunPython(_close_intervals, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='quantityindex',
            index=models.Index(fields=['type', 'parameter', 'low'], name='quantity_search'),
        ),
        migrations.AddIndex(
            model_name='numberindex',
            index=models.Index(fields=['type', 'parameter', 'low'], name='number_search'),
        ),
        migrations.AddIndex(
            model_name='quantityindex',
            index=models.Index(fields=['type', 'parameter', 'base_unit', 'base_low'], name='quantity_base_search'),
        ),
        migrations.CreateModel(
            name='CompositeIndex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(max_length=40)),
                ('parameter', models.CharField(max_length=60)),
                ('system', models.CharField(blank=True, max_length=200)),
                ('code', models.CharField(max_length=200)),
                ('value_system', models.CharField(blank=True, max_length=200)),
                ('value_code', models.CharField(blank=True, max_length=200)),
                ('low_number', models.FloatField(null=True)),
                ('high_number', models.FloatField(null=True)),
                ('base_unit', models.CharField(blank=True, max_length=80)),
                ('base_low', models.FloatField(null=True)),
                ('base_high', models.FloatField(null=True)),
                ('low_date', models.DateTimeField(null=True)),
                ('high_date', models.DateTimeField(null=True)),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='records.resource')),
            ],
            options={
                'indexes': [
                    models.Index(
                        fields=['type', 'parameter', 'code', 'value_code', 'low_number'], name='composite_search'
                    )
                ],
            },
        ),
    ]
