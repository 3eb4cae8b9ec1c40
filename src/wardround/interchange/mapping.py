"""The mapping file: one TOML file that says what a hospital's own columns, codes, units, answers and times mean.

    [source]
    name = "Cleveland"                   # what people call it
    slug = "cleveland"                   # makes the code system urn:wardround:local:SLUG and the number system urn:wardround:mrn:SLUG
    format = "csv"                       # csv (any table: CSV, TSV, .xlsx, .xls, .ods, Parquet) | hl7v2 | fhir | omop | ccda | meds
    zone = "America/New_York"            # of local times that carry no zone; needed for csv, hl7v2 and omop
    decimal = "point"                    # point | comma, of numbers written as text
    encoding = "utf-8"                   # csv, omop; hl7v2 where MSH-18 is silent. Left out: UTF-8
    delimiter = ","                      # csv; left out: found in the header
    sheet = "Results"                    # csv, of a workbook; left out: its only visible sheet that is not empty
    date_format = "%d.%m.%Y %H:%M"       # csv; left out: YYYY-MM-DD, with or without hh:mm[:ss]; a column may have its own
    missing = "? NULL"                   # csv: words that stand for an empty cell, with spaces between them
    system = "..."  mrn_system = "..."   # in place of the two made from the slug
    procedures_from = "PR1"              # hl7v2: "OBR" where the service of a result (OBR-4) is the only word of a procedure
    fhir_version = "R5"                  # fhir: R4, R5 or STU3; left out: what manifest, profiles and elements show, else R4
    processing_ids = ["P"]               # hl7v2: the MSH-11 of messages that are for these records: P production, T training, D debugging
    assigning_authority = "BUDAPEST"     # hl7v2: the PID-3 repetition (CX.4) that is the hospital number; left out: type MR, else the first. ccda: its OID

    [systems]                            # hl7v2, ccda: what the source calls a code system (CE.3, OID) -> its URI; LN, I10C, UCUM and HL7's OIDs are known
    "99BUD" = "urn:wardround:local:budapest"

    [columns]                            # csv: the columns of the file, also those to leave out ("ignore"); others are reported
    PAT_NO = "mrn"                       # a role: mrn family given sex birth_year birth_date phone email street city state postcode
    VISIT_DT = "visit_start"             #   country record visit_start visit_end time ignore
    SBP = { measurement = "systolic_pressure", unit = "mmHg", time = "VISIT_DT" }   # time: the column that dates it, else visit_start
    MAX_HR = { measurement = "exercise_heart_rate", time = "STRESS_DT", unit = "/min" }
    X_RAY = { role = "observation", time = "STRESS_DT" }                            # kept under the local code X_RAY, not standardised
    CATH_DT = { role = "procedure", code = "CATH" }                                 # the cell dates the procedure with this local code
    DX = { role = "condition", time = "CATH_DT" }                                   # the cell is a local condition code
    TEST = "code"                        # a long table, one row for one measurement: the cell is the code of what was measured;
    RESULT = { role = "value", time = "TAKEN" }         # its value, dated by TAKEN, else by the column "time" or "visit_start";
    UNIT = "unit"  TEXT = "display"                     # its unit; what people call it; "record" numbers the measurement,
    VISIT = "visit"                                     # "visit" its visit. TEST = { role = "code", system = "LN" } where the
                                                        # codes are of another system: a URI or a name of [systems];
                                                        # a condition's column may say the same

    [codes]                              # local code -> catalogue key, with the unit that the source leaves out where it does
    RRS = "systolic_pressure"
    FLE = { measurement = "fluoroscopy_vessels", unit = "1" }
    [units]                              # catalogue key -> unit that the source leaves out
    [answers.chest_pain_type]            # local answer -> the catalogue's answer, true or false; also [answers.sex]
    "1" = "typical_angina"
    [conditions]                         # local code -> condition key or ICD-10-CM code of the catalogue
    CAD = "coronary_atherosclerosis"
    [procedures]                         # local code -> procedure key of the catalogue
    CATH = "coronary_angiography"

A code of another system than the source's own is written "system|CODE" in [codes], [answers], [conditions], [procedures].
"""

