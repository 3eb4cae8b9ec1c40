"""MLLP frames are found however the bytes arrive, and what is no whole frame is never a message."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.interchange.hl7v2.mllp import Broken, Frames, Whole, framed

MESSAGE = b"MSH|^~\\&|LAB|A|EMR|B|20260203083000||ADT^A04|17|P|2.5.1\rPID|1\r"


def fed(*packets, **options):
    frames = Frames(**options)
    return [block for packet in packets for block in frames.feed(packet)]


def test_two_messages_in_one_packet_are_two():
    assert fed(framed(b"MSH|1") + framed(b"MSH|2")) == [Whole(b"MSH|1"), Whole(b"MSH|2")]


def test_a_message_in_many_packets_is_one():
    assert fed(*(bytes([byte]) for byte in framed(MESSAGE))) == [Whole(MESSAGE)]


def test_a_frame_that_never_ends_gives_nothing_until_it_is_too_long():
    frames = Frames(most_bytes=100)

    assert frames.feed(b"\x0bMSH|" + b"x" * 90) == []
    assert frames.is_inside
    (broken,) = frames.feed(b"x" * 30)
    assert (broken.fault, broken.head[:5]) == ("The message is longer than 100 bytes.", b"MSH|x")
    assert frames.is_over
    assert frames.feed(framed(MESSAGE)) == []


def test_a_message_of_exactly_the_most_bytes_is_read():
    assert fed(framed(MESSAGE)[:-1], b"\r", most_bytes=len(MESSAGE)) == [Whole(MESSAGE)]


def test_bytes_before_a_start_byte_are_reported_and_the_message_is_read():
    assert fed(b"GET / HTTP" + framed(MESSAGE)) == [
        Broken("8 bytes stand outside of a frame, which begins with 0x0B."),
        Whole(MESSAGE),
    ]


def test_line_ends_between_frames_are_no_fault():
    assert fed(b"\r\n" + framed(MESSAGE) + b"\r\n " + framed(MESSAGE)) == [Whole(MESSAGE)] * 2


def test_bytes_without_a_start_byte_break_the_stream_in_the_end():
    frames = Frames(most_bytes=100)

    assert [type(block) for block in frames.feed(b"x" * 200)] == [Broken]
    assert frames.is_over


def test_a_start_byte_before_msh_begins_anew_and_the_frame_before_is_broken():
    broken, whole = fed(b"\x0bMSH|half\r" + framed(MESSAGE))

    assert (type(broken), broken.head) == (Broken, b"MSH|half\r")
    assert whole == Whole(MESSAGE)


def test_another_start_byte_in_a_frame_is_content():
    content = MESSAGE + b"OBX|1|TX|||first line\x0bsecond line\r"

    assert fed(framed(content)) == [Whole(content)]


def test_an_end_byte_without_its_carriage_return_is_content():
    assert fed(framed(b"MSH|\x1cx")) == [Whole(b"MSH|\x1cx")]


def test_an_empty_frame_is_whole():
    assert fed(b"\x0b\x1c\r") == [Whole(b"")]


def cut(data, places):
    borders = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[first:last] for first, last in itertools.pairwise(borders)]


content = st.binary(max_size=60).filter(lambda c: not any(part in c for part in (b"\x1c\r", b"\x0bMSH")))


@given(st.lists(content, max_size=5), st.lists(st.integers(0, 400), max_size=8))
def test_what_was_framed_comes_out_whatever_the_packets(contents, places):
    data = b"".join(map(framed, contents))

    assert fed(*cut(data, places)) == [Whole(c) for c in contents]


pieces = st.one_of(st.binary(max_size=8), st.sampled_from([b"\x0b", b"\x1c\r", b"\x1c", b"\x0bMSH", b"MSH|", b"\r"]))


@given(st.lists(pieces, max_size=30), st.lists(st.integers(0, 300), max_size=10), st.sampled_from([12, 40, 10_000]))
def test_the_borders_of_packets_make_no_difference(parts, places, most):
    data = b"".join(parts)
    one, many = fed(data, most_bytes=most), fed(*cut(data, places), most_bytes=most)

    assert [type(block) for block in one] == [type(block) for block in many]
    assert [b for b in one if isinstance(b, Whole)] == [b for b in many if isinstance(b, Whole)]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_long_message_in_small_packets_is_not_looked_through_again_and_again(size):
    data = framed(b"MSH|" + b"x" * 200_000)
    packets = [data[place : place + size] for place in range(0, len(data), size)]

    assert [len(block.content) for block in fed(*packets)] == [200_004]
