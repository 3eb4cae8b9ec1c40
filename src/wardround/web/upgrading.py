"""Bringing a home's tables to this version of Wardround: what is missing is known before anything is read or written."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def pending() -> list[str]:
    """The changes to the tables that this version brings and this home does not have yet, as "app.name"."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def upgrade() -> list[str]:
    """Make them, each in a transaction of its own; what was made. Repeated, it goes on where it was stopped."""
    missing = pending()
    if missing:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    return missing
