"""Django settings of the coordinator's site."""

from wardround.web.settings import *  # noqa: F403 - a Django settings module is a list of names
from wardround.web.settings import CONTEXT_PROCESSORS, SHARED_APPS, home_from_environment, settings_of

globals().update(settings_of(home_from_environment("coordinator")))

INSTALLED_APPS = [
    *SHARED_APPS,
    "wardround.coordinator.members",
    "wardround.coordinator.studies",
    "wardround.coordinator.runs",
    "wardround.coordinator.models",
    "wardround.coordinator.pages",
]
CONTEXT_PROCESSORS.append("wardround.coordinator.navigation.navigation")
ROOT_URLCONF = "wardround.coordinator.urls"
ASGI_APPLICATION = "wardround.coordinator.asgi.application"
