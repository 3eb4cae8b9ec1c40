"""A steward takes in a file with errors: she uploads it, maps a column, tries, imports, mends what was refused, and undoes it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

LAB = (
    b"PatNr;Nachname;Vorname;Geschlecht;Geburtsdatum;Datum;Chol (mg/dl);RR syst\n"
    b"901;Muster;Anna;W;12.03.1961;02.03.2026;212;128\n"
    b"902;Beispiel;Ben;M;30.11.1955;02.03.2026;198;1280\n"
    b"903;Fehler;Eva;W;31.02.1970;02.03.2026;201;131\n"
)


@pytest.fixture
def worker(hospital) -> Iterator[None]:
    """The process that imports what was uploaded."""
    command = [sys.executable, "-m", "wardround.cli", "hospital", "work", "--home", str(hospital.home.path)]
    environment = {**os.environ, "WARDROUND_HOME": str(hospital.home.path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield
    process.terminate()
    process.wait(timeout=30)


def test_a_file_with_errors_is_mapped_tried_imported_mended_and_undone(hospital, someone, worker):
    steward = someone(hospital, "s.moreau")
    page = steward.page
    steward.opens("/imports/")
    page.click("text=New import")
    page.set_input_files("#files", [{"name": "labor.csv", "mimeType": "text/csv", "buffer": LAB}])
    page.press("text=Upload and look", "Enter")

    page.fill("[aria-label='What RR syst is']", "Systolic blood pressure")
    page.fill("[aria-label='Unit of RR syst']", "mmHg")
    page.press("[aria-label='Unit of RR syst']", "Enter")
    trial = page.inner_text("section[aria-labelledby=h-trial]")
    assert "Would be refused" in trial
    assert "labor.csv, line 4" in trial
    assert "Would be held until somebody decides" in trial

    page.click("text=Import all")
    page.wait_for_url(lambda url: "/uploads/" not in url and "/imports/" in url)
    assert "As it stands today" in page.inner_text("#main")

    page.click("a:has-text('In quarantine')")
    page.click("tbody th a")
    page.fill("#text", page.input_value("#text").replace("31.02.1970", "28.02.1970"))
    page.click("main button.primary")
    assert "has left the quarantine" in page.inner_text("#main")

    steward.opens("/imports/")
    page.click("tbody th a")
    page.click("text=Undo this import")
    page.click("button:has-text('Undo the import')")
    assert "The import is undone" in page.inner_text("#main")
    assert steward.objections == []
