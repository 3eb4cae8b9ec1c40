"""The report's pictures as inline SVG: AUROC by round, hospitals side by side, calibration. Colour never stands alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

INK, MUTED, LINE, GRID = "#1b2733", "#52606d", "#d5dce3", "#e8edf1"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one kind of model is drawn everywhere: colour and the shape of its mark."""

    title: str
    colour: str
    shape: str


LOOKS: dict[str, Look] = {
    "local": Look(title="Local only", colour="#7a4b00", shape="ring"),
    "federated": Look(title="Federated", colour="#005eb8", shape="disc"),
    "adopted": Look(title="Adopted", colour="#0b6b4f", shape="square"),
    "pooled": Look(title="Pooled (all records in one place)", colour="#5b3a86", shape="diamond"),
}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its interval; the interval's ends are None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class CalibrationPoint:
    """Patients with about this prediction: their mean prediction, the share that had the disease, their number."""

    predicted: float
    observed: float
    patients: int


def auroc_by_round(rounds: Sequence[tuple[int, Estimate]]) -> str:
    """One line with its 95 % band over the rounds of a run."""
    width, height, left, right, top, bottom = 720, 300, 52, 64, 16, 36
    lows = [estimate.low if estimate.low is not None else estimate.value for _, estimate in rounds]
    highs = [estimate.high if estimate.high is not None else estimate.value for _, estimate in rounds]
    low = max(0.0, min(0.8, int(min(lows) * 20) / 20))
    high = min(1.0, (int(max(highs) * 20) + 1) / 20)
    first, last = rounds[0][0], rounds[-1][0]

    def x(number: int) -> float:
        return left + (number - first) / max(1, last - first) * (width - left - right)

    def y(value: float) -> float:
        return top + (high - value) / (high - low) * (height - top - bottom)

    parts = [_open(width, height, "AUROC by round, all hospitals together")]
    for step in range(round((high - low) / 0.05) + 1):
        value = low + step * 0.05
        parts.append(_line(left, y(value), width - right, y(value), GRID))
        parts.append(_text(left - 8, y(value) + 4, f"{value:.2f}", anchor="end"))
    for number, _ in rounds:
        parts.append(_text(x(number), height - 14, str(number), anchor="middle"))
    upper = [f"{x(number):.1f},{y(value):.1f}" for (number, _), value in zip(rounds, highs, strict=True)]
    lower = [f"{x(number):.1f},{y(value):.1f}" for (number, _), value in zip(rounds, lows, strict=True)]
    parts.append(f'<polygon points="{" ".join(upper + lower[::-1])}" fill="#005eb8" fill-opacity=".12"/>')
    points = " ".join(f"{x(number):.1f},{y(estimate.value):.1f}" for number, estimate in rounds)
    parts.append(
        f'<polyline points="{points}" fill="none" stroke="#005eb8" stroke-width="2.4" stroke-linejoin="round"/>'
    )
    parts += [_mark("disc", x(number), y(estimate.value), "#005eb8", size=3.6) for number, estimate in rounds]
    end = rounds[-1][1].value
    parts.append(_text(x(last) + 10, y(end) + 5, f"{end:.3f}", size=15, weight=700, colour=INK))
    return "".join([*parts, "</svg>"])


def side_by_side(rows: Sequence[tuple[str, Sequence[tuple[str, Estimate]]]], *, low: float, high: float) -> str:
    """Rows of hospitals, in each the models' estimates with intervals on one axis from ``low`` to ``high``."""
    width, left, right, top, line, gap = 1180, 170, 70, 8, 21, 18
    height = top + sum(len(models) * line + gap for _, models in rows) + 26

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (width - left - right)

    bottom = height - 26
    parts = [_open(width, height, "AUROC per hospital and model with 95 % intervals")]
    for step in range(round((high - low) * 10) + 1):
        value = low + step / 10
        parts.append(_line(x(value), top, x(value), bottom, GRID))
        parts.append(_text(x(value), height - 8, f"{value:.1f}", anchor="middle"))
    y = float(top)
    for title, models in rows:
        middle = y + len(models) * line / 2
        parts.append(_text(0, middle + 9, title, size=14, weight=600, colour=INK))
        for name, estimate in models:
            look, level = LOOKS[name], y + line / 2 + 4
            if estimate.low is not None and estimate.high is not None:
                parts.append(_line(x(estimate.low), level, x(estimate.high), level, look.colour, width=2, opacity=0.45))
            parts.append(_mark(look.shape, x(estimate.value), level, look.colour, size=5))
            parts.append(_text(width - right + 14, level + 4, f"{estimate.value:.3f}", colour=look.colour, weight=600))
            y += line
        y += gap
        if title != rows[-1][0]:
            parts.append(_line(0, y - gap / 2 + 4, width, y - gap / 2 + 4, GRID))
    return "".join([*parts, "</svg>"])


