"""The box of a measured value in every state, for the component page. Nobody was measured."""

from dataclasses import replace

from wardround.hospital.entry.fields import Field, Message, Use

_PLAIN = Field(
    name="sample-plain",
    label="Heart rate",
    typed="",
    unit="/min",
    units=("/min",),
    usual="60–100",
    last="72",
    last_time="20-Nov-2026",
)
_WITH_UNITS = replace(
    _PLAIN, name="sample-units", label="Body temperature", typed="38.2", unit="Cel", units=("Cel", "[degF]"), last=""
)


def sample_fields() -> list[Field]:
    """Empty, filled with a choice of units, said about, asked about and confirmed, and refused."""
    asked = Message(
        "soft",
        "151 kg is 121 % above the last value, 68.4 kg on 20-Nov-2026.",
        uses=(Use("Use 68.5 kg", "if the scale showed pounds", {}),),
        confirms="151",
        confirm_title="151 kg is right, I re-measured",
    )
    weight = replace(_WITH_UNITS, label="Body weight", typed="151", unit="kg", units=("kg", "[lb_av]"), usual="")
    hard = Message(
        "hard",
        "386 °C is outside the possible range 11–47 °C.",
        uses=(Use("Use 38.6 °C", "if the decimal point slipped", {}),),
    )
    remark = Message("remark", "128 /min is unusual; 60–100 is expected. It is stored as it is.")
    return [
        _PLAIN,
        _WITH_UNITS,
        replace(_PLAIN, name="sample-remark", typed="128", message=remark),
        replace(weight, name="sample-asked", message=asked),
        replace(weight, name="sample-confirmed", message=asked, is_confirmed=True, reason="Measured on two scales."),
        replace(_WITH_UNITS, name="sample-refused", typed="386", usual="36.1–37.8", message=hard),
    ]
