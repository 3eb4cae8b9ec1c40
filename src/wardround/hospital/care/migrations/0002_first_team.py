"""Every hospital has a first care team: it has whoever was put into no other."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def make_it(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    team = apps.get_model("care", "CareTeam")
    if not team.objects.filter(is_first=True).exists():
        team.objects.create(name="First team", is_first=True, made=timezone.now(), made_by="system")


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial")]
    operations = [migrations.RunPython(make_it, migrations.RunPython.noop)]
