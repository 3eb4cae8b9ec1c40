"""How much one search may ask for; each limit is refused by a sentence that names it."""

MOST_CRITERIA = 50
MOST_ALTERNATIVES = 200
MOST_SORT_KEYS = 5
MOST_INCLUDES = 20
DEFAULT_COUNT = 50
MAX_COUNT = 500
