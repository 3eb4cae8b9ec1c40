"""What is loaded for good is not looked through for garbage again and again: a long-lived process answers more evenly."""

import gc

from django.urls import get_resolver

_NEW_BEFORE_A_LOOK = 10_000  # a large request makes tens of thousands of objects that live until its end


def settle() -> None:
    """Call it once, when a site's code and catalogues are loaded and no request has come yet."""
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_BEFORE_A_LOOK, 20, 20)
