"""Both sites' tables at once, for the type checker only: it reads the models, and never opens a home."""

from pathlib import Path

from wardround.web.home import Home

HOME: Home = Home(path=Path("never"), id="0", kind="hospital", name="Never", slug="never")
SECRET_KEY = "never used: the type checker opens nothing"
USE_TZ = True
AUTH_USER_MODEL = "accounts.User"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "axes",
    "wardround.web.accounts",
    "wardround.web.audit",
    "wardround.web.layout",
    "wardround.hospital.care",
    "wardround.hospital.merges",
    "wardround.hospital.records",
    "wardround.hospital.identity",
    "wardround.hospital.exports",
    "wardround.hospital.intake",
    "wardround.hospital.charts",
    "wardround.hospital.entry",
    "wardround.hospital.wards",
    "wardround.hospital.emergency",
    "wardround.hospital.administration",
    "wardround.hospital.cds",
    "wardround.hospital.training",
    "wardround.hospital.quality",
    "wardround.hospital.diagnosis",
    "wardround.coordinator.members",
    "wardround.coordinator.studies",
    "wardround.coordinator.runs",
    "wardround.coordinator.models",
    "wardround.coordinator.pages",
]
UPLOAD_MOST_BYTES: int = 1_000
FHIR_MOST_ENTRIES: int = 1_000
FHIR_MOST_SECONDS: int = 30
FHIR_MOST_PER_PAGE: int = 500
FHIR_MOST_CRITERIA: int = 50
FHIR_MOST_ALTERNATIVES: int = 200
