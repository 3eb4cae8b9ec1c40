"""What is wrong with a resource: where, in a sentence, and of which kind."""

from dataclasses import dataclass
from typing import Literal

# The kinds of FHIR's issue-type that a check finds; "invalid" where the caller did not say.
Code = Literal[
    "structure",
    "required",
    "value",
    "code-invalid",
    "invariant",
    "extension",
    "not-supported",
    "informational",
    "invalid",
]
Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (a FHIRPath such as "Patient.name[0].given[1]") and a sentence without patient data.

    `code` is the issue's code in an OperationOutcome; a warning keeps nothing from being stored.
    """

    path: str
    sentence: str
    code: str = "invalid"
    severity: Severity = "error"
