"""What every seed begins with: a new home with its tables and people, and a person as a registration writes one."""

import os
from collections.abc import Mapping
from typing import Any

import django

PASSWORD = "seven-green-herons"


def opened(home: str, *, people: Mapping[str, tuple[str, str]], kind: str = "hospital") -> Any:
    """Set Django up for this new home, and make its tables and its people (username: role and full name). Who acts there."""
    os.environ["WARDROUND_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = f"wardround.{kind}.settings"
    django.setup()
    from django.core.management import call_command

    from wardround.web.accounts.actions import add_user
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0)
    by = system_actor("tests")
    for username, (role, full_name) in people.items():
        add_user(username, role=role, password=PASSWORD, full_name=full_name, by=by)
    return by


def person(family: str, given: str, *, number: str, gender: str = "female", birth: str = "1963") -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:wardround:mrn:test", "value": number}],
        "name": [{"family": family, "given": [given]}],
        "gender": gender,
        "birthDate": birth,
    }
