"""Text as it is compared: without case and accents."""

import unicodedata


def without_accents(text: str) -> str:
    """'Kővágó' and 'KOVAGO' are one text."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
