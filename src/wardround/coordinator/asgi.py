"""The coordinator's site as an ASGI application; WARDROUND_HOME names its home."""

import os

from django.core.asgi import get_asgi_application

from wardround.web.steady import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wardround.coordinator.settings")

application = get_asgi_application()
settle()
