"""Keyed hashes of what identifies people, so that it can be searched and a copy of the database does not show it.

Equal values have equal hashes: whoever holds the database but not the key can still count how often a value occurs.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator

from django.conf import settings

from wardround.clinical.plain_text import without_accents

_SHORTEST_PREFIX = 3
_LONGEST_PREFIX = 12
_MOST_KNOWN = 5_000


class BlindIndex:
    """Hashes under this home's index key, which no other home has. Make one for a task."""

    def __init__(self) -> None:
        self._keyed = hmac.new(settings.HOME.key("index"), digestmod=hashlib.sha256)
        self._known: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}  # the same words come again and again

    def digest(self, *parts: str) -> bytes:
        """16 bytes over the parts; the number and length of each part counts, so no two lists meet."""
        keyed = self._keyed.copy()
        for part in parts:
            encoded = part.encode()
            keyed.update(len(encoded).to_bytes(4, "big") + encoded)
        return keyed.digest()[:16]

    def hashed(self, *parts: str) -> str:
        """The digest as text for an index column."""
        return self.digest(*parts).hex()

    def digest_of_bytes(self, purpose: str, content: bytes) -> bytes:
        """16 bytes over a whole message or body: is it the same again?"""
        keyed = self._keyed.copy()
        keyed.update(purpose.encode() + b"\0" + content)
        return keyed.digest()[:16]

    def text_entries(self, parameter: str, text: str) -> Iterator[tuple[str, str]]:
        """(kind, hash) of every word: the whole, its prefixes from three letters, its trigrams."""
        for word in words(text):
            known = self._known.get((parameter, word))
            if known is None:
                known = tuple(self._word_entries(parameter, word))
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[parameter, word] = known
            yield from known

    def _word_entries(self, parameter: str, word: str) -> Iterator[tuple[str, str]]:
        yield "whole", self.hashed(parameter, "whole", word)
        for prefix in _prefixes(word):
            yield "prefix", self.hashed(parameter, "prefix", prefix)
        for trigram in trigrams(word):
            yield "trigram", self.hashed(parameter, "trigram", trigram)

    def prefix_hash(self, parameter: str, word: str) -> tuple[str, str]:
        """What to look for to find words that begin so; longer words are cut and verified after decryption."""
        if len(word) < _SHORTEST_PREFIX:
            return "whole", self.hashed(parameter, "whole", word)
        return "prefix", self.hashed(parameter, "prefix", word[:_LONGEST_PREFIX])

    def id_of(self, resource_type: str, *, system: str, value: str) -> str:
        """The id of a resource that has an identifier and no id: the same at every import of this home."""
        return self.hashed("id", resource_type, system, value)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", without_accents(text))


def trigrams(word: str) -> list[str]:
    return sorted({word[i : i + 3] for i in range(len(word) - 2)})


def _prefixes(word: str) -> Iterable[str]:
    return (word[:length] for length in range(_SHORTEST_PREFIX, min(len(word), _LONGEST_PREFIX) + 1))
