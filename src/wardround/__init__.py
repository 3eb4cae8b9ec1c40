"""Wardround: hospitals learn from each other's patients without showing them."""

from importlib.metadata import version

__version__ = version("wardround")
