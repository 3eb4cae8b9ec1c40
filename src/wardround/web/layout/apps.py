"""The frame of every page as a Django app, so that its template tags are found."""

import warnings

from django.apps import AppConfig


class LayoutConfig(AppConfig):
    name = "wardround.web.layout"

    def ready(self) -> None:
        """Keep the log of a site for what matters."""
        # WhiteNoise hands a static file to ASGI as a plain iterator; Django reads it into memory and says so each time.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
