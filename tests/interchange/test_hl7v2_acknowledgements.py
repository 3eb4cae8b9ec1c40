"""Acknowledgements say who, what and why, as HL7 has them, and repeat nothing of a patient."""

import itertools
from datetime import UTC, datetime

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.interchange.hl7v2.acknowledgements import Result, acknowledgements

NOW = datetime(2026, 2, 3, 8, 30, tzinfo=UTC)
STORED = Result("accepted")
REFUSED = Result("error", "Refused, and kept as number 7 in quarantine. PID-3 holds no hospital number.")
BUSY = Result("rejected", "The records are busy.", error="206")


def message(*, version="2.5.1", accept="", application="", charset="", control="Z-17"):
    header = ["MSH", "^~\\&", "LAB", "Süd", "EMR^1.2.3^ISO", "B", "20260203083000", "", "ADT^A04^ADT_A01", control]
    header += ["T", version, "", "", accept, application, "", charset]
    return ("|".join(header) + "\rPID|1||4711||Kovács^Ilona\r").encode("iso8859_2" if charset == "8859/2" else "utf-8")


def answered(raw, result):
    return acknowledgements(raw, result, time=NOW, control_id="answer-1")


def read(raw, encoding="utf-8"):
    return hl7.parse(raw.decode(encoding))


def test_the_header_is_turned_round_and_the_message_is_named():
    (answer,) = answered(message(), STORED)

    assert answer.decode().split("\r") == [
        "MSH|^~\\&|EMR^1.2.3^ISO|B|LAB|Süd|20260203083000+0000||ACK^A04^ACK|answer-1|T|2.5.1",
        "MSA|AA|Z-17",
        "",
    ]


def test_a_refusal_says_why_in_err_and_msa():
    (answer,) = map(read, answered(message(), REFUSED))

    assert str(answer.segment("MSA")[1]) == "AE"
    assert str(answer.segment("ERR")) == (
        "ERR|||207^Application internal error^HL70357|E||||"
        "Refused, and kept as number 7 in quarantine. PID-3 holds no hospital number."
    )
    assert str(answer.segment("MSA")[3]) == REFUSED.sentence[:80]


@pytest.mark.parametrize(
    ("version", "kind", "error"),
    [
        ("2.1", "ACK", "ERR|^^^206&Application record locked&HL70357"),
        ("2.3.1", "ACK", "ERR|^^^206&Application record locked&HL70357"),
        ("2.4", "ACK^A04^ACK", "ERR|^^^206&Application record locked&HL70357"),
        ("2.5", "ACK^A04^ACK", "ERR|||206^Application record locked^HL70357|E||||The records are busy."),
        ("2.8", "ACK^A04^ACK", "ERR|||206^Application record locked^HL70357|E||||The records are busy."),
    ],
)
def test_an_answer_is_of_the_senders_version(version, kind, error):
    (answer,) = map(read, answered(message(version=version), BUSY))

    assert (str(answer.segment("MSH")[9]), str(answer.segment("MSH")[12])) == (kind, version)
    assert (str(answer.segment("MSA")[1]), str(answer.segment("ERR"))) == ("AR", error)


@pytest.mark.parametrize(
    ("accept", "application", "stored", "refused", "busy"),
    [
        ("AL", "NE", ["CA"], ["CE"], ["CR"]),
        ("AL", "", ["CA"], ["CE"], ["CR"]),
        ("NE", "AL", ["AA"], ["AE"], ["AR"]),
        ("AL", "AL", ["CA", "AA"], ["CE"], ["CR"]),
        ("ER", "AL", ["AA"], ["CE"], ["CR"]),
        ("SU", "ER", ["CA"], ["AE"], ["AR"]),
        ("NE", "NE", [], [], []),
        ("??", "NE", ["CA"], ["CE"], ["CR"]),
    ],
)
def test_the_enhanced_mode_sends_what_the_sender_asked_for(accept, application, stored, refused, busy):
    raw = message(accept=accept, application=application)

    def codes(result):
        return [str(read(answer).segment("MSA")[1]) for answer in answered(raw, result)]

    assert (codes(STORED), codes(REFUSED), codes(BUSY)) == (stored, refused, busy)


def test_two_answers_have_names_of_their_own_and_ask_for_no_answer():
    first, second = map(read, answered(message(accept="AL", application="AL"), STORED))

    assert str(first.segment("MSH")[10]) != str(second.segment("MSH")[10])
    assert [str(second.segment("MSH")[field]) for field in (15, 16)] == ["NE", "NE"]


def test_an_answer_is_in_the_senders_character_set():
    (answer,) = answered(message(charset="8859/2"), STORED)

    header = read(answer, "iso8859_2").segment("MSH")
    assert (str(header[6]), str(header[18])) == ("Süd", "8859/2")


def test_of_a_character_set_that_is_not_known_the_bytes_come_back():
    (answer,) = answered(message(charset="KLINGON"), REFUSED)

    assert "Süd".encode() in answer
    assert b"KLINGON" not in answer


def test_the_senders_own_separators_are_kept_and_escaped():
    raw = b"MSH#*~\\&#LAB#A#EMR#B#20260203##ADT*A04#9#P#2.5\r"
    (answer,) = answered(raw, Result("error", "PID-3 # is not * right."))

    assert answer.endswith(b"ERR###207*Application internal error*HL70357#E####PID-3 \\F\\ is not \\S\\ right.\r")


@pytest.mark.parametrize("raw", [b"", b"MSH", b"garbage", b"MSHAAAAAAAAAA", b"MSH|^~\\&" + b"|x" * 9000])
def test_what_cannot_be_read_is_answered_without_a_name(raw):
    (answer,) = map(read, answered(raw, REFUSED))

    assert [str(answer.segment("MSA")[field]) for field in (1, 2)] == ["AE", ""]


def test_nothing_of_the_patient_is_repeated():
    for result, version in itertools.product((STORED, REFUSED, BUSY), ("2.2", "2.5")):
        assert not any(
            word.encode() in b"".join(answered(message(version=version), result)) for word in ("4711", "Kov")
        )


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b"FHS|^~\\&|x\rBHS|^~\\&|x\r"])
def test_what_stands_before_the_header_does_not_hide_it(before):
    (answer,) = map(read, answered(before + message(), STORED))

    assert str(answer.segment("MSA")[2]) == "Z-17"


def test_a_long_sentence_is_cut_to_the_length_of_its_field():
    (answer,) = map(read, answered(message(), Result("error", "|" * 400)))

    assert str(answer.segment("MSA")[3]) == "\\F\\" * 80
    assert str(answer.segment("ERR")[8]) == "\\F\\" * 250


@given(st.binary(max_size=200), st.sampled_from([STORED, REFUSED, BUSY]))
def test_any_bytes_are_answered_with_two_or_three_segments(tail, result):
    for raw in (tail, b"MSH" + tail, b"MSH|^~\\&|" + tail):
        for answer in answered(raw, result):
            assert answer.startswith(b"MSH")
            assert answer.count(b"\r") == (2 if result is STORED else 3)
            assert b"\x0b" not in answer
            assert b"\x1c" not in answer
