"""history of a resource, of a type and of the system: `_since`, `_at`, `_count`, and opaque links to further pages."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.addresses import check_parameters, check_type
from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.responses import Link, base_of, bundle, fhir_response, history_entry
from wardround.hospital.fhir.searching.asked import Asked, asked_of
from wardround.hospital.records.histories import HistoryPage, Period, history_of, history_of_types
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import Interval, interval
from wardround.interchange.fhir.definitions import resource_types
from wardround.web.accounts.scopes import allows
from wardround.web.audit.actor import Actor

_KNOWN = frozenset({"_since", "_at", "_count", "_page"})
_DEFAULT_COUNT = 50
_PAGE = "fhir-history-page"


@dataclass(frozen=True)
class _Wanted:
    """What was asked, and where the page begins."""

    period: Period
    count: int
    before: int
    total: int


_Read = Callable[[_Wanted], HistoryPage]


def of_instance(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    check_type(type_name)
    require_scope(actor, type_name=type_name, letter="r")

    def read(wanted: _Wanted) -> HistoryPage:
        return history_of(
            actor,
            type_name,
            logical_id,
            period=wanted.period,
            count=wanted.count,
            before=wanted.before,
            total=wanted.total,
        )

    return _answer(request, actor, f"{type_name}/{logical_id}/_history", read)


def of_type(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    check_type(type_name)
    require_scope(actor, type_name=type_name, letter="s")
    return _answer(request, actor, f"{type_name}/_history", _of_types(actor, frozenset({type_name})))


def of_system(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A backend client sees the types that its scopes open for a search."""
    types = resource_types()
    if actor.kind == "service":
        types = frozenset(t for t in types if allows(actor.scopes, resource_type=t, letter="s"))
        if not types:
            require_scope(actor, type_name="Patient", letter="s")
    return _answer(request, actor, "_history", _of_types(actor, types))


def _of_types(actor: Actor, types: frozenset[str]) -> _Read:
    def read(wanted: _Wanted) -> HistoryPage:
        return history_of_types(
            actor, types, period=wanted.period, count=wanted.count, before=wanted.before, total=wanted.total
        )

    return read


def _answer(request: HttpRequest, actor: Actor, address: str, read: _Read) -> HttpResponse:
    check_parameters(request, known=_KNOWN)
    asked = asked_of(request)
    # A link belongs to whom it was given: the total that it carries counts what that person may read.
    owner = f"{actor.kind} {actor.name} {address}"
    before, total = _place(_one(asked, "_page"), owner=owner)
    wanted = _Wanted(_period(asked), _count(asked), before, total)
    page = read(wanted)
    base = base_of(request)
    given = [(name, value) for name, value in asked.pairs if name in _KNOWN - {"_page"}]
    links: list[Link] = [("self", _link(base, address, pairs=[p for p in asked.pairs if p[0] in _KNOWN]))]
    if page.following is not None:
        token = signing.dumps([owner, page.following, page.total], salt=_PAGE)
        links.append(("next", _link(base, address, pairs=[*given, ("_page", token)])))
    entries = [history_entry(base, version=one.version, text=one.text) for one in page.versions]
    return fhir_response(bundle("history", total=page.total, links=links, entries=entries))


def _period(asked: Asked) -> Period:
    since, at = _moment(asked, "_since"), _moment(asked, "_at")
    return Period(since=since.low if since else None, at_low=at.low if at else None, at_high=at.high if at else None)


def _moment(asked: Asked, name: str) -> Interval | None:
    # A plus sign in an address arrives as a blank.
    text = _one(asked, name).replace(" ", "+")
    if not text:
        return None
    try:
        return interval(text)
    except NotADate:
        raise FhirError(f"{name} is a date or an instant, for example {name}=2026-01-31.", path=name) from None


def _count(asked: Asked) -> int:
    text = _one(asked, "_count") or str(_DEFAULT_COUNT)
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) < 1:
        raise FhirError(f"_count is a whole number from 1 up, for example _count={_DEFAULT_COUNT}.", path="_count")
    return min(int(text), settings.FHIR_MOST_PER_PAGE)


def _one(asked: Asked, name: str) -> str:
    values = asked.values(name)
    if len(values) > 1:
        raise FhirError(f"{name} is said once.", path=name)
    return values[0] if values else ""


def _place(token: str, *, owner: str) -> tuple[int, int]:
    if not token:
        return 0, -1
    try:
        given_to, before, total = signing.loads(token, salt=_PAGE)
    except (signing.BadSignature, ValueError):
        given_to, before, total = "", 0, 0
    if given_to != owner:
        raise FhirError("This page link is not one that the server gave. Start again without _page.", path="_page")
    return before, total


def _link(base: str, address: str, *, pairs: list[tuple[str, str]]) -> str:
    query = urlencode(pairs)
    return f"{base}/{address}" + (f"?{query}" if query else "")
