"""Fill a new hospital home as one whose study asks for the doctor's own impression first: python seed_asking.py HOME."""

import json
import sys

from seeding import opened, person


def main(home: str) -> None:
    by = opened(home, people={"d.keller": ("doctor", "Dr D. Keller")})
    from django.conf import settings

    from wardround.bench.heart_model import put_in_use
    from wardround.bench.heart_visit import visit
    from wardround.hospital.records.actions.resources import create_resource

    put_in_use(settings.HOME, impression_first=True)
    somebody = person("Kőszeghy", "Ágnes", number="T-4711", birth="1963-05-02")
    asked = create_resource(somebody, by=by).logical_id
    for resource in visit(asked):
        if resource["resourceType"] == "Observation" and "coronary" not in json.dumps(resource):
            create_resource(resource, by=by)
    sys.stdout.write(json.dumps({"asked": asked}))


if __name__ == "__main__":
    main(sys.argv[1])
