"""Simple searches over three of Synthea's charts, and where Medplum's router answers otherwise than R4 says."""

from typing import NamedTuple

CONN = "ee9f8dd8-72d2-4769-8020-89e504b1504b"  # Patient
ALBERTO = "4e8ed886-fd5f-40bb-8feb-f339b04d853a"  # Patient
VISIT = "07e80c96-dae5-4b96-a8f7-cf793d11ff41"  # Encounter of the first
LOINC, SCT, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"

# Each is asked with _count=500, so that one page is the whole answer.
SEARCHES = (
    # token
    "Patient?gender=male",
    "Patient?gender=female,male",
    "Patient?gender:not=male",
    "Patient?identifier=https://github.com/synthetichealth/synthea|",
    "Patient?identifier=http://hl7.org/fhir/sid/us-ssn|999-99-9999",
    "Patient?language=es",
    "Patient?deceased=true",
    "Patient?_id=" + CONN,
    f"Patient?_id={CONN},{ALBERTO}",
    f"Observation?code={LOINC}|8302-2",
    "Observation?code=8302-2",
    f"Observation?code={LOINC}|8302-2,{LOINC}|29463-7",
    "Observation?code=http://example.org|8302-2",
    "Observation?code=|8302-2",
    f"Observation?code:not={LOINC}|8302-2",
    "Observation?status=final",
    "Observation?category=vital-signs",
    "Observation?_tag=synthea-5-2019",
    f"Condition?code={SCT}|38341003",
    "Condition?clinical-status=active",
    "Condition?clinical-status:not=active",
    "Encounter?class=AMB",
    "Encounter?status=finished",
    "MedicationRequest?status=active",
    "MedicationRequest?code=316049",
    "Immunization?vaccine-code=140",
    "Immunization?vaccine-code=http://hl7.org/fhir/sid/cvx|140",
    "DiagnosticReport?category=LAB",
    "Procedure?code=428191000124101",
    "CarePlan?category=787301000000101",
    # string
    "Patient?family=Conn",
    "Patient?family=conn",
    "Patient?family=con",
    "Patient?family:exact=Conn",
    "Patient?family:exact=conn",
    "Patient?given=Liz",
    "Patient?name=Rowe",
    "Patient?address-city=Boston",
    "Patient?address=Beverly",
    "Patient?address-state=Mass",
    "Organization?name=beverly",
    "Organization?name=hospital",
    # date
    "Patient?birthdate=1986-11-28",
    "Patient?birthdate=1986",
    "Patient?birthdate=ge1993",
    "Patient?birthdate=lt1993",
    "Patient?birthdate=gt1993",
    "Patient?birthdate=le1993",
    "Patient?birthdate=ne1986-11-28",
    "Observation?date=ge2015-01-01",
    "Observation?date=ge2015-01-01&date=lt2016-01-01",
    "Observation?date=2015",
    "Observation?date=sa2015",
    "Observation?date=eb2015",
    "Encounter?date=2005-07-29",
    "Encounter?date=ge2012",
    "Condition?onset-date=lt2010",
    "Immunization?date=ge2012-08-10",
    # reference
    f"Observation?subject=Patient/{CONN}",
    f"Observation?patient=Patient/{CONN}",
    f"Observation?patient={CONN}",
    f"Condition?encounter=Encounter/{VISIT}",
    f"Encounter?patient={CONN},{ALBERTO}",
    f"Observation?subject=Patient/{CONN},Patient/{ALBERTO}",
    # quantity
    f"Observation?value-quantity=gt170|{UCUM}|cm",
    f"Observation?value-quantity=lt170|{UCUM}|cm",
    "Observation?value-quantity=gt170",
    f"Observation?code={LOINC}|8302-2&value-quantity=gt170",
    # missing
    "Patient?deceased:missing=true",
    "Condition?abatement-date:missing=true",
    "Condition?abatement-date:missing=false",
    # together
    f"Observation?patient=Patient/{CONN}&code={LOINC}|8302-2",
    f"Observation?patient=Patient/{CONN}&status=final&date=ge2015",
    "Patient?gender=male&birthdate=ge1993",
)
# Here the order of the ids is compared as well; (search, how many are taken).
SORTED = (
    "Patient?_sort=birthdate",
    "Patient?_sort=-birthdate",
    "Patient?_sort=birthdate&_count=2",
    "Patient?_sort=family",
)


class Difference(NamedTuple):
    """How many each finds, and what the specification says."""

    ours: int
    theirs: int
    because: str


_EXACT = 'R4 Search, "string": with :exact the whole string matches, including its casing and accents.'
_STARTS = 'R4 Search, "string": without a modifier the value equals the text or starts with it.'
_ID_ALONE = 'R4 Search, "reference": [parameter]=[id] is the logical id of a resource on this server.'
_QUANTITY = 'R4 Search, "quantity": [prefix][number]|[system]|[code] or [prefix][number], compared by number.'

EXPLAINED: dict[str, Difference] = {
    "Patient?family:exact=conn": Difference(0, 1, _EXACT),
    "Organization?name=hospital": Difference(0, 3, _STARTS),
    f"Observation?patient={CONN}": Difference(36, 0, _ID_ALONE),
    f"Encounter?patient={CONN},{ALBERTO}": Difference(13, 0, _ID_ALONE),
    f"Observation?value-quantity=gt170|{UCUM}|cm": Difference(7, 0, _QUANTITY),
    f"Observation?value-quantity=lt170|{UCUM}|cm": Difference(3, 0, _QUANTITY),
    "Observation?value-quantity=gt170": Difference(13, 0, _QUANTITY),
    f"Observation?code={LOINC}|8302-2&value-quantity=gt170": Difference(7, 0, _QUANTITY),
}
# R4 Search, "Sorting": of several values the one that comes earliest in the order asked for counts. Liz Conn is also
# Liz Rowe, so she leads the descending order; the other server takes her first name alone.
SORTED_OTHERWISE = "Patient?_sort=-family"