def calibration(points: Iterable[CalibrationPoint], *, title: str, colour: str) -> str:
    """Predicted against observed; the diagonal is perfect, a larger disc stands for more patients."""
    width, height, left, top, inner = 250, 236, 42, 10, 184

    def x(value: float) -> float:
        return left + value * inner

    def y(value: float) -> float:
        return top + (1 - value) * inner

    parts = [_open(width, height, f"Calibration, {title}")]
    for value in (0.0, 0.5, 1.0):
        parts.append(_line(x(value), top, x(value), top + inner, GRID))
        parts.append(_line(left, y(value), left + inner, y(value), GRID))
        parts.append(_text(x(value), top + inner + 15, f"{value:.0%}", anchor="middle", size=11))
        parts.append(_text(left - 5, y(value) + 4, f"{value:.0%}", anchor="end", size=11))
    parts.append(_line(x(0), y(0), x(1), y(1), MUTED, dash="4 4"))
    parts.append(_text(left + inner / 2, height - 8, "predicted", anchor="middle", size=11))
    middle = top + inner / 2
    parts.append(
        f'<text transform="translate(11 {middle:.0f}) rotate(-90)" text-anchor="middle" font-size="11" '
        f'fill="{MUTED}">observed</text>'
    )
    for point in points:
        radius = min(14.0, 2.5 + point.patients**0.5)
        parts.append(
            f'<circle cx="{x(point.predicted):.1f}" cy="{y(point.observed):.1f}" r="{radius:.1f}" fill="{colour}" '
            f'fill-opacity=".55" stroke="{colour}"><title>{point.patients} patients: predicted {point.predicted:.0%}, '
            f"observed {point.observed:.0%}</title></circle>"
        )
    return "".join([*parts, "</svg>"])


def contributions(rows: Sequence[tuple[str, float]]) -> str:
    """What moved one estimate: bars to the right raise it, to the left lower it."""
    width, label, row = 640, 320, 26
    most = max((abs(value) for _, value in rows), default=1.0) or 1.0
    middle, reach = label + (width - label - 70) / 2, (width - label - 70) / 2
    parts = [_open(width, len(rows) * row + 6, "What moved the estimate")]
    parts.append(_line(middle, 0, middle, len(rows) * row + 6, "#7b8794"))
    for number, (title, value) in enumerate(rows):
        top = number * row + 6
        length = abs(value) / most * reach
        start = middle if value >= 0 else middle - length
        colour = "#7a4b9e" if value >= 0 else "#3f8f8b"
        parts.append(_text(0, top + 12, title, colour=INK, size=13))
        parts.append(f'<rect x="{start:.1f}" y="{top}" width="{length:.1f}" height="14" rx="2" fill="{colour}"/>')
        parts.append(_text(width - 60, top + 12, "raises" if value >= 0 else "lowers", size=12))
    return "".join([*parts, "</svg>"])


def mark_svg(name: str) -> str:
    """The mark of one kind of model, for a legend or a table's head."""
    look = LOOKS[name]
    return (
        f'<svg class="mark" viewBox="0 0 14 14" aria-hidden="true">{_mark(look.shape, 7, 7, look.colour, size=5)}</svg>'
    )


def _open(width: float, height: float, label: str) -> str:
    return f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(label)}">'


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1, opacity: float = 1, dash: str = ""
) -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}" '
        f'stroke-opacity="{opacity}"{dashes}/>'
    )


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, weight: int = 400, colour: str = MUTED
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{colour}">{escape(text)}</text>'
    )


def _mark(shape: str, x: float, y: float, colour: str, *, size: float) -> str:
    if shape == "square":
        return f'<rect x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size}" height="{2 * size}" fill="{colour}"/>'
    if shape == "diamond":
        reach = size * 1.3
        corners = f"{x:.1f},{y - reach:.1f} {x + reach:.1f},{y:.1f} {x:.1f},{y + reach:.1f} {x - reach:.1f},{y:.1f}"
        return f'<polygon points="{corners}" fill="{colour}"/>'
    fill = "#fff" if shape == "ring" else colour
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{fill}" stroke="{colour}" stroke-width="2.2"/>'
