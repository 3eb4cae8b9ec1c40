"""Fill a new coordinator home: three members, the heart study, one run that waits: python seed_coordinator.py HOME.

Prints the run's id as JSON.
"""

import json
import os
import sys
from pathlib import Path

import django

import wardround.demo

PASSWORD = "seven-green-herons"
STUDY = Path(wardround.demo.__file__).parent / "heart-study.yaml"


def main(home: str) -> None:
    os.environ["WARDROUND_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "wardround.coordinator.settings"
    django.setup()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.core.management import call_command
    from django.utils import timezone

    from wardround.coordinator.members.models import Member, Standing
    from wardround.coordinator.runs.actions import request_run
    from wardround.coordinator.studies.actions import publish
    from wardround.web.accounts.actions import add_user
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0)
    by = system_actor("tests")
    add_user("o.peeters", role="operator", password=PASSWORD, full_name="Odette Peeters", by=by)
    for name, title in (("budapest", "Budapest"), ("cleveland", "Cleveland"), ("long-beach", "Long Beach")):
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        Member.objects.create(
            name=name, title=title, since=timezone.now(), token_digest=name, identity=key, sealing_key=key,
            standing=Standing.MEMBER,
        )  # fmt: skip
    run = request_run(publish(STUDY, by=by), by=by)
    sys.stdout.write(json.dumps({"run": run.run_id}))


if __name__ == "__main__":
    main(sys.argv[1])
