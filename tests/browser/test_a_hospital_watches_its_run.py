"""A hospital's administrator follows a real run on the live card: awaited hospitals, a killed worker, and the end."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import PASSWORD, _free_port, _wait_for
from conftest import Site as Place

import wardround.demo
from wardround.federation.joining import public_hex

sys.path.insert(0, str(Path(__file__).parents[1] / "processes"))  # how a federation of real processes is started
from real_processes import NAMES, Federation, federation_in, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.slow]

HEART = Path(wardround.demo.__file__).parent / "heart-study.yaml"
SEED = """
import base64, json, os, sys
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from wardround.hospital.training.actions import receive_publication
from wardround.hospital.training.models import ApprovedStudy, Federation
from wardround.web.accounts.actions import add_user
from wardround.web.audit.actor import system_actor
told = json.load(sys.stdin)
by = system_actor("tests")
add_user("a.novak", role="administrator", password=told["password"], full_name="Adam Novak", by=by)
Federation.objects.create(
    coordinator="Heart federation", coordinator_identity=told["coordinator"], hospital="budapest",
    engine_host="localhost", engine_port=1, request=b"", asked=timezone.now(), joined=timezone.now(),
)
receive_publication(base64.b64decode(told["letter"]), by=by)
ApprovedStudy.objects.update(standing="approved")
"""


@pytest.fixture(scope="module")
def federation(tmp_path_factory) -> Iterator[Federation]:
    with federation_in(tmp_path_factory.mktemp("watched-here")) as made:
        made.start_all()
        yield made


@pytest.fixture(scope="module")
def study_and_letter(federation):
    return federation.publish(yaml.safe_load(HEART.read_text("utf-8")), name="watched-here")


@pytest.fixture(scope="module")
def budapest(federation, study_and_letter) -> Iterator[Place]:
    """The pages of one of the hospitals, beside its engine client."""
    import base64

    home = federation.sites["budapest"].home
    settings = {"WARDROUND_HOME": str(home.path), "DJANGO_SETTINGS_MODULE": "wardround.hospital.settings"}
    told = {
        "password": PASSWORD,
        "coordinator": public_hex(federation.coordinator.identity_key()),
        "letter": base64.b64encode(study_and_letter[1]).decode(),
    }
    subprocess.run(
        [sys.executable, "-c", SEED], env=os.environ | settings, check=True, input=json.dumps(told), text=True
    )
    port = _free_port()
    with (home.logs / "web.log").open("w") as log:
        command = [sys.executable, "-m", "uvicorn", "wardround.hospital.asgi:application", "--port", str(port)]
        server = subprocess.Popen(
            [*command, "--log-level", "warning"], env=os.environ | settings, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/login/", server=server, log=Path(log.name))
            yield Place(url=url, home=home, ids={})
        finally:
            server.terminate()
            server.wait(timeout=20)


def test_the_card_follows_the_run_and_a_killed_worker_is_not_live(federation, study_and_letter, budapest, someone):
    study, letter = study_and_letter
    for name in NAMES:
        federation.approve(name, study=study, letter=letter)
    administrator = someone(budapest, "a.novak")
    page, here, late = administrator.page, federation.sites["budapest"], federation.sites["zurich-basel"]
    administrator.opens("/runs/")
    assert page.locator(".live-run").count() == 0

    run_id = federation.run(study)
    page.wait_for_selector(f".live-run:has-text('run {run_id}')", timeout=120_000)  # without a reload
    wait_until(lambda: (state := federation.state(run_id)) and state.metrics, seconds=180, what="a round is done")
    late.halt()
    try:
        named = "answered too: Cleveland, Long-Beach, Zurich-Basel."
        page.wait_for_selector(
            f".live-run:has-text('Heart federation is awaited.'):has-text('{named}')", timeout=120_000
        )

        here.kill()
        page.wait_for_selector("#runs-now:not(:has(.live-run))", timeout=60_000)
        administrator.opens("/runs/")
        assert page.locator(".live-run").count() == 0
        assert "Ended without a model" in page.inner_text("section[aria-labelledby=h-past]")
    finally:
        late.go_on()

    here.start()
    page.wait_for_selector(f".live-run:has-text('run {run_id}')", timeout=180_000)
    state = federation.ended(run_id, seconds=300)

    assert state.succeeded, state.outcome
    page.wait_for_selector("#runs-now:not(:has(.live-run))", timeout=60_000)
    administrator.opens("/runs/")
    assert "The model came, not decided on yet" in page.inner_text("section[aria-labelledby=h-past]")
    assert administrator.objections == []
