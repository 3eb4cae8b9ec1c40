"""A form for what is no measured value, filled in as a browser sends it, and what it stored."""

import html
import re

from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceVersion
from wardround.interchange.fhir.json import loads

ICD = "http://hl7.org/fhir/sid/icd-10-cm"


class Statement:
    """Somebody at one form about one patient."""

    def __init__(self, client, patient_id: str, name: str, **start: str) -> None:
        self.client, self.patient_id, self.start = client, patient_id, start
        self.address = f"/patients/{patient_id}/enter/{name}/"
        self._tokens = iter(range(1000))

    def opened(self):
        return self.client.get(self.address)

    def saved(self, **typed):
        token = f"{self.address}{next(self._tokens)}"
        return self.client.post(self.address, {"form_token": token, "save": "1", **self.start, **typed})

    def vouched(self, *, why: str, **typed):
        """Save, and give a reason for what is asked about."""
        asked = self.saved(**typed)
        return self.saved(**typed, why=why, warned=warned_in(asked))


class Correction:
    """Somebody at the form that corrects one record."""

    def __init__(self, client, patient_id: str, type_name: str, rid: str) -> None:
        self.client, self.patient_id = client, patient_id
        self.address = f"/patients/{patient_id}/correct/{type_name}/{rid}/"

    def opened(self):
        return self.client.get(self.address)

    def filled(self) -> dict[str, str]:
        """What the page holds, as a browser would send it."""
        page = self.opened().content.decode().split('class="entry"')[1].split("</form>")[0]
        typed = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', page.replace('type="radio"', "")))
        for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', options)
            typed[name] = chosen[1] if chosen else ""
        for value in re.findall(r'name="code" value="([^"]+)" checked', page):
            typed["code"] = value
        return {name: html.unescape(value) for name, value in typed.items()}

    def saved(self, **typed):
        return self.client.post(self.address, {**self.filled(), **typed})

    def vouched(self, *, why: str, **typed):
        """Save with a reason, and again after what is asked about."""
        asked = self.saved(why=why, **typed)
        return self.saved(why=why, **typed, warned=warned_in(asked))


def warned_in(answer) -> str:
    found = re.search(r'name="warned" value="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


def said(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def bodies(patient_id: str, type_name: str) -> list[dict]:
    """Every version of the patient's records of this type, oldest first."""
    versions = ResourceVersion.objects.filter(resource__patient_id=patient_id, resource__type=type_name)
    versions = list(versions.select_related("resource__data_key").order_by("id"))
    found = []
    for version in versions:
        found += [loads(text) for text in open_bodies([version]).values()]
    return found
