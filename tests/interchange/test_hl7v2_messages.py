"""HL7 v2 messages are found in any framing, and their parts read as the standard says."""

import io
import re
from pathlib import Path

import hl7
import pytest

from wardround.interchange.errors import Unreadable
from wardround.interchange.hl7v2.messages import MAX_MESSAGE_BYTES, parse, pieces

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "hl7v2_samples" / "microsoft"
MSH = b"MSH|^~\\&|A|B|C|D|20260203083000||ADT^A04|1|P|2.5.1"


def found(data):
    return [piece.raw.strip(b"\r\n") for piece in pieces(io.BytesIO(data))]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the 139 sample messages are not beside this checkout")
def test_every_field_of_the_139_samples_is_what_the_hl7_package_finds():
    messages = [piece.raw for file in sorted(SAMPLES.glob("*.hl7")) for piece in pieces(io.BytesIO(file.read_bytes()))]
    assert len(messages) == 139
    for raw in messages:
        ours = parse(raw, encoding=None)
        theirs = hl7.parse(re.sub(r"\r?\n", "\r", raw.decode().strip()))
        assert [s.name for s in ours.segments] == [str(s[0]) for s in theirs]
        for our, their in zip(ours.segments, theirs, strict=True):
            for field in range(3 if our.name == "MSH" else 1, len(their)):
                # The hl7 package strips the blanks at a segment's end.
                assert "~".join(r.raw for r in our.repetitions(field)).rstrip() == str(their[field]).rstrip()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_segments_end_with_any_line_end(end):
    first, second = MSH + end + b"PID|1", MSH + end + b"PID|2"

    assert [len(parse(raw, encoding=None).segments) for raw in found(first + end + second + end)] == [2, 2]


def test_mllp_frames_and_batch_headers_are_passed_over():
    framed = b"\x0b" + MSH + b"\rPID|1\r\x1c\r"

    assert len(found(b"FHS|^~\\&|x\rBHS|^~\\&|x\r" + framed * 2 + b"BTS|2\rFTS|1\r")) == 2


def test_a_byte_order_mark_is_no_text():
    assert found(b"\xef\xbb\xbf" + MSH) == [MSH]


def test_a_message_that_crosses_a_chunk_is_whole():
    long = MSH + b"\rOBX|1|TX|A||" + b"x" * 200_000

    assert [len(raw) for raw in found((long + b"\r") * 3)] == [len(long)] * 3


def test_text_outside_of_messages_is_reported():
    fault, message = pieces(io.BytesIO(b"hello\r\n" + MSH))

    assert "begins with MSH" in fault.fault
    assert message.fault == ""


def test_a_message_that_never_ends_is_reported_and_not_kept():
    (piece,) = pieces(io.BytesIO(MSH + b"\r" + (b"OBX|" + b"x" * 9_996 + b"\r") * (MAX_MESSAGE_BYTES // 10_000 + 10)))

    assert "longer than" in piece.fault
    assert len(piece.raw) <= MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        (r"two\.br\lines", "two\nlines"),
        (r"\H\bold\N\ text", "bold text"),
        (r"\X4B6F76C3A16373\ ", "Kovács"),
        (r"\Zunknown\ stays", r"\Zunknown\ stays"),
        ("a lone \\ stays", "a lone \\ stays"),
        (r"\XZZ\ ", r"\XZZ\ ".strip()),
        (r"one\.sp+2\three\.in4\\.fi\ ", "one\n\nthree"),
        (r"a\.sk3\b\P\ ", "a   b#"),
        ('""', ""),
    ],
)
def test_escapes_are_resolved(written, read):
    message = parse(MSH + b"\rNTE|1|L|" + written.encode(), encoding=None)

    assert message.segments[1].text(3) == read


def test_separators_are_those_of_the_message():
    message = parse(b"MSH#*!$%#A\rPID#1##7*x%y!8*z", encoding=None)

    first, second = message.segments[1].repetitions(3)
    assert (first.text(1), first.text(2, 2), second.text(2)) == ("7", "y", "z")


@pytest.mark.parametrize(
    ("named", "codec"),
    [
        ("8859/2", "iso8859_2"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1~8859/2", "iso8859_1"),
        ("ISO IR101", "iso8859_2"),
        ("WINDOWS-1250", "cp1250"),
    ],
)
def test_the_character_set_is_that_of_msh_18(named, codec):
    name = "Kovács" if "8859/1" in named else "Kőrösi"
    raw = MSH + b"||||||" + named.encode() + b"\rPID|1||7||" + name.encode(codec)

    assert parse(raw, encoding=None).segments[1].text(5) == name


@pytest.mark.parametrize(
    ("named", "codec", "name"),
    [
        ("GBK", "gbk", "王芳"),
        ("BIG-5", "big5", "王芳"),
        ("~ISO IR87", "iso2022_jp", "山田"),
        ("KS X 1001", "euc_kr", "김"),
    ],
)
def test_the_character_sets_of_asia_are_read(named, codec, name):
    raw = MSH + b"||||||" + named.encode() + b"\rPID|1||7||" + name.encode(codec) + b"^A"

    assert parse(raw, encoding=None).segments[1].text(5) == name


def test_without_msh_18_the_mappings_encoding_holds():
    raw = MSH + b"\rPID|1||7||" + "Kőrösi".encode("cp1250")

    assert parse(raw, encoding="cp1250").segments[1].text(5) == "Kőrösi"
    with pytest.raises(Unreadable, match=r"source\.encoding"):
        parse(raw, encoding=None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"MSH", "breaks off in MSH"),
        (b"MSH|^^~\\&|", "five different separators"),
        (b"MSHAAAAAAA", "five different separators"),
        (MSH + b"||||||KLINGON", "character set that is not known"),
        (MSH + b"||||||UNICODE UTF-8\rPID|\xe9", "not utf-8"),
        (MSH + b"||||||UNICODE UTF-16\rPID|", "names utf-16"),
        (MSH + b"||||||8859/1~8859/2\rNTE|1||a\\C2D42\\b", "switches character sets"),
        (MSH + b"\rNTE|1||a\\M244A\\b", "switches character sets"),
        (MSH + b"\rnot a segment", "no segment"),
        (MSH + b"\rPID|\0", "zero bytes"),
    ],
)
def test_a_message_that_is_none_says_why(raw, reason):
    with pytest.raises(Unreadable, match=reason):
        parse(raw, encoding=None)
