"""The search box of the patient list: patients by the beginning of a name, a whole number, or the year or day of birth."""

from typing import Any

from django.db.models import Q

from wardround.hospital.merges.queries import standing, survivors_of
from wardround.hospital.records.blind_index import BlindIndex, words
from wardround.hospital.records.identities import identifiers_of
from wardround.hospital.records.indexing import BIRTH, texts_of
from wardround.hospital.records.models import DateIndex, Resource, StringIndex, TokenIndex
from wardround.hospital.records.search.birth_dates import birth_dates_in
from wardround.hospital.records.search.verifying import MAX_CANDIDATES, check_number, opened
from wardround.interchange.fhir.dates import interval


def find_patients(text: str, *, within: Q | None = None) -> list[tuple[str, dict[str, Any]]]:
    """(id, resource) of every patient whose name, number or birth year answers each word; at most MAX_CANDIDATES.

    A word answers by the beginning of a name, by being a whole number of the patient, or by the year of birth; a whole date by
    being the day of birth. `within` narrows it to some patients: a condition on their Patient resources.
    """
    within = within or Q()
    blind = BlindIndex()
    # A retired record leads to another, whose own place says whether it is among them.
    retired = Q(logical_id__in=standing().values("retired"))
    hits = Resource.objects.filter(within | retired if within else Q(), type="Patient", is_deleted=False)
    days, rest = birth_dates_in(text)
    asked = rest.split()
    if days:
        born = TokenIndex.objects.filter(
            type="Patient", parameter=BIRTH, code__in=[blind.hashed(BIRTH, day) for day in days]
        )
        hits = hits.filter(Q(pk__in=born.values("resource")) | _number_condition(text.strip(), blind=blind))
    for word in asked:
        hits = hits.filter(_word_condition(word, blind=blind))
    pks = list(hits.order_by("pk").values_list("pk", flat=True)[: MAX_CANDIDATES + 1])
    check_number(pks)
    answering = [
        body
        for _pk, body in opened(pks)
        if _is_numbered(body, text.strip())
        or (all(_answers(body, word=word) for word in asked) and (not days or body.get("birthDate") in days))
    ]
    return [(body["id"], body) for body in _kept(answering, within=within)]


def _kept(found: list[dict[str, Any]], *, within: Q) -> list[dict[str, Any]]:
    """In place of a retired record, the one that is kept: an old number or a former name leads to the person."""
    survivors = survivors_of(body["id"] for body in found)
    if not survivors:
        return found
    kept = {body["id"]: body for body in found if body["id"] not in survivors}
    missing = set(survivors.values()) - kept.keys()
    rows = Resource.objects.filter(within, type="Patient", logical_id__in=missing, is_deleted=False)
    return [*kept.values(), *(body for _pk, body in opened(list(rows.values_list("pk", flat=True))))]


def _number_condition(word: str, *, blind: BlindIndex) -> Q:
    numbers = TokenIndex.objects.filter(type="Patient", parameter="identifier", code=blind.hashed("identifier", word))
    return Q(pk__in=numbers.values("resource"))


def _is_numbered(resource: dict[str, Any], word: str) -> bool:
    return any(value == word for _system, value in identifiers_of(resource))


def _word_condition(word: str, *, blind: BlindIndex) -> Q:
    condition = _number_condition(word, blind=blind)
    names = Q()
    for part in words(word):
        kind, hashed = blind.prefix_hash("name", part)
        rows = StringIndex.objects.filter(type="Patient", parameter="name", kind=kind, value=hashed)
        names &= Q(pk__in=rows.values("resource"))
    if names:
        condition |= names
    if _is_year(word):
        year = interval(word)
        born = DateIndex.objects.filter(type="Patient", parameter=BIRTH, low__lt=year.high, high__gt=year.low)
        condition |= Q(pk__in=born.values("resource"))
    return condition


def _answers(resource: dict[str, Any], *, word: str) -> bool:
    if _is_numbered(resource, word):
        return True
    if str(resource.get("birthDate", ""))[:4] == word:
        return True
    present = [one for text in texts_of(resource, parameter="name") for one in words(text)]
    asked = words(word)
    return bool(asked) and all(any(one.startswith(part) for one in present) for part in asked)


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isascii() and word.isdecimal() and word != "0000"
