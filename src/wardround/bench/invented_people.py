"""Invented people in households, with names as frequent as in real towns, and those who are hard to tell apart.

Everything is invented. Names are made of syllables; how often each occurs follows Zipf and Mandelbrot's law, fitted by eye
to censuses (the first family name has about one person in a hundred, half of all people have one of some hundreds). Telephone
numbers have the area code 555, social security numbers begin with 999 or 000, which nobody has.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

_CONSONANTS = (
    "b",
    "br",
    "c",
    "d",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "v",
    "w",
    "z",
)
_VOWELS = ("a", "e", "i", "o", "u", "á", "é", "ö", "ie", "ou")
_ENDS = ("n", "r", "s", "th", "ck", "ll", "ndt", "vić", "ska", "son", "man", "sen", "y", "o", "a", "")
_STREETS = ("Street", "Avenue", "Road", "Lane", "Drive", "Court", "Boulevard")
_FAMILIES, _GIVEN = 3_000, 400


@dataclass(frozen=True)
class Somebody:
    """One invented person; `kind` says why they are here: anybody, or one side of a pair that is hard to tell apart."""

    family: str
    given: tuple[str, ...]
    sex: str
    birth: str
    ssn: str
    phone: str
    email: str
    street: str
    city: str
    postcode: str
    suffix: str = ""
    kind: str = "anybody"

    @property
    def resource(self) -> dict[str, Any]:
        """As a FHIR Patient without its hospital's number."""
        name: dict[str, Any] = {"use": "official", "family": self.family, "given": list(self.given)}
        if self.suffix:
            name["suffix"] = [self.suffix]
        telecom = [{"system": "phone", "value": self.phone}] if self.phone else []
        telecom += [{"system": "email", "value": self.email}] if self.email else []
        patient: dict[str, Any] = {
            "resourceType": "Patient",
            "name": [name],
            "gender": self.sex,
            "birthDate": self.birth,
        }
        if telecom:
            patient["telecom"] = telecom
        if self.street:
            patient["address"] = [{"line": [self.street], "city": self.city, "postalCode": self.postcode}]
        if self.ssn:
            patient["identifier"] = [social_security(self.ssn)]
        return patient


def social_security(value: str) -> dict[str, Any]:
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "SS"}
    return {"type": {"coding": [coding]}, "system": "http://hl7.org/fhir/sid/us-ssn", "value": value}


class Town:
    """Invents households, always the same ones from one seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - it has to give the same people again, and no secret comes of it
        self._families = _Frequent(self._words(_FAMILIES, syllables=2), beside=25, dice=self._dice)
        self._given = {
            sex: _Frequent(self._words(_GIVEN, syllables=2), beside=12, dice=self._dice) for sex in ("female", "male")
        }
        self._cities = self._words(12, syllables=2)
        self._street_names = self._words(300, syllables=2)
        self._numbers = 0

    def people(self, number: int) -> list[Somebody]:
        """About so many people; in twenty, one belongs to a pair that is hard to tell apart."""
        found: list[Somebody] = []
        while len(found) < number:
            household = list(self._household())
            found += household
            if self._dice.random() < 0.06:
                found += self._hard_neighbour(self._dice.choice(household))
        return found[:number]

    def _household(self) -> Iterator[Somebody]:
        place = self._place()
        family, phone = self._families.pick(), self._phone()
        for member in range(self._dice.choice((1, 1, 2, 2, 3, 4, 5))):
            year = self._dice.randint(1930, 1985) if member < 2 else self._dice.randint(1990, 2022)
            own = self._families.pick() if self._dice.random() < 0.15 else family
            yield self._person(own, year=year, phone=phone if self._dice.random() < 0.6 else self._phone(), place=place)

    def _person(self, family: str, *, year: int, phone: str, place: tuple[str, str, str]) -> Somebody:
        sex = self._dice.choice(("female", "male"))
        given = self._given[sex].pick()
        second = (self._given[sex].pick(),) if self._dice.random() < 0.4 else ()
        if self._dice.random() < 0.04:
            family = f"{family}-{self._families.pick()}"
        street, city, postcode = place
        return Somebody(
            family=family,
            given=(given, *second),
            sex=sex,
            birth=self._day(year),
            ssn=self._ssn() if self._dice.random() < 0.75 else "",
            phone=phone if self._dice.random() < 0.88 else "",
            email=f"{given}.{family}{self._dice.randint(1, 99)}@example.org".lower()
            if self._dice.random() < 0.4
            else "",
            street=street if self._dice.random() < 0.96 else "",
            city=city,
            postcode=postcode,
        )

    def _hard_neighbour(self, somebody: Somebody) -> list[Somebody]:
        kind = self._dice.choice(("twin", "namesake", "same birthday", "same name", "shared phone"))
        other = self._given[somebody.sex].pick()
        alone = replace(somebody, ssn=self._ssn(), email="", kind=kind)
        street, city, postcode = self._place()
        moved = replace(alone, street=street, city=city, postcode=postcode, phone=self._phone())
        match kind:
            case "twin":
                return [replace(alone, given=(other,))]
            case "namesake":  # a parent of the same name at the same address
                born = self._day(int(somebody.birth[:4]) - self._dice.randint(18, 40))
                return [replace(alone, birth=born, suffix=self._dice.choice(("", "Sr")))]
            case "same birthday":  # and the same family name, which is no kinship
                return [replace(moved, given=(other,))]
            case "same name":
                return [replace(moved, birth=self._day(int(somebody.birth[:4]) + self._dice.randint(-15, 15)))]
        phone = self._phone()  # of a home for the elderly
        return [
            replace(
                self._person(self._families.pick(), year=1940, phone=phone, place=(street, city, postcode)),
                phone=phone,
                kind=kind,
            )
            for _resident in range(6)
        ]

    def _place(self) -> tuple[str, str, str]:
        street = f"{self._dice.randint(1, 400)} {self._dice.choice(self._street_names)} {self._dice.choice(_STREETS)}"
        city = self._dice.randrange(len(self._cities))
        return street, self._cities[city], f"0{city:02d}{self._dice.randint(0, 30):02d}"

    def place(self) -> tuple[str, str, str]:
        """Somewhere else to live: street, city, postcode."""
        return self._place()

    def _day(self, year: int) -> str:
        return f"{year:04d}-{self._dice.randint(1, 12):02d}-{self._dice.randint(1, 28):02d}"

    def _phone(self) -> str:
        return f"555-{self._dice.randint(200, 999)}-{self._dice.randint(0, 9999):04d}"

    def _ssn(self) -> str:
        return f"{self._dice.choice(('999', '000'))}-{self._dice.randint(10, 99)}-{self._dice.randint(0, 9999):04d}"

    def _words(self, number: int, *, syllables: int) -> list[str]:
        words: dict[str, None] = {}
        while len(words) < number:
            parts = [
                self._dice.choice(_CONSONANTS) + self._dice.choice(_VOWELS)
                for _part in range(syllables + (self._dice.random() < 0.2))
            ]
            words["".join(parts).capitalize() + self._dice.choice(_ENDS)] = None
        return list(words)


class _Frequent:
    """Draws words; the r-th has the weight 1 / (r + `beside`)."""

    def __init__(self, words: list[str], *, beside: int, dice: random.Random) -> None:
        self._words, self._dice = words, dice
        self._sums = list(accumulate(1 / (rank + beside) for rank in range(len(words))))

    def pick(self) -> str:
        return self._dice.choices(self._words, cum_weights=self._sums)[0]
