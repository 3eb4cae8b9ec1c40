"""AUROC by round as SVG made by the server: the picture of a run that needs no script, in a wide and a narrow form."""

from collections.abc import Sequence
from dataclasses import dataclass

from wardround.coordinator.runs.state import RoundMetric


@dataclass(frozen=True)
class Mark:
    """A line of the grid with what stands at its end; `at` is x or y."""

    at: float
    text: str


@dataclass(frozen=True)
class RoundChart:
    """What the template draws: lengths in pixels of the drawing, `points` ready for a polyline."""

    name: str
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    line: str
    band: str
    dots: tuple[tuple[float, float], ...]
    across: tuple[Mark, ...]  # AUROC
    along: tuple[Mark, ...]  # rounds
    label_y: int
    last: tuple[float, float]
    last_text: str


def round_charts(metrics: Sequence[RoundMetric]) -> tuple[RoundChart, ...]:
    """A wide drawing and a narrow one; none before a round was evaluated."""
    known = [metric for metric in metrics if metric.auroc is not None]
    if not known:
        return ()
    return (_chart(known, name="wide", width=760, height=300), _chart(known, name="narrow", width=340, height=250))


def _chart(metrics: list[RoundMetric], *, name: str, width: int, height: int) -> RoundChart:
    left, right, top, bottom = 48, width - 52, 12, height - 34
    lows = [_low(metric) for metric in metrics]
    highs = [_high(metric) for metric in metrics]
    low, high, step = _scale(min(lows), max(highs))
    first, last = 1, max(metrics[-1].round, 2)

    def x(number: int) -> float:
        return round(left + (number - first) / (last - first) * (right - left), 1)

    def y(area: float) -> float:
        return round(bottom - (area - low) / (high - low) * (bottom - top), 1)

    dots = tuple((x(metric.round), y(metric.auroc or 0.0)) for metric in metrics)
    upper = [f"{x(metric.round)},{y(_high(metric))}" for metric in metrics]
    lower = [f"{x(metric.round)},{y(_low(metric))}" for metric in reversed(metrics)]
    count = round((high - low) / step)
    every = max(1, -(-(last - first + 1) // (14 if name == "wide" else 7)))
    return RoundChart(
        name=name,
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        line=" ".join(f"{a},{b}" for a, b in dots),
        band=" ".join([*upper, *lower]) if len(metrics) > 1 else "",
        dots=dots,
        across=tuple(Mark(y(low + k * step), f"{low + k * step:.2f}") for k in range(count + 1)),
        along=tuple(Mark(x(number), str(number)) for number in range(first, last + 1, every)),
        label_y=bottom + 20,
        last=dots[-1],
        last_text=f"{metrics[-1].auroc or 0.0:.3f}",
    )


def _low(metric: RoundMetric) -> float:
    return metric.auroc_low if metric.auroc_low is not None else metric.auroc or 0.0


def _high(metric: RoundMetric) -> float:
    return metric.auroc_high if metric.auroc_high is not None else metric.auroc or 0.0


def _scale(lowest: float, highest: float) -> tuple[float, float, float]:
    """Ends on round steps around the figures, between 0 and 1."""
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if (highest - lowest) / step <= 5)
    low = max(0.0, int(lowest / step) * step)
    high = min(1.0, -int(-(highest + 1e-9) / step) * step)
    while high < highest:
        high += step
    return (low, high, step) if high > low else (low, low + step, step)
