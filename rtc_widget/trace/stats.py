"""`Stats`: what participants have measured, as figures with units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..runtime.table import columns, table
from .events import Event
from .trace import Trace

if TYPE_CHECKING:
    from .stats_plot import StatsPlot


@dataclass(frozen=True, slots=True)
class Figure:
    """A measurement as people read it.

    Attributes
    ----------
    key : str
        Its name in an event's data.
    title : str
        What it is.
    unit : str
        Of what is shown.
    factor : float
        From what was measured to what is shown.
    """

    key: str
    title: str
    unit: str
    factor: float = 1.0

    def value(self, data: Mapping[str, Any]) -> float | None:
        """Return what is shown of a measurement.

        Parameters
        ----------
        data : mapping
            An event's data.

        Returns
        -------
        float or None
            None where it was not measured.
        """
        value = data.get(self.key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) * self.factor

    def text(self, value: float | None) -> str:
        """Return a value with its unit.

        Parameters
        ----------
        value : float or None
            As of `value`.

        Returns
        -------
        str
            Such as "437 kbit/s".
        """
        if value is None:
            return "-"
        digits = 1 if 0 < abs(value) < 10 and abs(value - round(value)) >= 0.05 else 0
        return f"{value:,.{digits}f} {self.unit}"


FIGURES: Final = (
    Figure("bitrate", "received", "kbit/s", 1e-3),
    Figure("sent_bitrate", "sent", "kbit/s", 1e-3),
    Figure("fps", "frames", "fps"),
    Figure("rtt", "round trip", "ms"),
    Figure("loss", "lost", "%", 100),
    Figure("jitter", "jitter", "ms"),
)
"""What is measured, in the order in which it is shown."""
_PICTURE: Final = "picture"


class Stats(Trace):
    """What participants have measured, once a second for each connection: a trace of "stats" events.

    It displays the newest figures of each connection; `plot` draws all of them.

    Examples
    --------
    >>> room.stats
    3 measurements in 2.0 s; the newest of each connection:
    measured by  of   received    sent        frames  picture    round trip  lost  jitter
    Ada          Bob  437 kbit/s  511 kbit/s  30 fps  640x360  6 ms        0 %   1 ms
    >>> room.stats.between("Ada", "Bob").plot()
    """

    @classmethod
    def of(cls, trace: Trace) -> Stats:
        """Make one of a trace.

        Parameters
        ----------
        trace : Trace
            Its events of other types are left out.

        Returns
        -------
        Stats
            The measurements.
        """
        return cls(trace.filter("stats"), names=trace.names, room=trace.room)

    def plot(self) -> StatsPlot:
        """Draw every figure over time: a small chart each, with a line for each connection.

        Returns
        -------
        StatsPlot
            Displays itself in a notebook, also in a saved one; ``str`` of it are words.
        """
        from .stats_plot import StatsPlot

        return StatsPlot(self)

    @property
    def _heads(self) -> tuple[str, ...]:
        titles = [figure.title for figure in FIGURES]
        return ("measured by", "of", *titles[:3], _PICTURE, *titles[3:])

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        from .redaction import Redactor

        redact = Redactor()
        newest = {(event.participant, event.peer): event for event in self}
        return [tuple(map(redact, self._row(event))) for event in newest.values()]

    def _row(self, event: Event) -> tuple[str, ...]:
        figures = [figure.text(figure.value(event.data)) for figure in FIGURES]
        width, height = event.data.get("width"), event.data.get("height")
        picture = f"{width}x{height}" if width and height else "-"
        return (*self.names_of(event), *figures[:3], picture, *figures[3:])

    def names_of(self, event: Event) -> tuple[str, str]:
        """Return who has measured, and the other end of what was measured.

        Parameters
        ----------
        event : Event
            A measurement.

        Returns
        -------
        (str, str)
            Names.
        """
        return self.name_of(event.participant), self.name_of(event.peer) if event.peer else "-"

    @property
    def _caption(self) -> str:
        if not len(self):
            return "Nothing has been measured yet."
        number = f"{len(self)} measurement{'' if len(self) == 1 else 's'}"
        return f"{number} in {self[-1].time - self[0].time:.1f} s; the newest of each connection:"

    def __repr__(self) -> str:
        return f"{self._caption}\n{columns([self._heads, *self._rows])}" if len(self) else self._caption

    def _repr_html_(self) -> str:
        return f'<p dir="ltr">{self._caption}</p>{table(self._heads, self._rows) if len(self) else ""}'
