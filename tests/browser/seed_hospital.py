"""Fill a new hospital home through the real write path, in a process of its own: python seed_hospital.py HOME.

Prints the ids of the patients that the tests open, as JSON.
"""

import json
import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parent))

PASSWORD = "seven-green-herons"
PEOPLE = {"n.horvath": "nurse", "d.keller": "doctor", "s.moreau": "steward", "a.novak": "administrator"}
NAMES = {"n.horvath": "Nóra Horváth", "d.keller": "Dr D. Keller", "s.moreau": "Sylvie Moreau", "a.novak": "Adam Novak"}


def main(home: str) -> None:
    os.environ["WARDROUND_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "wardround.hospital.settings"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from heart_model import put_in_use
    from heart_visit import visit

    from wardround.hospital.quality.snapshots import measure
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.accounts.actions import add_user
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0)
    by = system_actor("tests")
    for username, role in PEOPLE.items():
        add_user(username, role=role, password=PASSWORD, full_name=NAMES[username], by=by)

    def patient(family: str, given: str, *, number: int, gender: str = "female", birth: str = "1963") -> str:
        return create_resource(
            {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:wardround:mrn:test", "value": f"T-{number}"}],
                "name": [{"family": family, "given": [given]}],
                "gender": gender,
                "birthDate": birth,
            },
            by=by,
        ).logical_id

    whole = patient("Kőszeghy", "Ágnes", number=4711)
    for resource in visit(whole):
        create_resource(resource, by=by)
    held = patient("Szűcs", "Péter", number=4712, gender="male", birth="1955")
    for resource in visit(held, pressure=16):
        create_resource(resource, by=by)
    slip = patient("Tímár", "Éva", number=4714, birth="1960")
    for resource in visit(slip, pressure=17):
        create_resource(resource, by=by)
    for number in range(30):
        patient(f"Family{chr(65 + number % 26)}{number}", "Given", number=5000 + number)
    put_in_use(settings.HOME)
    thin = patient("Dürr", "Max", number=4713, gender="male", birth="1950")
    measure(by)
    sys.stdout.write(json.dumps({"whole": whole, "held": held, "thin": thin, "slip": slip}))


if __name__ == "__main__":
    main(sys.argv[1])
