"""Fill a new hospital home as one whose study asks for the doctor's own impression first: python seed_asking.py HOME."""

import json
import os
import sys

import django

PASSWORD = "seven-green-herons"


def main(home: str) -> None:
    os.environ["WARDROUND_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "wardround.hospital.settings"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from wardround.bench.heart_model import put_in_use
    from wardround.bench.heart_visit import visit
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.accounts.actions import add_user
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0)
    by = system_actor("tests")
    add_user("d.keller", role="doctor", password=PASSWORD, full_name="Dr D. Keller", by=by)
    put_in_use(settings.HOME, impression_first=True)
    person = {
        "resourceType": "Patient",
        "name": [{"family": "Kőszeghy", "given": ["Ágnes"]}],
        "identifier": [{"system": "urn:wardround:mrn", "value": "T-4711"}],
        "gender": "female",
        "birthDate": "1963-05-02",
    }
    asked = create_resource(person, by=by).logical_id
    for resource in visit(asked):
        if resource["resourceType"] == "Observation" and "coronary" not in json.dumps(resource):
            create_resource(resource, by=by)
    sys.stdout.write(json.dumps({"asked": asked}))


if __name__ == "__main__":
    main(sys.argv[1])
