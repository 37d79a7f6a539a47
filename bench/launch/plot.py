"""The plot of ``make launch``, as SVG by hand: three curves over time for each scenario."""

from collections.abc import Mapping, Sequence
from statistics import median

from bench.launch.outcome import STEP_SECONDS, Outcome
from bench.launch.scenarios import Scenario

_COLOURS = ("#1b7f5a", "#c2571a", "#3457a6", "#8a3ea8", "#7a6a10")
_WIDTH, _HEIGHT = 300.0, 170.0
_LEFT, _TOP, _GAP = 56.0, 34.0, 66.0


def plot(played: Mapping[Scenario, Sequence[Outcome]], seconds: float) -> str:
    """Return the SVG: places sold, people waiting, write units a second; medians over the seeds."""
    steps = int(seconds / STEP_SECONDS)
    panels = {
        "places sold": {
            scenario: _median([one.sold[:steps] for one in them]) for scenario, them in played.items()
        },
        "people without an answer": {
            scenario: _median([one.waiting[:steps] for one in them]) for scenario, them in played.items()
        },
        "write units a second": {
            scenario: _median([_stairs(one.units_by_second)[:steps] for one in them])
            for scenario, them in played.items()
        },
    }
    parts = [
        _panel(_LEFT + number * (_WIDTH + _GAP), title, list(curves.values()), seconds)
        for number, (title, curves) in enumerate(panels.items())
    ]
    legend = [
        f'<text x="{_LEFT + number * 330:.0f}" y="{_TOP + _HEIGHT + 52:.0f}" fill="{_colour(number)}">'
        f"&#9632; {scenario.title}</text>"
        for number, scenario in enumerate(played)
    ]
    width, height = _LEFT + 3 * (_WIDTH + _GAP), _TOP + _HEIGHT + 66
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            'font-family="sans-serif" font-size="12" fill="#333">',
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
            *parts,
            *legend,
            "</svg>\n",
        ]
    )


def _panel(left: float, title: str, curves: Sequence[Sequence[float]], seconds: float) -> str:
    highest = _round_up(max((max(curve, default=0) for curve in curves), default=0))
    lines = [f'<text x="{left:.0f}" y="{_TOP - 14:.0f}" font-weight="bold">{title}</text>']
    for quarter in range(5):
        y = _TOP + _HEIGHT * (1 - quarter / 4)
        lines.append(
            f'<path d="M{left:.0f} {y:.1f}h{_WIDTH:.0f}" stroke="#ddd"/>'
            f'<text x="{left - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">{highest * quarter / 4:,.0f}</text>'
        )
        x = left + _WIDTH * quarter / 4
        lines.append(
            f'<text x="{x:.0f}" y="{_TOP + _HEIGHT + 18:.0f}" text-anchor="middle">'
            f"{seconds * quarter / 4:g} s</text>"
        )
    across = _WIDTH * STEP_SECONDS / seconds
    for number, curve in enumerate(curves):
        points = " ".join(
            f"{left + across * step:.1f},{_TOP + _HEIGHT * (1 - value / highest):.1f}"
            for step, value in enumerate(curve)
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{_colour(number)}" stroke-width="2"/>')
    return "\n".join(lines)


def _median(curves: Sequence[Sequence[float]]) -> list[float]:
    return [median(values) for values in zip(*curves, strict=True)]


def _stairs(by_second: Sequence[int]) -> list[int]:
    each = round(1 / STEP_SECONDS)
    return [value for value in by_second for _ in range(each)]


def _round_up(value: float) -> float:
    step = 10.0 ** max(0, len(str(int(value))) - 1)
    return max(1.0, -(-value // step) * step)


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]
