"""Invented people: names, addresses and telephone numbers that fit a place and belong to nobody."""

from dataclasses import dataclass
from random import Random

from wardround.demo.source import Slug

_FEMALE: dict[str, tuple[str, ...]] = {
    "us": (
        "Alice", "Barbara", "Carol", "Deborah", "Ellen", "Frances", "Gloria", "Helen", "Irene", "Janet", "Kathleen", "Linda",
        "Marlene", "Norma", "Phyllis", "Rosa", "Sandra", "Theresa", "Vivian", "Wanda", "Yolanda", "Denise", "Loretta", "Maxine",
    ),
    "hu": (
        "Ágnes", "Anikó", "Beáta", "Csilla", "Edit", "Erzsébet", "Éva", "Gabriella", "Györgyi", "Ildikó", "Judit", "Katalin",
        "Klára", "Magdolna", "Márta", "Piroska", "Rózsa", "Sára", "Tünde", "Zsófia", "Zsuzsanna", "Hajnalka", "Emőke", "Lívia",
    ),
    "ch": (
        "Anneliese", "Beatrice", "Claudine", "Doris", "Elsbeth", "Françoise", "Gertrud", "Heidi", "Hélène", "Käthi", "Liselotte",
        "Margrit", "Monique", "Odette", "Regula", "Rosmarie", "Sylvie", "Therese", "Ursula", "Verena", "Véronique", "Yvonne",
    ),
}  # fmt: skip
_MALE: dict[str, tuple[str, ...]] = {
    "us": (
        "Albert", "Bernard", "Clarence", "Donald", "Earl", "Floyd", "Gerald", "Harold", "Isaac", "Jerome", "Kenneth", "Leonard",
        "Melvin", "Norman", "Otis", "Philip", "Raymond", "Stanley", "Theodore", "Vernon", "Walter", "Hector", "Luis", "Ernesto",
    ),
    "hu": (
        "Ádám", "András", "Árpád", "Béla", "Csaba", "Dezső", "Elemér", "Ferenc", "Géza", "Győző", "Imre", "István", "Jenő",
        "József", "Kálmán", "László", "Lőrinc", "Miklós", "Ödön", "Pál", "Sándor", "Tibor", "Vilmos", "Zoltán",
    ),
    "ch": (
        "Alois", "Beat", "Christoph", "Daniel", "Emil", "François", "Gaston", "Hansruedi", "Jürg", "Konrad", "Köbi", "Laurent",
        "Marcel", "Niklaus", "Olivier", "Pascal", "René", "Stéphane", "Thierry", "Ueli", "Urs", "Walter",
    ),
}  # fmt: skip
_FAMILY: dict[str, tuple[str, ...]] = {
    "us": (
        "Abbott", "Baxter", "Calloway", "Dempsey", "Ellison", "Fairbanks", "Garrison", "Hollis", "Ingram", "Jefferson", "Kowalski",
        "Langley", "Marchetti", "Novak", "O'Malley", "Petrov", "Quinlan", "Ramirez", "Schroeder", "Thornton", "Underhill",
        "Vance", "Whitaker", "Yarborough", "Zielinski", "Ortega", "Nakamura", "Tran", "Delgado", "Washington",
    ),
    "hu": (
        "Balogh", "Bíró", "Csonka", "Deák", "Erdős", "Fekete", "Gulyás", "Hegedűs", "Illés", "Juhász", "Kőszegi", "Lőrincz",
        "Mészáros", "Németh", "Oláh", "Pintér", "Rácz", "Sípos", "Szűcs", "Takács", "Udvardi", "Vörös", "Zsoldos", "Győri",
        "Kertész", "Hőgye", "Fűrész", "Bődi", "Árvai", "Ürmös",
    ),
    "ch": (
        "Aebischer", "Bühler", "Chappuis", "Dürrenmatt", "Egli", "Favre", "Gysin", "Hürlimann", "Imhof", "Jeanneret", "Küng",
        "Lüthi", "Mühlemann", "Nägeli", "Oberholzer", "Perrin", "Rüegg", "Schär", "Tschudi", "Uehlinger", "Vögeli", "Wüthrich",
        "Zbinden", "Zürcher", "Ackermann", "Monnier", "Rochat", "Sägesser",
    ),
}  # fmt: skip
_STREETS: dict[Slug, tuple[str, ...]] = {
    "cleveland": ("Lakeview Rd", "Buckeye Rd", "Detroit Ave", "Fulton Ct", "Clifton Blvd", "Shaker Sq", "Harvard Ave"),
    "budapest": (
        "Bartók Béla út",
        "Üllői út",
        "Rákóczi út",
        "Szondi utca",
        "Böszörményi út",
        "Kőrösi sétány",
        "Fő utca",
    ),
    "zurich-basel": (
        "Seefeldstrasse",
        "Höhenweg",
        "Bärengasse",
        "Rue du Rhône",
        "Spalenring",
        "Müllerstrasse",
        "Rebgasse",
    ),
    "long-beach": (
        "Ocean Blvd",
        "Atlantic Ave",
        "Cherry Ave",
        "Pine Ave",
        "Willow St",
        "Bellflower Blvd",
        "Anaheim St",
    ),
}
_TOWNS: dict[Slug, tuple[tuple[str, str, str], ...]] = {
    "cleveland": (("Cleveland", "OH", "44195"), ("Lakewood", "OH", "44107"), ("Parma", "OH", "44129")),
    "budapest": (
        ("Budapest", "", "1096"),
        ("Budapest", "", "1122"),
        ("Szentendre", "", "2000"),
        ("Gödöllő", "", "2100"),
    ),
    "zurich-basel": (
        ("Zürich", "ZH", "8091"),
        ("Basel", "BS", "4031"),
        ("Küsnacht", "ZH", "8700"),
        ("Liestal", "BL", "4410"),
    ),
    "long-beach": (("Long Beach", "CA", "90822"), ("Lakewood", "CA", "90712"), ("Signal Hill", "CA", "90755")),
}
_LANGUAGE: dict[Slug, str] = {"cleveland": "us", "budapest": "hu", "zurich-basel": "ch", "long-beach": "us"}
_COUNTRY: dict[Slug, str] = {"cleveland": "US", "budapest": "HU", "zurich-basel": "CH", "long-beach": "US"}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who does not exist. ``region`` is a state or canton, empty where a place has none in its addresses."""

    family: str
    given: str
    phone: str
    street: str
    town: str
    region: str
    postcode: str
    country: str


def invent(hospital: Slug, *, sex: str, dice: Random) -> Person:
    """Invent one person. Telephone numbers come from ranges kept for fiction (555-01xx) or from no real exchange."""
    language = _LANGUAGE[hospital]
    number = dice.randrange(1, 180)
    street = dice.choice(_STREETS[hospital])
    town, region, postcode = dice.choice(_TOWNS[hospital])
    return Person(
        family=dice.choice(_FAMILY[language]),
        given=dice.choice((_FEMALE if sex == "female" else _MALE)[language]),
        phone=_phone(hospital, dice),
        street=f"{number} {street}" if language == "us" else f"{street} {number}",
        town=town,
        region=region,
        postcode=postcode,
        country=_COUNTRY[hospital],
    )


def _phone(hospital: Slug, dice: Random) -> str:
    last = dice.randrange(100, 200)
    return {
        "cleveland": f"+1 216 555 0{last}",
        "budapest": f"+36 1 555 0{last}",
        "zurich-basel": f"+41 44 555 0{last}",
        "long-beach": f"+1 562 555 0{last}",
    }[hospital]
