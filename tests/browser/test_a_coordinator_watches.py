"""An operator starts a run of real processes, watches it live, sees which hospital is late, pauses, resumes, and sees the end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import PASSWORD
from conftest import Site as Place

import wardround.demo

sys.path.insert(0, str(Path(__file__).parents[1] / "processes"))  # how a federation of real processes is started
from real_processes import NAMES, Federation, federation_in, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.slow]

HEART = Path(wardround.demo.__file__).parent / "heart-study.yaml"
OPERATOR = """
import django
django.setup()
from wardround.web.accounts.actions import add_user
from wardround.web.audit.actor import system_actor
add_user("o.peeters", role="operator", password=%r, full_name="Odette Peeters", by=system_actor("tests"))
"""


@pytest.fixture(scope="module")
def federation(tmp_path_factory) -> Iterator[Federation]:
    with federation_in(tmp_path_factory.mktemp("watched")) as made:
        home = str(made.coordinator.path)
        settings = {"WARDROUND_HOME": home, "DJANGO_SETTINGS_MODULE": "wardround.coordinator.settings"}
        subprocess.run([sys.executable, "-c", OPERATOR % PASSWORD], env=os.environ | settings, check=True)
        made.start_all()
        yield made


def test_an_operator_watches_a_run_with_a_late_hospital_pauses_it_and_sees_its_end(federation, someone):
    study, letter = federation.publish(yaml.safe_load(HEART.read_text("utf-8")), name="watched")
    for name in NAMES:
        federation.approve(name, study=study, letter=letter)
    place = Place(url=federation.url(), home=federation.coordinator, ids={"study": study.hash})
    operator = someone(place, "o.peeters")
    page, late = operator.page, federation.sites["zurich-basel"]

    operator.opens("/studies/{study}/")
    page.click("text=Start a run")
    page.wait_for_selector("#live-sign:has-text('live')")
    run_id = page.url.rstrip("/").rpartition("/")[2]
    wait_until(lambda: (state := federation.state(run_id)) and state.metrics, seconds=120, what="a round is done")
    late.halt()
    try:
        page.wait_for_selector("#live-headline:has-text('Waiting for Zurich-Basel.')", timeout=60_000)
        assert "its roster may not shrink" in page.inner_text("#live-detail")
        assert page.inner_text("#live-now tr.why").strip() != ""
        assert page.is_disabled("text=Close the round >> nth=0")
        page.fill("#reason", "Zurich restarts its machine")
        page.click("button[value=pause]")
        page.wait_for_selector("#live-headline:has-text('Odette Peeters has ordered a pause.')")
    finally:
        late.go_on()

    page.wait_for_selector("#live-headline:has-text('Paused by Odette Peeters.')", timeout=120_000)
    assert "Zurich restarts its machine." in page.inner_text("#live-detail")
    rounds = federation.state(run_id).round
    page.fill("#reason", "Zurich is back")
    page.click("button[value=resume]")
    page.wait_for_selector("#live-headline:has-text('The run is finished. Nothing is waited for.')", timeout=180_000)

    assert federation.state(run_id).round > rounds
    log = page.inner_text("#live-log")
    assert "Paused by Odette Peeters: Zurich restarts its machine. No new round begins." in log
    assert "Resumed by Odette Peeters: Zurich is back." in log
    assert page.locator("#auroc-chart canvas").count() == 1
    operator.opens("/models/")
    assert "all 4 have it" in page.inner_text("main")
    assert operator.objections == []
