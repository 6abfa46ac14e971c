"""Draws measurements: a small line chart for each figure, as SVG in HTML that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Final

from .diagram.legal import legal
from .diagram.style import variables
from .redaction import Redactor
from .stats import FIGURES, Figure

if TYPE_CHECKING:
    from .stats import Stats

# Figures come once a second; a longer silence is a hole in the line.
_HOLE: Final = 5.0
# More than can be told apart in a chart of this width.
_MOST_POINTS: Final = 400
_WIDTH, _HEIGHT = 320, 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 312, 10, 106
# Lines have a colour and a dash each: nobody needs the colour to tell them apart.
_COLOURS: Final = ("offer", "answer", "candidate", "notice", "bad", "ink")
_DASHES: Final = ("none", "7 3", "2 3", "9 3 2 3")

_CSS: Final = """
.rtcs{color:var(--ink);font:13px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;margin-top:6px;text-align:left}
.rtcs-charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(280px,100%),1fr));gap:10px}
.rtcs figure{margin:0;padding:8px 10px 4px;border:1px solid var(--edge);border-radius:8px;background:var(--paper);break-inside:avoid;max-width:400px}
.rtcs figcaption{font-weight:650}
.rtcs figcaption small{font-weight:400;color:var(--quiet);font-size:.92em}
.rtcs svg{display:block;width:100%;height:auto}
.rtcs text{font-size:11px;fill:var(--quiet)}
.rtcs .grid{stroke:var(--edge);stroke-width:1}
.rtcs .axis{stroke:var(--quiet);stroke-width:1}
.rtcs .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round;forced-color-adjust:none}
.rtcs ul.rtcs-lines{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0 0 8px;padding:0;list-style:none}
.rtcs-lines li{display:flex;align-items:center;gap:6px;margin:0}
.rtcs-lines svg{width:30px;height:10px}
"""


@dataclass(slots=True)
class _Line:
    """One figure of one connection over time, in parts between which nothing was measured."""

    number: int
    name: str
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def parts(self) -> Iterator[list[tuple[float, float]]]:
        part: list[tuple[float, float]] = []
        for point in _thinned(self.points):
            if part and point[0] - part[-1][0] > max(_HOLE, 3 * _step(self.points)):
                yield part
                part = []
            part.append(point)
        if part:
            yield part

    @property
    def style(self) -> str:
        colour, dash = _COLOURS[self.number % len(_COLOURS)], _DASHES[self.number % len(_DASHES)]
        return f'style="stroke:var(--{colour});stroke-dasharray:{dash}"'


class StatsPlot:
    """Measurements as charts: `Stats.plot` makes it.

    Parameters
    ----------
    stats : Stats
        The measurements.
    """

    def __init__(self, stats: Stats) -> None:
        self._redact = Redactor()
        start = stats[0].time if len(stats) else 0.0
        self._seconds = stats[-1].time - start if len(stats) else 0.0
        numbers: dict[tuple[str, str | None], int] = {}
        self._names: list[str] = []
        self._charts: dict[Figure, dict[int, _Line]] = {figure: {} for figure in FIGURES}
        for event in stats:
            number = numbers.setdefault((event.participant, event.peer), len(numbers))
            if number == len(self._names):
                self._names.append(self._redact(" with ".join(stats.names_of(event))))
            for figure, lines in self._charts.items():
                value = figure.value(event.data)
                if value is not None and math.isfinite(value):
                    line = lines.setdefault(number, _Line(number, self._names[number]))
                    line.points.append((event.time - start, value))

    def __str__(self) -> str:
        return "\n".join(self._words()) or "Nothing has been measured yet."

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        if not self._names:
            return '<p dir="ltr">Nothing has been measured yet.</p>'
        charts = "".join(
            self._chart(figure, [*lines.values()]) for figure, lines in self._charts.items() if lines
        )
        names = "".join(
            f'<li><svg viewBox="0 0 30 10" aria-hidden="true"><path class="line" d="M2 5H28" {_Line(number, "").style}/></svg>'
            f"{escape(name)}</li>"
            for number, name in enumerate(self._names)
        )
        return legal(
            f'<div class="rtcs" dir="ltr"><style>{variables(".rtcs")}{_CSS}</style><ul class="rtcs-lines" aria-label="Lines">{names}</ul>'
            f'<div class="rtcs-charts">{charts}</div></div>'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": str(self)}

    def _words(self) -> Iterator[str]:
        for figure, lines in self._charts.items():
            yield from (_in_words(figure, line) for line in lines.values())

    def _chart(self, figure: Figure, lines: Sequence[_Line]) -> str:
        top = _nice(max(value for line in lines for _time, value in line.points))
        end = max(self._seconds, 1.0)
        marks = "".join(self._marks(figure, top, end))
        paths = "".join(
            f'<path class="line" d="{"".join(_path(part, top, end) for part in line.parts)}" {line.style}>'
            f"<title>{escape(_in_words(figure, line))}</title></path>"
            for line in lines
        )
        title = figure.title.capitalize()
        words = f"{title} over {self._seconds:.0f} s. " + " ".join(
            f"{_in_words(figure, line)}." for line in lines
        )
        return (
            f"<figure><figcaption>{title} <small>{figure.unit}</small></figcaption>"
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(words)}">{marks}{paths}</svg></figure>'
        )

    def _marks(self, figure: Figure, top: float, end: float) -> Iterator[str]:
        for part in (0.0, 0.5, 1.0):
            y = _y(part * top, top)
            kind = "grid" if part else "axis"
            yield f'<path class="{kind}" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'
            yield f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{_short(part * top)}</text>'
        step = _nice(end / 5.5)
        ticks = [step * number for number in range(1, int(end / step) + 1)]
        for at in [0.0, *ticks]:
            x = _x(at, end)
            unit = " s" if at == (ticks or [0.0])[-1] else ""
            anchor = "end" if x > _RIGHT - 12 else "middle"
            yield f'<path class="axis" d="M{x:.1f} {_BOTTOM}v4"/>'
            yield f'<text x="{x:.1f}" y="{_BOTTOM + 17}" text-anchor="{anchor}">{_short(at)}{unit}</text>'


def _in_words(figure: Figure, line: _Line) -> str:
    values = [value for _time, value in line.points]
    low, high, last = (figure.text(value) for value in (min(values), max(values), values[-1]))
    return f"{line.name}: {figure.title} {low} to {high}, in the end {last}"


def _thinned(points: Sequence[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Take the highest and the lowest of so many neighbours that the line keeps its shape."""
    many = math.ceil(len(points) / (_MOST_POINTS / 2))
    if many < 3:
        return points
    kept: list[tuple[float, float]] = []
    for begin in range(0, len(points), many):
        some = points[begin : begin + many]
        ends = min(some, key=lambda point: point[1]), max(some, key=lambda point: point[1])
        kept.extend(sorted(set(ends)))
    return kept


def _step(points: Sequence[tuple[float, float]]) -> float:
    return (points[-1][0] - points[0][0]) / min(len(points), _MOST_POINTS)


def _path(part: Sequence[tuple[float, float]], top: float, end: float) -> str:
    places = [f"{_x(at, end):.1f} {_y(value, top):.1f}" for at, value in part]
    # A lone point would be invisible without a line to itself.
    return f"M{'L'.join(places)}{'h.1' if len(places) == 1 else ''}"


def _x(at: float, end: float) -> float:
    return _LEFT + at / end * (_RIGHT - _LEFT)


def _y(value: float, top: float) -> float:
    return _BOTTOM - max(0.0, value) / top * (_BOTTOM - _TOP)


def _nice(value: float) -> float:
    """Return the next 1, 2, 4, 5 or 10 times a power of ten: half of it, too, is a number that one can read."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((power * step for step in (1, 2, 4, 5) if value <= power * step * 1.0001), power * 10)


def _short(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:,.0f}k"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"
