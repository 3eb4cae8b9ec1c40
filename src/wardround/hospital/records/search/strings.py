"""Text, which is stored as keyed hashes of its words: candidates by hash, and the exact comparison after decryption."""

from collections.abc import Iterator

from wardround.clinical.plain_text import without_accents
from wardround.hospital.records.blind_index import BlindIndex, trigrams, words
from wardround.hospital.records.search.errors import BadSearch
from wardround.hospital.records.search.query import Criterion

SHORTEST = 3
# More hashes narrow the candidates no further, and each costs a question to the database.
_MOST_WORDS, _MOST_TRIGRAMS = 3, 4


def hashes_of(criterion: Criterion, *, text: str, blind: BlindIndex) -> Iterator[tuple[str, str]]:
    """(kind, hash) of rows that a match must all have; raises `BadSearch` for what hashes cannot find."""
    name, searched = criterion.name, sorted(set(words(text)), key=len, reverse=True)
    if not searched:
        raise BadSearch(f"{name} needs letters or digits, for example {name}=kov.")
    if criterion.modifier == "exact":
        yield from (("whole", blind.hashed(name, "whole", word)) for word in searched[:_MOST_WORDS])
        return
    long = [word for word in searched if len(word) >= SHORTEST]
    if not long:
        raise BadSearch(
            f"{name} is encrypted, so a beginning of fewer than {SHORTEST} letters cannot be looked up. "
            f"Write {SHORTEST} or more, or the whole text with {name}:exact."
        )
    if criterion.modifier == "contains":
        parts = sorted({t for word in long[:_MOST_WORDS] for t in trigrams(word)})
        step = max(1, len(parts) // _MOST_TRIGRAMS)
        yield from (("trigram", blind.hashed(name, "trigram", t)) for t in parts[::step][:_MOST_TRIGRAMS])
        return
    yield from (blind.prefix_hash(name, word) for word in long[:_MOST_WORDS])


def is_text_met(texts: list[str], *, text: str, modifier: str) -> bool:
    """R4 "Search", string: equal or beginning so, without regard to case and accents.

    A value of several words also matches when each of them begins one of the texts: a name is stored in parts.
    """
    if modifier == "exact":
        return text in texts
    stored = [_spaced(one) for one in texts]
    wanted = _spaced(text)
    if modifier == "contains":
        return any(wanted in one for one in stored)
    if any(one.startswith(wanted) for one in stored):
        return True
    parts = wanted.split()
    return len(parts) > 1 and all(any(one.startswith(part) for one in stored) for part in parts)


def _spaced(text: str) -> str:
    return " ".join(without_accents(text).split())
