"""Terms found while they are typed: every word of the search begins a word of the term; case and accents do not matter."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from wardround.clinical.plain_text import without_accents

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(without_accents(text))


class TermIndex:
    """Lines of words in one text, which is faster to look through than it is to keep a tree of its words.

    The whole of ICD-10-CM is four megabytes here, and a search takes a few milliseconds.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        starts, lines, at = [], [], 0
        for term in terms:
            line = " " + " ".join(words_of(term)) + "\n"
            starts.append(at)
            lines.append(line)
            at += len(line)
        self._starts = starts
        self._text = "".join(lines)

    def __len__(self) -> int:
        return len(self._starts)

    def matching(self, words: Sequence[str], *, most: int = 2_000) -> Iterator[int]:
        """The numbers of the terms in which each of these words begins a word, in their order."""
        if not words:
            return
        longest, *others = sorted((f" {word}" for word in set(words)), key=len, reverse=True)
        at, found = self._text.find(longest), 0
        while at >= 0 and found < most:
            number = bisect_right(self._starts, at) - 1
            end = self._text.index("\n", at)
            line = self._text[self._starts[number] : end]
            if all(word in line for word in others):
                found += 1
                yield number
            at = self._text.find(longest, end)
