"""Django settings of a hospital's site."""

from wardround.web.settings import *  # noqa: F403 - a Django settings module is a list of names
from wardround.web.settings import SHARED_APPS, home_from_environment, settings_of

globals().update(settings_of(home_from_environment("hospital")))

INSTALLED_APPS = [
    *SHARED_APPS,
    "wardround.hospital.records",
    "wardround.hospital.intake",
    "wardround.hospital.charts",
    "wardround.hospital.training",
    "wardround.hospital.diagnosis",
]
ROOT_URLCONF = "wardround.hospital.urls"
ASGI_APPLICATION = "wardround.hospital.asgi.application"
