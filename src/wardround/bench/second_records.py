"""A second record of somebody as tired hands make it: the corruptor of the identity benchmark.

It shares no code with what is measured (`clinical.identity` and the hospital's blocking). How often each slip is made is this
benchmark's own setting, written out below; each second record has at least one.
"""

import copy
import random
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

Resource = dict[str, Any]
_KEYS = {"a": "sq", "e": "wr", "i": "uo", "o": "ip", "u": "yi", "n": "bm", "r": "et", "s": "ad", "t": "ry", "l": "k"}
_SHORT_STREETS = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Lane": "Ln", "Drive": "Dr", "Boulevard": "Blvd"}
# The share of second records that have each slip; several may fall on one.
SHARES = {
    "typo in the family name": 0.15,
    "typo in the given name": 0.12,
    "names swapped": 0.06,
    "accents lost": 0.30,
    "married": 0.06,
    "compound name cut": 0.50,
    "second name lost": 0.35,
    "slip in the birth date": 0.08,
    "birth year alone": 0.01,
    "other sex": 0.01,
    "social security number missing": 0.55,
    "slip in the social security number": 0.06,
    "moved": 0.25,
    "address written otherwise": 0.25,
    "address missing": 0.06,
    "other telephone": 0.20,
    "telephone missing": 0.12,
    "telephone written otherwise": 0.20,
    "e-mail missing": 0.50,
}


class Corruptor:
    """Makes second records; `place` gives somewhere else to live, `family` another family name."""

    def __init__(
        self, *, dice: random.Random, place: Callable[[], tuple[str, str, str]], family: Callable[[], str]
    ) -> None:
        self._dice, self._place, self._family = dice, place, family

    def second(self, resource: Resource) -> tuple[Resource, tuple[str, ...]]:
        """Another record of the same person, and which slips it has."""
        made: list[str] = []
        while not made:
            made = [name for name, share in SHARES.items() if self._dice.random() < share]
            copied = copy.deepcopy(resource)
            made = [name for name in made if self._slip(name, copied)]
        return copied, tuple(made)

    def _slip(self, kind: str, patient: Resource) -> bool:
        """Make one slip; False where there is nothing that could slip so."""
        before = copy.deepcopy(patient)
        if kind in {"moved", "address written otherwise", "address missing"}:
            self._address(kind, patient)
        elif kind.startswith(("other telephone", "telephone", "e-mail")):
            self._contact(kind, patient)
        elif "social security" in kind:
            self._number(kind, patient)
        elif kind in {"slip in the birth date", "birth year alone", "other sex"}:
            self._dates_and_sex(kind, patient)
        else:
            self._name(kind, patient["name"][0], is_woman=patient["gender"] == "female")
        return patient != before

    def _name(self, kind: str, name: dict[str, Any], *, is_woman: bool) -> None:
        match kind:
            case "typo in the family name":
                name["family"] = self._typo(name["family"])
            case "typo in the given name":
                name["given"][0] = self._typo(name["given"][0])
            case "names swapped":
                name["family"], name["given"][0] = name["given"][0], name["family"]
            case "accents lost":
                name["family"], name["given"] = _plain(name["family"]), [_plain(part) for part in name["given"]]
            case "married" if is_woman:
                name["family"] = self._family()
            case "compound name cut":
                name["family"] = self._dice.choice(name["family"].split("-"))
            case "second name lost":
                name["given"] = name["given"][:1]

    def _dates_and_sex(self, kind: str, patient: Resource) -> None:
        match kind:
            case "other sex":
                patient["gender"] = "male" if patient["gender"] == "female" else "female"
            case "slip in the birth date":
                patient["birthDate"] = self._wrong_day(patient["birthDate"])
            case "birth year alone":
                patient["birthDate"] = patient["birthDate"][:4]

    def _number(self, kind: str, patient: Resource) -> None:
        for identifier in [i for i in patient.get("identifier", []) if i["system"].endswith("us-ssn")]:
            if kind == "social security number missing":
                patient["identifier"].remove(identifier)
            else:
                identifier["value"] = self._wrong_digit(identifier["value"])

    def _address(self, kind: str, patient: Resource) -> None:
        for address in patient.get("address", []):
            if kind == "moved":
                street, address["city"], address["postalCode"] = self._place()
                address["line"] = [street]
            elif kind == "address written otherwise":
                street = address["line"][0]
                for long, short in _SHORT_STREETS.items():
                    street = street.replace(long, short)
                address["line"] = [street.upper() if self._dice.random() < 0.3 else street]
                if self._dice.random() < 0.3:
                    address["line"] = [self._typo(address["line"][0])]
        if kind == "address missing":
            patient.pop("address", None)

    def _contact(self, kind: str, patient: Resource) -> None:
        system = "email" if kind == "e-mail missing" else "phone"
        for telecom in [t for t in patient.get("telecom", []) if t["system"] == system]:
            if kind.endswith("missing"):
                patient["telecom"].remove(telecom)
            elif kind == "other telephone":
                telecom["value"] = f"555-{self._dice.randint(200, 999)}-{self._dice.randint(0, 9999):04d}"
            elif kind == "telephone written otherwise":
                digits = "".join(c for c in telecom["value"] if c.isdecimal())
                telecom["value"] = self._dice.choice((f"+1{digits}", digits, f"({digits[:3]}) {digits[3:]}"))

    def _typo(self, text: str) -> str:
        letters = [at for at, c in enumerate(text) if c.isalpha() and at]
        if not letters:
            return text
        at = self._dice.choice(letters)
        match self._dice.randrange(4):
            case 0:
                return text[:at] + text[at + 1 :]
            case 1:
                return text[:at] + text[at] + text[at:]
            case 2 if at + 1 < len(text):
                return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        near = _KEYS.get(text[at].lower(), "nmrst")
        return text[:at] + self._dice.choice(near) + text[at + 1 :]

    def _wrong_day(self, birth: str) -> str:
        year, month, day = birth[:4], birth[5:7], birth[8:10]
        wrong = [f"{year}-{day}-{month}"] if int(day) <= 12 and day != month else []
        wrong += [
            f"{year}-{month}-{int(day) % 28 + 1:02d}",
            f"{int(year) + self._dice.choice((-10, -1, 1, 10))}-{month}-{day}",
        ]
        wrong += [f"{year}-{int(month) % 12 + 1:02d}-{day}", f"{year}-01-01"]
        return self._dice.choice([day for day in wrong if _is_day(day)])

    def _wrong_digit(self, value: str) -> str:
        at = self._dice.choice([at for at, c in enumerate(value) if c.isdecimal()])
        return value[:at] + str((int(value[at]) + self._dice.randint(1, 9)) % 10) + value[at + 1 :]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
