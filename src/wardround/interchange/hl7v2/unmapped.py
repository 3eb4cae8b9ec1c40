"""Which places of a message carry data that went into no resource; and those that carry none by their nature."""

from wardround.interchange.hl7v2.messages import Message

_SET_ID = "numbers the segments of a message"
_TYPE = "says how to read another field, which it is read by"
_ENVELOPE = "who sent which message to whom, and how; the batch's report says it"
CARRIES_NO_DATA: dict[str, str] = {
    **dict.fromkeys(
        (
            *("PID-1", "PV1-1", "NK1-1", "AL1-1", "DG1-1", "PR1-1", "IN1-1", "OBR-1", "OBX-1", "NTE-1", "SPM-1"),
            *(
                "IAM-1",
                "TQ1-1",
                "AIS-1",
                "AIG-1",
                "AIL-1",
                "AIP-1",
                "RGS-1",
                "TXA-1",
                "FT1-1",
                "SAC-1",
                "PRT-1",
                "ROL-1",
                "IN3-1",
            ),
        ),
        _SET_ID,
    ),
    "OBX-2": _TYPE,
    **{f"MSH-{number}": _ENVELOPE for number in range(1, 26)},
    "EVN-1": "repeats the event of MSH-9",
    "EVN-2": "when the event was entered; when it happened is EVN-6",
    **{f"SFT-{number}": _ENVELOPE for number in range(1, 7)},
}


def unmapped_places(message: Message) -> tuple[str, ...]:
    """The places ("PID-22", "PID-5.8") that carry data and were not read, each once, in the order of the message."""
    found: dict[str, None] = {}
    for segment in message.segments:
        for place in segment.unread():
            name = f"{segment.name}-{place}"
            if f"{segment.name}-{place.split('.')[0]}" not in CARRIES_NO_DATA:
                found[name] = None
    return tuple(found)
