"""One operation as the interface serves it and as the CapabilityStatement names it."""

from dataclasses import dataclass

from wardround.hospital.fhir.endpoint import Handler

EVERY_TYPE = "Resource"


@dataclass(frozen=True)
class Operation:
    """`address` is a regular expression below /fhir/R4/; `type_name` is empty for one of the whole system."""

    name: str  # without the dollar sign
    definition: str  # canonical address of its OperationDefinition
    type_name: str
    address: str
    handlers: dict[str, Handler]
    media_types: frozenset[str] = frozenset()  # that it answers in beside FHIR's JSON
