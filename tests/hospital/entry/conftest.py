"""A form for measured values, filled in as a browser sends it."""

import pytest

AT = {"measured_date": "2026-03-04", "measured_time": "08:15"}


@pytest.fixture
def at_the_form(as_client, nurse, make_patient):
    """(post, check, patient id): a nurse at the form of vital signs about one patient."""
    return _Form(as_client(nurse), make_patient())


class _Form:
    def __init__(self, client, patient_id: str, *, sheet: str = "vital-signs") -> None:
        self.client, self.patient_id, self.sheet = client, patient_id, sheet

    @property
    def address(self) -> str:
        return f"/patients/{self.patient_id}/enter/{self.sheet}/"

    def opened(self, **asked):
        return self.client.get(self.address, asked)

    def saved(self, *, token: str = "t1", **typed):
        return self.client.post(self.address, {**AT, "form_token": token, "save": "1", **typed})

    def checked(self, name: str, **typed) -> str:
        answer = self.client.post(f"{self.address}check/", {**AT, "check": name, **typed})
        assert answer.status_code == 200
        return answer.content.decode()

    def laboratory(self) -> "_Form":
        return _Form(self.client, self.patient_id, sheet="laboratory")