import tomllib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wardround.interchange.errors import BadMapping
from wardround.interchange.texts import charset

Format = Literal["csv", "hl7v2", "fhir", "omop", "ccda", "meds"]
FORMATS = ("csv", "hl7v2", "fhir", "omop", "ccda", "meds")
PERSON_ROLES = (
    *("mrn", "family", "given", "sex", "birth_year", "birth_date", "phone", "email"),
    *("street", "city", "state", "postcode", "country"),
)
LONG_ROLES = ("code", "value", "unit", "display", "visit")  # of a table with one row for one measurement
ROLES = (
    *PERSON_ROLES,
    *("record", "visit_start", "visit_end", "time", "observation", "procedure", "condition"),
    *LONG_ROLES,
    "ignore",
)
_SOURCE_FIELDS = {
    *("name", "slug", "format", "zone", "decimal", "encoding", "delimiter", "date_format", "missing"),
    *("sheet", "system", "mrn_system", "assigning_authority", "procedures_from", "fhir_version", "processing_ids"),
}
_SECTIONS = ("source", "systems", "columns", "codes", "units", "answers", "conditions", "procedures")
_COLUMN_FIELDS = {"role", "measurement", "code", "unit", "time", "system", "date_format"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """What one column of a table is. `code` is the local code of its observation, procedure or condition."""

    name: str
    role: str
    code: str
    measurement: str | None = None
    unit: str | None = None
    time: str | None = None  # the column that says when
    system: str | None = None  # of a column of codes or conditions: their system, where it is not the source's own
    date_format: str | None = None  # of a column of times, where it is not the source's


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """One source's mapping, checked. `clinical` is what wardround.clinical.codes.CodeMap.from_mapping takes."""

    name: str
    slug: str
    format: Format
    zone: tzinfo | None = None
    decimal: Literal["comma", "point"] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    date_format: str | None = None
    missing: frozenset[str] = frozenset()
    sheet: str | None = None
    fhir_version: str = ""  # R4, R5 or STU3, where the source's resources do not show it
    system: str
    mrn_system: str
    assigning_authority: str | None = None
    procedures_from: Literal["PR1", "OBR"] = "PR1"
    processing_ids: tuple[str, ...] = ("P",)
    systems: MappingOf[str, str] = field(default_factory=dict)
    columns: MappingOf[str, Column] = field(default_factory=dict)
    clinical: MappingOf[str, Any] = field(default_factory=dict)

    @property
    def record_system(self) -> str:
        """The identifier system of this source's own records (visits, results), by which an import is repeatable."""
        return f"urn:wardround:local:{self.slug}"

    @property
    def is_long(self) -> bool:
        """One row of the table is one measurement, which a column of codes names."""
        return any(column.role == "code" for column in self.columns.values())

    def sex(self, text: str) -> str | None:
        """FHIR's administrative gender for a sex as this source writes it, or None when it is not known."""
        answers = self.clinical.get("answers", {}).get("sex", {})
        answer = answers.get(text.strip(), _SEXES.get(text.strip().casefold()))
        return answer if isinstance(answer, str) else None


_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female", "o": "other", "a": "other", "u": "unknown"}


def read_mapping(path: Path | str) -> Mapping:
    """Read a mapping file; raises BadMapping with a sentence that names the place."""
    try:
        text = Path(path).read_bytes().decode("utf-8")
        document = tomllib.loads(text)
    except OSError:
        raise BadMapping(f"The mapping file {Path(path).name} cannot be opened.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadMapping(f"The mapping file {Path(path).name} is not TOML: {error}.") from None
    return mapping_of(document)


def mapping_of(document: MappingOf[str, Any]) -> Mapping:
    """The mapping that a parsed TOML document says; raises BadMapping."""
    _refuse_unknown(document, set(_SECTIONS), "The mapping", "section")
    for section, content in document.items():
        if not isinstance(content, dict):
            raise BadMapping(f"The mapping's {section} is a section: [{section}] and lines below it.")
    source = document.get("source", {})
    _refuse_unknown(source, _SOURCE_FIELDS, "The mapping's [source]", "field")
    source = dict(source)
    processing_ids = _processing_ids(source.pop("processing_ids", ["P"]))
    for name, value in source.items():
        if not isinstance(value, str) or not value:
            raise BadMapping(f"The mapping's source.{name} is a text in quotes.")
    slug, form = _slug(source), _format(source)
    system = source.get("system", f"urn:wardround:local:{slug}")
    columns = {name: _column(name, entry) for name, entry in document.get("columns", {}).items()}
    _check_columns(columns, is_table=form == "csv")
    return Mapping(
        name=source.get("name", slug),
        slug=slug,
        format=form,
        zone=_zone(source, form),
        decimal=_decimal(source),
        encoding=_encoding(source),
        delimiter=_delimiter(source),
        date_format=source.get("date_format"),
        missing=frozenset(source.get("missing", "").split()),
        fhir_version=_fhir_version(source),
        sheet=source.get("sheet"),
        system=system,
        mrn_system=source.get("mrn_system", f"urn:wardround:mrn:{slug}"),
        assigning_authority=source.get("assigning_authority"),
        procedures_from=_procedures_from(source),
        processing_ids=processing_ids,
        systems=_texts(document, "systems"),
        columns=columns,
        clinical=_clinical(document, columns, system=system, decimal=_decimal(source)),
    )


def _clinical(
    document: MappingOf[str, Any], columns: MappingOf[str, Column], *, system: str, decimal: str | None
) -> dict[str, Any]:
    codes: dict[str, Any] = {c.code: c.measurement for c in columns.values() if c.measurement is not None}
    for code, entry in document.get("codes", {}).items():
        if isinstance(entry, dict):
            _refuse_unknown(entry, {"measurement", "unit"}, f"The mapping's codes.{code}", "field")
        elif not isinstance(entry, str):
            raise BadMapping(f'The mapping\'s codes.{code} is a catalogue key in quotes or {{ measurement = "..." }}.')
        codes[code] = entry
    answers = document.get("answers", {})
    for key, table in answers.items():
        if not isinstance(table, dict) or not all(isinstance(answer, str | bool) for answer in table.values()):
            raise BadMapping(f'The mapping\'s [answers.{key}] has lines such as CODE = "answer" or CODE = true.')
    return {
        "source": {"system": system} | ({"decimal": decimal} if decimal else {}),
        "codes": codes,
        "units": _texts(document, "units"),
        "answers": {key: dict(table) for key, table in answers.items()},
        "conditions": _texts(document, "conditions"),
        "procedures": _texts(document, "procedures"),
    }


def _column(name: str, entry: Any) -> Column:
    if isinstance(entry, str):
        entry = {"role": entry}
    if not isinstance(entry, dict):
        raise BadMapping(
            f'The mapping\'s columns.{name} is a role in quotes or {{ measurement = "...", unit = "..." }}.'
        )
    where = f"The mapping's columns.{name}"
    _refuse_unknown(entry, _COLUMN_FIELDS, where, "field")
    if not all(isinstance(value, str) for value in entry.values()):
        raise BadMapping(f"{where}: every field is a text in quotes.")
    role = entry.get("role", "observation" if "measurement" in entry else "")
    if role not in ROLES:
        raise BadMapping(f"{where} needs a measurement or a role; the roles are {', '.join(ROLES)}.")
    if "measurement" in entry and role != "observation":
        raise BadMapping(f"{where} is a measurement and has the role {role}; it is one of the two.")
    return Column(
        name=name,
        role=role,
        code=entry.get("code", name),
        measurement=entry.get("measurement"),
        unit=entry.get("unit"),
        time=entry.get("time"),
        system=entry.get("system"),
        date_format=entry.get("date_format"),
    )


def _check_columns(columns: MappingOf[str, Column], *, is_table: bool) -> None:
    if not is_table:
        if columns:
            raise BadMapping('The mapping has [columns], which only a table (format = "csv") has.')
        return
    roles = [column.role for column in columns.values()]
    if roles.count("mrn") != 1:
        raise BadMapping('The mapping\'s [columns] need exactly one column with the role "mrn", the hospital number.')
    for column in columns.values():
        if column.time is not None and column.time not in columns:
            raise BadMapping(
                f"The mapping's columns.{column.name} is dated by {column.time}, which [columns] do not have."
            )
    _check_long(columns, roles)
    undated = [c.name for c in columns.values() if c.role in ("observation", "condition") and c.time is None]
    if undated and "visit_start" not in roles:
        raise BadMapping(
            f'The mapping\'s columns.{undated[0]} needs a time = "COLUMN", as no column is the visit_start.'
        )


def _check_long(columns: MappingOf[str, Column], roles: list[str]) -> None:
    used = [column for column in columns.values() if column.role in LONG_ROLES]
    if not used:
        return
    if roles.count("code") != 1 or roles.count("value") != 1:
        raise BadMapping(
            f"The mapping's columns.{used[0].name} is of a table with one row for one measurement, which has exactly one "
            'column with the role "code" and one with the role "value".'
        )
    value = next(column for column in used if column.role == "value")
    if value.time is None and not {"time", "visit_start"} & set(roles):
        raise BadMapping(f'The mapping\'s columns.{value.name} needs a time = "COLUMN", as no column is the time.')


def _slug(source: MappingOf[str, str]) -> str:
    slug = source.get("slug", "")
    if not slug or not all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in slug):
        raise BadMapping(
            'The mapping\'s source.slug is needed: lower-case letters, digits and hyphens, such as "budapest".'
        )
    return slug


def _format(source: MappingOf[str, str]) -> Format:
    if source.get("format") not in FORMATS:
        raise BadMapping(f"The mapping's source.format is one of {', '.join(FORMATS)}.")
    return cast("Format", source["format"])


def _zone(source: MappingOf[str, str], form: Format) -> tzinfo | None:
    if "zone" not in source:
        if form == "fhir":
            return None
        raise BadMapping(
            'The mapping\'s source.zone is needed, as local times carry none; for example "Europe/Budapest".'
        )
    try:
        return ZoneInfo(source["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadMapping("The mapping's source.zone is not a time zone; write for example Europe/Budapest.") from None


def _decimal(source: MappingOf[str, str]) -> Literal["comma", "point"] | None:
    value = source.get("decimal")
    if value not in (None, "comma", "point"):
        raise BadMapping("The mapping's source.decimal is comma or point.")
    return cast("Literal['comma', 'point'] | None", value)


def _procedures_from(source: MappingOf[str, str]) -> Literal["PR1", "OBR"]:
    value = source.get("procedures_from", "PR1")
    if value not in ("PR1", "OBR"):
        raise BadMapping("The mapping's source.procedures_from is PR1 or OBR.")
    return cast("Literal['PR1', 'OBR']", value)


def _fhir_version(source: MappingOf[str, str]) -> str:
    version = source.get("fhir_version", "")
    if version not in ("", "R4", "R5", "STU3"):
        raise BadMapping("The mapping's source.fhir_version is R4, R5 or STU3.")
    return version


def _processing_ids(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or any(one not in ("P", "T", "D") for one in value):
        raise BadMapping(
            'The mapping\'s source.processing_ids is a list of P (production), T (training), D (debugging), such as ["P", "T"].'
        )
    return tuple(value)


def _encoding(source: MappingOf[str, str]) -> str | None:
    name = source.get("encoding")
    if name is None:
        return None
    codec = charset(name)
    if codec is None:
        raise BadMapping("The mapping's source.encoding is not known here; write for example utf-8 or iso-8859-2.")
    return codec


def _delimiter(source: MappingOf[str, str]) -> str | None:
    delimiter = source.get("delimiter")
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise BadMapping('The mapping\'s source.delimiter is one character, such as "," or ";" or "\\t".')
    return delimiter


def _texts(document: MappingOf[str, Any], section: str) -> dict[str, str]:
    content = document.get(section, {})
    for key, value in content.items():
        if not isinstance(value, str):
            raise BadMapping(f"The mapping's {section}.{key} is a text in quotes.")
    return dict(content)


def _refuse_unknown(content: MappingOf[str, Any], known: set[str], where: str, what: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise BadMapping(f"{where} has an unknown {what} {unknown[0]!r}; there are {', '.join(sorted(known))}.")
