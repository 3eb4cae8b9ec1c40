"""Django settings of a hospital's site."""

from importlib.util import find_spec

from wardround.web.settings import *  # noqa: F403 - a Django settings module is a list of names
from wardround.web.settings import SHARED_APPS, home_from_environment, settings_of

globals().update(settings_of(home_from_environment("hospital")))

INSTALLED_APPS = [
    *SHARED_APPS,
    "wardround.hospital.records",
    "wardround.hospital.intake",
    *(
        app
        for app in ("wardround.hospital.charts", "wardround.hospital.training", "wardround.hospital.diagnosis")
        if find_spec(app) and find_spec(f"{app}.apps")
    ),
]
ROOT_URLCONF = "wardround.hospital.urls"
ASGI_APPLICATION = "wardround.hospital.asgi.application"
