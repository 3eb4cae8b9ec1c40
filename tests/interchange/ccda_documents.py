"""C-CDA documents for tests: a small one to change, and HL7's examples where they are present (fragments in a header)."""

import re
from pathlib import Path

EXAMPLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/suites/c-cda-examples").is_dir()), None
)
_HEADER = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="2.16.840.1.113883.19.5" extension="doc-1"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summary of episode note"/>
<title>Summary</title>
<effectiveTime value="20260203083000+0100"/>
<recordTarget><patientRole>
<id root="2.16.840.1.113883.4.1" extension="123456789"/><id root="2.16.840.1.113883.19.5.1" extension="777"/>
<addr use="HP"><streetAddressLine>Fő utca 1</streetAddressLine><city>Budapest</city><country>HU</country></addr>
<telecom value="tel:+36-1-555" use="HP"/>
<patient><name use="L"><given>Anna</given><given>Mária</given><family>Kovács</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19630704"/></patient>
</patientRole></recordTarget>
<component><structuredBody>"""
_FOOTER = "</structuredBody></component></ClinicalDocument>"
_LEADING = re.compile(r"^(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


def document(*sections, header=_HEADER):
    """A whole document of these sections, as bytes."""
    body = "".join(f"<component>{section}</component>" for section in sections)
    return (header + body + _FOOTER).encode()


def section(code, *entries, text=""):
    """A section with this LOINC code."""
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<section><code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><text>{text}</text>{inner}</section>'


def template(number):
    return f'<templateId root="2.16.840.1.113883.10.20.22.4.{number}"/>'


def examples():
    """(name, is a whole document, bytes) of every example of HL7."""
    for path in sorted(EXAMPLES.rglob("*.[xX][mM][lL]")) if EXAMPLES else ():
        text = path.read_text("utf-8-sig")
        if "<ClinicalDocument" in text:
            yield path.name, True, text.encode()
            continue
        fragment = _LEADING.sub("", text)
        if fragment.startswith("<component"):
            fragment = re.sub(r"</component>\s*(?:<!--.*?-->\s*)*$", "", fragment.partition(">")[2], flags=re.DOTALL)
        yield path.name, False, document(fragment)
