"""What this hospital insists on, whatever a study says: `policy.toml` in the home, written by its own people."""

import tomllib
from dataclasses import dataclass

from wardround.federation.errors import FederationError
from wardround.web.home import Home

FILE = "policy.toml"
EXAMPLE = "minimum_patients = 50\nminimum_hospitals = 3\nroster_may_shrink = false"
_KINDS = {"minimum_patients": int, "minimum_hospitals": int, "roster_may_shrink": bool}


class PolicyError(FederationError):
    """The policy file cannot be used."""


@dataclass(frozen=True)
class Policy:
    """The hospital's rules for its part in a run. They can ask for more than the protocol's own, never for less."""

    minimum_patients: int = 50
    minimum_hospitals: int = 3
    roster_may_shrink: bool = False


def policy_of(home: Home) -> Policy:
    """The home's policy; the defaults where it says nothing. A file that is wrong is an error, not a default."""
    path = home.path / FILE
    if not path.exists():
        return Policy()
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise PolicyError(f"{FILE} of this home cannot be read. It looks like:\n{EXAMPLE}") from error
    for name, value in written.items():
        if name not in _KINDS or type(value) is not _KINDS[name]:
            raise PolicyError(f"{FILE} of this home has a wrong entry {name!r}. It looks like:\n{EXAMPLE}")
    return Policy(**written)
