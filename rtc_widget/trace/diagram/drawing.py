"""Sets the rows of a connection on paper: the same picture as the HTML's, at one width, without a browser's help."""

from __future__ import annotations

from bisect import bisect_right
from html import escape
from typing import Final

from ..times import duration, moment
from .bands import Band, Row
from .markup import KINDS, group_of
from .measure import lines_of, width_of
from .parts import BAD, GOOD, NOTICE, Arrow, Change, Chip, Fold, Note, Presence, Story
from .phases import Item

_TALLEST: Final = 7.0  # lines between two rows when time is to scale
_PRESENCE: Final = {
    "join": "joins",
    "here": "is here",
    "leave": "leaves",
    "away": "loses the server",
    "back": "is back",
}
_TONES: Final = (GOOD, NOTICE, BAD)


class Drawing:
    """Draws a connection from `y` downwards.

    Parameters
    ----------
    story : Story
        The connection.
    width : float
        How wide the image is, CSS pixels.
    font : float
        The size of its words, CSS pixels.
    y : float
        Where it begins.
    scale : float or None
        Lines of text to a second when time is to scale.
    """

    def __init__(self, story: Story, width: float, font: float, y: float, *, scale: float | None) -> None:
        self._story, self._width, self._font, self._scale = story, width, font, scale
        self._line = font * 1.35
        self._xs = (0.22 * width, 0.78 * width)
        self._server = 0.5 * width
        self._under: list[str] = []
        self._over: list[str] = []
        self.y = y
        self._heads()

    @property
    def svg(self) -> str:
        """What has been drawn: lifelines below words."""
        return "".join([*self._under, *self._over])

    def rule(self) -> None:
        """Part it from what is above."""
        self._over.insert(0, f'<path class="rule" d="M0 {self.y - 8:.0f}H{self._width:.0f}"/>')

    def _heads(self) -> None:
        names = [
            *((x, lane.name, lane.kind) for x, lane in zip(self._xs, self._story.lanes, strict=False)),
            (self._server, "signaling server", ""),
        ]
        self.y += 10
        height = self._line * 2 + 6
        for x, name, kind in names:
            [shown] = lines_of(name or " ", self._font, 0.24 * self._width, 1)
            wide = max(width_of(shown, self._font) + 22, 80)
            self._over.append(
                f'<rect class="head" x="{x - wide / 2:.1f}" y="{self.y:.1f}" width="{wide:.1f}" height="{height:.1f}" rx="6"/>'
            )
            self._text(x, self.y + height / 2 - (self._line / 2 if kind else 0), shown, "name")
            if kind:
                [shown] = lines_of(kind, self._font * 0.87, 0.24 * self._width, 1)
                self._text(x, self.y + height / 2 + self._line / 2, shown, "soft small")
        self.y += height + 8

    def band(self, number: int, band: Band) -> None:
        """Draw a band.

        Parameters
        ----------
        number : int
            Its number, from 1.
        band : Band
            The band.
        """
        top = self.y
        self._over.append(f'<path class="rule" d="M0 {top:.1f}H{self._width:.0f}"/>')
        when = f"+{moment(band.phase.since)}" if band.phase.since is not None else "t = 0"
        side = width_of(when, self._font) + 24
        for line in lines_of(f"{number}  {band.title}", self._font, self._width - side - 24, 2):
            self._ground(8, self.y + 3, width_of(line, self._font) + 8)
            self._text(12, self.y + 4 + self._line / 2, line, "title", "start")
            self.y += self._line
        self._text(self._width - 12, top + 4 + self._line / 2, when, "soft", "end")
        self.y += 8
        tops = [self._row(band, index, row) for index, row in enumerate(band.rows)]
        ends = [*tops, self.y]
        spans = [
            *((side, machine, value, top, ends[0]) for (side, machine), value in band.before.items()),
            *(
                (span.side, span.machine, span.value, ends[span.first], ends[span.last])
                for span in band.spans
            ),
        ]
        # That an offer is open covers that there is a connection.
        for span in sorted(spans, key=lambda span: span[1] != "connection_state"):
            self._span(*span)
        self._under.append(f'<path class="rule server" d="M{self._server:.0f} {top:.1f}V{self.y:.1f}"/>')
        for index, row in enumerate(band.rows):
            self._slopes(band, index, row, ends)

    def end(self) -> None:
        """Write how exact the times are."""
        self.y += 8
        for caveat in self._story.caveats:
            [shown] = lines_of(caveat, self._font * 0.87, self._width - 24, 1)
            self._text(12, self.y + self._line / 2, shown, "soft small", "start")
            self.y += self._line
        self.y += 8

    # -- lifelines

    def _span(self, side: int, machine: str, value: str, top: float, bottom: float) -> None:
        x = self._xs[side]
        if top >= bottom:
            return
        if machine == "life" and value:
            away = " away" if value == "away" else ""
            self._under.insert(0, f'<path class="life{away}" d="M{x:.0f} {top:.1f}V{bottom:.1f}"/>')
        elif machine in ("signaling_state", "connection_state") and group_of(value) and value != "connecting":
            self._under.append(
                f'<rect class="line {group_of(value)}" x="{x - 4:.0f}" y="{top:.1f}" width="8" height="{bottom - top:.1f}"/>'
            )
        elif machine == "call":
            self._under.append(
                f'<rect class="call" x="{x - 7:.0f}" y="{top + 8:.1f}" width="14" height="{bottom - top - 8:.1f}" rx="3"/>'
            )

    # -- rows

    def _row(self, band: Band, index: int, row: Row) -> float:
        """Draw the items of a row, each at its top, and go below the tallest; return the top."""
        top = bottom = self.y
        if row.pause:
            words = f"{duration(row.pause)} later"
            self._text(self._server, self.y + self._line / 2, words, "soft small", ground=True)
            bottom += self._line
        begin = self.y
        for item in row.items:
            self.y = begin
            self._item(item, row)
            bottom = max(bottom, self.y)
        self.y = bottom
        if self._scale is not None and index + 1 < len(band.rows):
            gap = min((band.rows[index + 1].time - row.time) * self._scale, _TALLEST) * self._font
            self.y = max(self.y, top + gap)
        return top

    def _item(self, item: Item, row: Row) -> None:
        part = item.part
        match part:
            case Arrow():
                self._arrow(item, part, row)
            case Chip() if part.family != "more":
                kind = " dashed" if part.text == "negotiationneeded" else ""
                tone = part.tone if part.tone in _TONES else ""
                self._box(self._xs[self._story.side(part.lane)], part.text, tone, kind, detail=part.detail)
            case Change() if part.machine == "signaling_state":
                self._state(part)
            case Presence():
                self._box(
                    self._xs[self._story.side(part.lane)], _PRESENCE[part.event], "", "", round_ends=True
                )
            case Note():
                self._box(self._server, part.text, "bad" if part.tone == BAD else "notice", "", 0.9)
            case Fold():
                for line in lines_of(part.text, self._font, self._width * 0.9):
                    self._text(self._server, self.y + self._line / 2, line, "soft", ground=True)
                    self.y += self._line

    def _state(self, change: Change) -> None:
        side = self._story.side(change.lane)
        x = self._xs[side] + (12 if side else -12)
        kind = "bold small busyink" if group_of(change.value) == "busy" else "bold small soft"
        for line in lines_of(change.value, self._font * 0.95, 0.22 * self._width - 20, 2):
            self._text(x, self.y + self._line / 2 + 1, line, kind, "start" if side else "end")
            self.y += self._line
        self.y += 2

    def _box(
        self,
        x: float,
        text: str,
        tone: str,
        kind: str,
        share: float = 0.42,
        *,
        detail: str = "",
        round_ends: bool = False,
    ) -> None:
        room = share * self._width - 20
        lines = [(line, self._font, "") for line in lines_of(text, self._font, room)]
        if detail:
            small = self._font * 0.87
            lines += [(line, small, "small") for line in lines_of(detail, small, room)]
        wide = max(width_of(line, font) for line, font, _ in lines) + 18
        height = self._line * len(lines) + 3
        y = self.y + 3
        self._over.append(
            f'<g class="{tone}"><rect class="box{kind}" x="{x - wide / 2:.1f}" y="{y:.1f}" width="{wide:.1f}" '
            f'height="{height:.1f}" rx="{height / 2 if round_ends else 5:.1f}"/>'
        )
        for index, (line, _, size) in enumerate(lines):
            self._text(x, y + 2 + self._line * (index + 0.5), line, size)
        self._over.append("</g>")
        self.y = y + height + 3

    # -- messages

    def _arrow(self, item: Item, arrow: Arrow, row: Row) -> None:
        rightwards = self._story.side(arrow.first.sender) == 0
        ends = self._xs if rightwards else self._xs[::-1]
        start = self._server if item.leg == "in" or (arrow.copied and item.leg == "whole") else ends[0]
        end = self._server if item.leg == "out" else ends[1]
        crosses = arrow.at > 0 and sum(isinstance(each.part, Arrow) for each in row.items) > 1
        kind = KINDS.get(arrow.first.kind, "request")
        middle = (start + self._server) / 2 if crosses else (start + end) / 2
        room = abs((self._server if crosses else end) - start) - 24
        label = f"{arrow.label} · {arrow.way} on its way" if item.leg == "in" else arrow.label
        if arrow.way and item.leg == "whole" and not arrow.fate:
            label = f"{label} · {arrow.way}"
        self.y += 3
        for line in lines_of(label, self._font, room):
            self._text(middle, self.y + self._line / 2, line, f"bold {kind}", ground=True)
            self.y += self._line
        if crosses:
            self.y += 44
            return
        y = self.y + (self._line * 0.85 if arrow.fate and item.leg == "whole" else 6)
        self.y += 13
        if self._scale is None or item.leg != "whole" or arrow.copied or arrow.received is None:
            self._level(start, end, y, kind, arrow)
        if arrow.fate and item.leg != "in":
            if item.leg == "whole":
                self.y -= 19 - self._line / 3
            lost = "dropped" in arrow.first.fate
            self._box(
                self._server, f"✕ {arrow.fate}" if lost else arrow.fate, "bad" if lost else "notice", ""
            )
        if item.leg == "out" and arrow.waits and kind != "candidate":
            self._said(arrow.waits, self._server, 0.5 * self._width)
        if arrow.outcome and item.leg != "out":
            self._said(arrow.outcome, middle, room)
        self.y += 3

    def _said(self, text: str, middle: float, room: float) -> None:
        for line in lines_of(text, self._font * 0.95, room):
            self._text(middle, self.y + self._line / 2, line, "bold small said", ground=True)
            self.y += self._line

    def _level(self, start: float, end: float, y: float, kind: str, arrow: Arrow) -> None:
        towards = 1 if end > start else -1
        end -= 7 * towards
        start += 7 * towards
        hollow = " open" if arrow.outcome else ""
        second = f"M{start:.0f} {y + 5:.1f}H{end - 6 * towards:.0f}" if arrow.copied else ""
        self._over.append(
            f'<path class="way {kind}" d="M{start:.0f} {y:.1f}H{end - 6 * towards:.0f}{second}"/>'
            f'<path class="tip {kind}{hollow}" d="M{end:.0f} {y:.1f}l{-9 * towards} -4.5v9z"/>'
        )

    def _slopes(self, band: Band, index: int, row: Row, ends: list[float]) -> None:
        """Draw the arrows that take their time, once it is known where the rows are."""
        whole = [item.part for item in row.items if isinstance(item.part, Arrow) and item.leg == "whole"]
        for arrow in whole:
            crosses = len(whole) > 1
            if not crosses and (self._scale is None or arrow.copied or arrow.received is None):
                continue
            top, bottom = ends[index], ends[index + 1] - 6
            if crosses:
                top = bottom - 38
            else:
                top += self._line / 2
                last = bisect_right([each.time for each in band.rows], arrow.received or 0.0)
                bottom = max(
                    ends[max(last, index + 1)] - (ends[-1] - ends[-2]) * (last == len(band.rows)), top + 6
                )
            rightwards = self._story.side(arrow.first.sender) == 0
            towards = 1 if rightwards else -1
            start, end = self._xs if rightwards else self._xs[::-1]
            start, end = start + 7 * towards, end - 7 * towards
            kind = KINDS.get(arrow.first.kind, "request")
            self._under.append(
                f'<path class="way {kind}" d="M{start:.0f} {top:.1f}L{end:.0f} {bottom:.1f}"/>'
                f'<path class="tip {kind}" d="M{end:.0f} {bottom:.1f}l{-9 * towards} -5v9z"/>'
            )

    # -- words

    def _ground(self, x: float, y: float, wide: float) -> None:
        self._over.append(
            f'<rect class="ground" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{self._line:.1f}"/>'
        )

    def _text(
        self, x: float, y: float, text: str, kind: str, anchor: str = "middle", *, ground: bool = False
    ) -> None:
        if ground:
            wide = width_of(text, self._font)
            self._ground(x - wide / 2, y - self._line / 2, wide)
        self._over.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
        )
