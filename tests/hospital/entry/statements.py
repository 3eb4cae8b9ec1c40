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
