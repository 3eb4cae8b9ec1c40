"""How much one search may ask for; each limit is refused by a sentence that names it."""

from django.conf import settings

MOST_CRITERIA = settings.FHIR_MOST_CRITERIA
MOST_ALTERNATIVES = settings.FHIR_MOST_ALTERNATIVES
MOST_SORT_KEYS = 5
MOST_INCLUDES = 20
DEFAULT_COUNT = 50
MAX_COUNT = settings.FHIR_MOST_PER_PAGE
