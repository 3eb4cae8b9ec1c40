"""The code maps of sources: kept once by their text, built once per process."""

import hashlib
import tomllib
from functools import lru_cache

from wardround.clinical.codes import CodeMap
from wardround.hospital.records.models import CodeMapping
from wardround.interchange.mapping import mapping_of


def keep_mapping(text: str) -> CodeMapping:
    """Keep the text of a mapping file (the same text once)."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return CodeMapping.objects.get_or_create(digest=digest, defaults={"text": text})[0]


def code_map_of(mapping: CodeMapping | None) -> CodeMap:
    """The code map; without a mapping it knows the standard codes only."""
    return _built(mapping.text if mapping else "")


@lru_cache(maxsize=16)
def _built(text: str) -> CodeMap:
    return CodeMap.from_mapping(mapping_of(tomllib.loads(text)).clinical) if text else CodeMap()
