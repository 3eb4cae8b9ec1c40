"""Django settings of a hospital's site."""

from wardround.web.settings import *  # noqa: F403 - a Django settings module is a list of names
from wardround.web.settings import CONTEXT_PROCESSORS, SHARED_APPS, home_from_environment, settings_of, whole_number

globals().update(settings_of(home_from_environment("hospital")))

INSTALLED_APPS = [
    *SHARED_APPS,
    "wardround.hospital.care",
    "wardround.hospital.merges",
    "wardround.hospital.records",
    "wardround.hospital.identity",
    "wardround.hospital.exports",
    "wardround.hospital.intake",
    "wardround.hospital.charts",
    "wardround.hospital.entry",
    "wardround.hospital.wards",
    "wardround.hospital.training",
    "wardround.hospital.quality",
    "wardround.hospital.diagnosis",
    "wardround.hospital.cds",
    "wardround.hospital.emergency",
    "wardround.hospital.administration",
]
CONTEXT_PROCESSORS.append("wardround.hospital.navigation.navigation")
CONTEXT_PROCESSORS.append("wardround.hospital.emergency.alert.alert")
ROOT_URLCONF = "wardround.hospital.urls"
ASGI_APPLICATION = "wardround.hospital.asgi.application"

# How much one FHIR request may ask for; each has its own refusal (docs/fhir.md).
DATA_UPLOAD_MAX_MEMORY_SIZE = whole_number("WARDROUND_FHIR_MOST_MIB", 16, most=1_024) * 1024 * 1024
UPLOAD_MOST_BYTES = whole_number("WARDROUND_UPLOAD_MOST_MIB", 4_096, most=1_000_000) * 1024 * 1024
FHIR_MOST_ENTRIES = whole_number("WARDROUND_FHIR_MOST_ENTRIES", 1_000, most=100_000)
FHIR_MOST_SECONDS = whole_number("WARDROUND_FHIR_MOST_SECONDS", 30, most=3_600)
FHIR_MOST_PER_PAGE = whole_number("WARDROUND_FHIR_MOST_PER_PAGE", 500, most=10_000)
FHIR_MOST_CRITERIA = whole_number("WARDROUND_FHIR_MOST_CRITERIA", 50, most=1_000)
FHIR_MOST_ALTERNATIVES = whole_number("WARDROUND_FHIR_MOST_ALTERNATIVES", 200, most=10_000)
