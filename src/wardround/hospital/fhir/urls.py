"""The addresses of the FHIR interface, below /fhir/R4/."""

from django.urls import path, re_path

from wardround.hospital.fhir import views
from wardround.hospital.fhir.endpoint import endpoint
from wardround.hospital.fhir.operations.registry import operation_addresses
from wardround.hospital.fhir.searching import views as searching

_TYPE = r"(?P<type_name>[A-Z][A-Za-z]+)"
_TYPE_OR_ALL = r"(?P<type_name>\*|[A-Z][A-Za-z]+)"
_ID = r"(?P<logical_id>[A-Za-z0-9\-.]{1,64})"

urlpatterns = [
    path("metadata", endpoint({"GET": views.metadata}, is_public=True), name="fhir-metadata"),
    *operation_addresses(),
    path("openapi.json", endpoint({"GET": views.openapi}, is_public=True), name="fhir-openapi"),
    path("", endpoint({"GET": searching.search_system}), name="fhir-system"),
    path("_search", endpoint({"POST": searching.search_system_by_form}), name="fhir-system-search"),
    re_path(rf"^{_TYPE}/_search$", endpoint({"POST": searching.search_type_by_form}), name="fhir-type-search"),
    re_path(
        rf"^Patient/{_ID}/{_TYPE_OR_ALL}$", endpoint({"GET": searching.search_compartment}), name="fhir-compartment"
    ),
    re_path(
        rf"^Patient/{_ID}/{_TYPE_OR_ALL}/_search$",
        endpoint({"POST": searching.search_compartment_by_form}),
        name="fhir-compartment-search",
    ),
    re_path(rf"^{_TYPE}$", endpoint({"GET": searching.search_type, "POST": views.create}), name="fhir-type"),
    re_path(rf"^{_TYPE}/{_ID}$", endpoint({"GET": views.read, "PUT": views.update}), name="fhir-instance"),
    re_path(rf"^{_TYPE}/{_ID}/_history$", endpoint({"GET": views.history}), name="fhir-history"),
    re_path(rf"^{_TYPE}/{_ID}/_history/(?P<version>[^/]+)$", endpoint({"GET": views.vread}), name="fhir-version"),
    re_path(
        r"^(?P<rest>.*)$",
        endpoint(dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), views.nowhere)),
        name="fhir-nowhere",
    ),
]
