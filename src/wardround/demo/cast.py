"""The invented people who work at the demonstration's hospitals and at its coordinator."""

from dataclasses import dataclass

from wardround.demo.folder import COORDINATOR
from wardround.demo.source import Slug


@dataclass(frozen=True)
class Staff:
    """One log-in. Nobody of this name is meant."""

    username: str
    full_name: str
    role: str


CAST: dict[Slug, tuple[Staff, ...]] = {
    "cleveland": (
        Staff("d.ashworth", "Dr Delia Ashworth", "doctor"),
        Staff("t.hobbs", "Theo Hobbs", "nurse"),
        Staff("m.whitlow", "Mara Whitlow", "steward"),
        Staff("h.pemberly", "Harriet Pemberly", "privacy_officer"),
        Staff("e.rudd", "Emlyn Rudd", "administrator"),
    ),
    "budapest": (
        Staff("g.berenyi", "Dr. Berényi Gellért", "doctor"),
        Staff("k.somlai", "Somlai Kinga", "nurse"),
        Staff("o.harsanyi", "Harsányi Orsolya", "steward"),
        Staff("t.orley", "Orley Tamara", "researcher"),
        Staff("b.vadasy", "Vadasy Bíborka", "privacy_officer"),
        Staff("z.kelemfy", "Kelemfy Zalán", "administrator"),
    ),
    "zurich-basel": (
        Staff("r.aeberli", "Dr. Reto Aeberli", "doctor"),
        Staff("c.montandon", "Céline Montandon", "nurse"),
        Staff("l.zumbrunn", "Livia Zumbrunn", "steward"),
        Staff("m.rochat", "Maëlle Rochat", "privacy_officer"),
        Staff("u.hasli", "Urs Hasli", "administrator"),
    ),
    "long-beach": (
        Staff("j.okonjo", "Dr Josephine Okonjo", "doctor"),
        Staff("r.castellan", "Ruben Castellan", "nurse"),
        Staff("w.ferris", "Winona Ferris", "steward"),
        Staff("s.ambrose", "Silas Ambrose", "privacy_officer"),
        Staff("d.quinterovale", "Dalia Quinterovale", "administrator"),
    ),
}
OPERATORS = (
    Staff("i.nordahl", "Ingrid Nordahl", "operator"),
    Staff("p.wiren", "Petra Wiren", "auditor"),
    Staff("k.ostby", "Kjell Ostby", "administrator"),
)


def staff_of(side: str) -> tuple[Staff, ...]:
    """The people of a hospital (by its short name) or of the coordinator."""
    return OPERATORS if side == COORDINATOR else CAST[_slug(side)]


def steward_of(hospital: Slug) -> Staff:
    """The data steward who works through what was held and refused."""
    return next(person for person in CAST[hospital] if person.role == "steward")


def _slug(side: str) -> Slug:
    return next(slug for slug in CAST if slug == side)
