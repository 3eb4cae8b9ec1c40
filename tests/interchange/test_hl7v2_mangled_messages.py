"""Mangled messages of the kinds beside ADT and ORU give drafts or rejects, and nothing else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps
from wardround.interchange.hl7v2 import read_again

HEAD = "MSH|^~\\&|A|B|C|D|20260203083000||{}|M1|P|2.5.1\rPID|1||7^^^X^MR||A^B||1963|F\rPV1|1|O|||||||||||||||||V1\r"
MESSAGES = {
    "OML^O21": "ORC|NW|P1^W|F1|G&x^H&y||||E1^E2|20260203|||17^House\rTQ1|1|2^mL|Q8H^^^^8^h^^AC^30^min||5^min|3^d|20260203||S\r"
    "OBR|1|P1|F1|X^X^L||2026|2026|2026|1^mL|5^N||||2026|B&b^C\rNTE|1||x~y||5^N|2026\rDG1|1||I10^H^I10\r"
    "OBX|1|NM|A^A^L||1|a|||||O\rSPM|1|T1&W^L1|T0|S^S^L||H|M|A||||5^mL||d|||2026^2027|2026||Y|R\rSAC||A|B",
    "RDE^O11": "ORC|NW|P1\rRXO|A^A^L|1|2|t||w|x||G||20|t|3|5^D|||||5|mg\rRXE|1^Q1H|A^A^L|1||t\rTQ1|1|1^t|BID\rRXR|PO|X\rRXC|A|K^K|1|g",
    "RDS^O13": "ORC|NW|P1\rRXD|1|A^A^L|20260203|20|t|f|R1||n|5^P||3^mg||||1|mg|L|2027|M^M\rRXR|PO",
    "VXU^V04": "ORC|RE|P1|F1\rRXA|0|1|20260203||115^T^CVX|0.5|mL^mL^UCUM||00^N^NIP001|5^N|^^^C||||L|2027|M^M|R|I|CP|A|2026\r"
    "RXR|IM|LD\rOBX|1|CE|64994-7^E^LN|1|V01||||||F\rOBX|2|DT|29769-7^P^LN|1|2026||||||F",
    "MDM^T10": "TXA|1|DS|TX|2026||20260203||2026|5^A|6^B||D1^S|D0|P1|F1|f|AU|R|AV|||7^C^^^^^^^^^^^^^2026||||T\r"
    "OBX|1|TX|H^H^L||text||||||F\rOBX|2|ED|P^P||^application^pdf^Base64^AAAA||||||F\rOBX|3|RP|I^I||http://x^^IM^JPEG||||||F\rNTE|1||n",
    "SIU^S13": "SCH|P1|F1|1|||R|CHECKUP|Normal|30|min|^^30^20260210^20260211|5^A|1|s||6^B\rTQ1|1||||||202602100900|202602100930\r"
    "RGS|1\rAIS|1|A|X^X|20260210|||30|min||Booked\rAIG|1|A|E^E|T||||2026|||5|min\rAIL|1|A|R^1^^C\rAIP|1|A|7^D|S||2026|||5|min||Booked",
    "DFT^P03": "FT1|1|T1||20260203^20260204|2026|CG|E^E|d||2|100&EUR|5|C^C||||||I10|5^A|6^B|||7^C|P^P",
    "PPR^PC1": "PRB|AD|2026|R07^C^I10|P1|||2026||2026||||A|Active||2026\rNTE|1||n",
    "REF^I12": "RF1|A|S|M^M|D|O|R1^C|2026|2027|2026|X|E1\rPRD|RP|H^G|s^^c|P^1||5^P|17^SL|2026|2027|O^L^1",
    "OUL^R22": "SPM|1|T1\rOBR|1|P1||G^G|||2026\rORC|SC|P1|||CM\rOBX||ED|||A^NS^Octet-stream^Base64^AAAA\rTXA|1|D||||||||||D1\r"
    "OBX|1|SN|G^G||<^5|m|||||F\rPRT||AD||AD|5^P||1|O|L^1|D1|2026",
}


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("hl7v2")


def read_one(text, mapping):
    return list(read_again(Source("x.hl7", "message 1", bytes(text)), mapping=mapping))


@pytest.mark.parametrize("kind", MESSAGES)
def test_the_messages_to_mangle_are_whole(mapping, kind):
    (reading,) = read_one((HEAD.format(kind) + MESSAGES[kind]).encode(), mapping)

    assert isinstance(reading, Draft), reading.reason


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_mangled_message_gives_drafts_or_rejects_and_nothing_else(data, mapping):
    kind = data.draw(st.sampled_from(sorted(MESSAGES)))
    text = bytearray((HEAD.format(kind) + MESSAGES[kind]).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(text) - 1, 0)))
        pieces = [b"|", b"^", b"\\", b"~", b"\r", b"&", b"ORC|", b"TXA|", b"9" * 20, b'""', b"20261399", b"-1", b"#"]
        noise = data.draw(st.binary(max_size=3) | st.sampled_from(pieces))
        text[at : at + data.draw(st.integers(0, 4))] = noise

    for reading in read_one(text, mapping):
        assert isinstance(reading, Draft | Reject)
        assert not isinstance(reading, Draft) or all(dumps(resource) for resource in reading.resources)
