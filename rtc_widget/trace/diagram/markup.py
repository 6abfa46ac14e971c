"""Writes the rows of a diagram as HTML. The style sheet sets them on a grid, so that words have the room that they need at
any width, and a row that a filter hides takes none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from ..glossary import EVENTS, STATES
from ..times import duration, moment
from .bands import Band, Row, Span, is_told
from .facts import facts_of_candidates
from .parts import BAD, MACHINES, Arrow, Change, Chip, Fold, Note, Presence, Story
from .phases import Item
from .text import about, describe, name_of

KINDS: Final = {"offer": "offer", "answer": "answer", "ice_candidate": "candidate"}
_SIDES: Final = ("a", "b")
_TALLEST: Final = 7.0  # lines of text between two rows when time is to scale; longer gaps are cut short
_PRESENCE: Final = {
    "join": "joins",
    "here": "is here",
    "leave": "leaves",
    "away": "loses the server",
    "back": "is back",
}
# Which lies over which.
_LAYERS: Final = {"life": 0, "signaling_state": 2, "call": 3}
_GROUPS: Final = {
    "connected": "settled",
    "completed": "settled",
    "complete": "settled",
    "gathering": "busy",
    "checking": "busy",
    "connecting": "busy",
    "failed": "broken",
    "disconnected": "broken",
}


def group_of(value: str) -> str:
    """Return which colour a state has.

    Parameters
    ----------
    value : str
        A state.

    Returns
    -------
    str
        "settled", "busy" or "broken"; empty for states without a colour.
    """
    return "busy" if value.startswith("have-") else _GROUPS.get(value, "")


def short(text: str, most: int = 80) -> str:
    """Cut a text that is too long to be looked at.

    Parameters
    ----------
    text : str
        The text.
    most : int
        How many characters are kept.

    Returns
    -------
    str
        The text, perhaps with an ellipsis.
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


class BandMarkup:
    """Writes bands.

    Parameters
    ----------
    story : Story
        What they are of.
    opened : callable
        Returns the details of a message as HTML.
    redact : callable
        Applied to what candidates are.
    scale : float
        Lines of text to a second when time is to scale.
    """

    def __init__(
        self, story: Story, opened: Callable[[Arrow], str], redact: Callable[[str], str], *, scale: float
    ) -> None:
        self._story, self._opened, self._redact, self._scale = story, opened, redact, scale

    def heads(self) -> str:
        """Write the participants' names.

        Returns
        -------
        str
            HTML.
        """
        story = self._story
        names = "".join(
            f'<div class="rtcd-name {side}" title="{escape(lane.name)}"><strong>{escape(short(lane.name, 40))}</strong>'
            f"{f'<small>{escape(short(lane.kind, 24))}</small>' if lane.kind else ''}</div>"
            for side, lane in zip(_SIDES, story.lanes, strict=False)
        )
        return f'<div class="rtcd-heads">{names}<div class="rtcd-name s"><strong>signaling server</strong></div></div>'

    def band(self, number: int, parts: Sequence[tuple[Band, Band]]) -> str:
        """Write a band, so that a control of the page chooses between even rows and time to scale.

        Parameters
        ----------
        number : int
            Its number, from 1.
        parts : sequence of (Band, Band)
            The parts of the band in even rows, and the same with time to scale.

        Returns
        -------
        str
            HTML.
        """
        band = parts[0][0]
        start = band.phase.time - self._story.zero
        since = f"+{moment(band.phase.since)}" if band.phase.since is not None else "t = 0"
        lines = "".join(
            _lines(side, machine, value)
            for (side, machine), value in sorted(band.before.items(), key=lambda each: _layer(each[0][1]))
            if value and machine != "life"
        )
        lives = "".join(
            f'<i class="rtcd-life {_SIDES[side]} {value}"></i>'
            for (side, machine), value in band.before.items()
            if value and machine == "life"
        )
        rows = "".join(self._part(even, scaled) for even, scaled in parts)
        return (
            f'<details class="rtcd-band" open><summary>{lives}<i class="rtcd-life s"></i>{lines}'
            f'<span class="rtcd-title"><strong>{number}</strong> {escape(short(band.title, 160))}</span>'
            f'<span class="rtcd-when" title="{moment(start)} after the first signaling event">{since}</span></summary>'
            f"{rows}</details>"
        )

    def _part(self, even: Band, scaled: Band) -> str:
        count = len(even.rows)
        style = f"--even:repeat({count},auto) .6em;--scaled:{self._tracks(scaled)};--tall:{2 * count}em"
        return f'<div class="rtcd-rows" style="{style}">{"".join(self._rows(even, scaled))}</div>'

    def _tracks(self, band: Band) -> str:
        times = [row.time for row in band.rows]
        gaps = [(other - one) * self._scale for one, other in pairwise(times)]
        return " ".join([*(f"minmax({min(gap, _TALLEST):.2f}em,auto)" for gap in gaps), "auto .6em"])

    def _rows(self, band: Band, scaled: Band) -> Iterator[str]:
        yield '<i class="rtcd-life s" style="grid-row:1/-1"></i>'
        # What has a length has one each way, and what stands somewhere has two places.
        for way, one in (("even", band), ("scaled", scaled)):
            for span in sorted(one.spans, key=lambda span: _layer(span.machine)):
                yield self._span(span, len(one.rows), way)
            for index, row in enumerate(one.rows, 1):
                if row.pause:
                    yield f'<div class="rtcd-pause {way}" style="grid-row:{index}">{duration(row.pause)} later</div>'
        places = {id(item): index for index, row in enumerate(scaled.rows, 1) for item in row.items}
        for index, row in enumerate(band.rows, 1):
            for item in row.items:
                yield self._item(item, f"--e:{index};--t:{places[id(item)]}", row, scaled)

    def _span(self, span: Span, end: int, way: str) -> str:
        where = f"grid-row:{span.first + 1}/{-1 if span.last == end else span.last + 1}"
        side = f"{_SIDES[span.side]} {way}"
        if span.machine == "life":
            return f'<i class="rtcd-life {side} {span.value}" style="{where}"></i>'
        if span.machine == "call":
            return (
                f'<i class="rtcd-call {side}" style="{where}" title="{escape(span.value)} is under way"></i>'
            )
        meaning = STATES[span.machine].get(span.value, "")
        title = f"{MACHINES[span.machine]}: {span.value}. {meaning}"
        return _lines(span.side, span.machine, span.value, f'style="{where}" title="{escape(title)}"', way)

    def _item(self, item: Item, place: str, row: Row, scaled: Band) -> str:
        part, story = item.part, self._story
        where = f'style="{place}" data-at="{item.time - story.start:.4f}"'
        match part:
            case Arrow():
                return self._arrow(item, part, place, row, scaled)
            case Chip():
                return _chip(story, part, where)
            case Change():
                return "" if is_told(part) else _change(story, part, where)
            case Presence():
                side = _SIDES[story.side(part.lane)]
                return f'<div class="rtcd-chip rtcd-presence {side}" {where}>{_who(story, part.lane)}{_PRESENCE[part.event]}</div>'
            case Note():
                tone = "bad" if part.tone == BAD else "notice"
                return f'<div class="rtcd-note {tone}" {where}>{escape(short(part.text, 160))}</div>'
            case Fold():
                return f'<div class="rtcd-fold" {where}>{escape(part.text)}</div>'

    # -- messages

    def _arrow(self, item: Item, part: Arrow, place: str, row: Row, scaled: Band) -> str:
        story = self._story
        rightwards = story.side(part.first.sender) == 0
        kind = KINDS.get(part.first.kind, "request")
        crosses = part.at > 0 and sum(isinstance(each.part, Arrow) for each in row.items) > 1
        direction = "right" if rightwards else "left"
        is_copy = part.copied and item.leg == "whole"
        classes = f"{kind} {direction} {'copy' if is_copy else item.leg}{' crosses' if crosses else ''}"
        slope = self._slope(item, part, place, scaled, f"{kind} {direction}", crosses=crosses)
        sloped = " sloped" if slope and not crosses else ""
        if item.leg == "in":
            label = f"{escape(part.label)} <small>{part.way} on its way</small>"
            outcome = _outcome(part)
            return (
                f'<div class="rtcd-leg {classes}" style="{place}" data-at="{item.time - story.start:.4f}" '
                f'data-of="{escape(part.first.id)}">{_way(label, part, fate="")}{outcome}</div>'
            )
        time = f" <small>{part.way}</small>" if part.way and item.leg == "whole" and not part.fate else ""
        label = f"<strong>{escape(short(part.label))}</strong>{time}"
        seen = f"{short(part.label)} {part.way}" if time else short(part.label)
        title = about(story, part)
        keys = " ".join(message.id for message in part.messages)
        below = ""
        if item.leg == "out":
            what = part.fate or ("under way" if part.forwarded is None else "")
            lost = " lost" if "dropped" in part.first.fate else ""
            below = f'<span class="rtcd-fate{lost}">{escape(what)}</span>' if what else ""
            seen += f" {what}" if what else ""
            if part.waits and kind != "candidate":
                below += f' <span class="rtcd-waits" aria-hidden="true">{escape(part.waits)}</span>'
                seen += f", {part.waits}"
        fate = part.fate if item.leg == "whole" else ""
        outcome = _outcome(part) if item.leg == "whole" else ""
        seen += (f" {fate}" if fate else "") + (f", {short(part.outcome)}" if outcome else "")
        way = _way(label, part, fate=fate, crosses=crosses, sloped=bool(sloped))
        group = self._group(part)
        return (
            f'{slope}<details class="rtcd-m {classes}{sloped}{" group" if group else ""}" style="{place}" '
            f'data-key="{escape(keys)}" data-at="{part.sent - story.start:.4f}"><summary aria-label="{escape(name_of(story, part, seen))}" '
            f'title="{escape(title)}">{way} {below} {outcome}</summary>{group}{self._opened(part)}</details>'
        )

    def _group(self, part: Arrow) -> str:
        """Draw each candidate of a group, for when it is opened."""
        if len(part.messages) < 2:
            return ""
        ones = "".join(
            f"<li><span>{escape(self._redact(fact.value))}</span></li>"
            for fact in facts_of_candidates(part.messages)
        )
        return f'<ol class="rtcd-each">{ones}</ol>'

    def _slope(
        self, item: Item, part: Arrow, place: str, scaled: Band, classes: str, *, crosses: bool
    ) -> str:
        """Draw an arrow as long as it takes: when time is to scale, and when offers cross."""
        if crosses:
            where = place
        elif item.leg == "whole" and not part.copied and part.received is not None:
            index = int(place.rpartition(":")[2])
            last = bisect_right([row.time for row in scaled.rows], part.received)
            where = f"grid-row:{index}/{max(last, index + 1)}"
            classes += " scaled"
        else:
            return ""
        line = "M0 0L100 100" if "right" in classes else "M100 0L0 100"
        return (
            f'<svg class="rtcd-slope {classes}{" crosses" if crosses else ""}" style="{where}" viewBox="0 0 100 100" '
            f'preserveAspectRatio="none" data-of="{escape(part.first.id)}" aria-hidden="true">'
            f'<path class="rtcd-reach" vector-effect="non-scaling-stroke" d="{line}"/>'
            f'<path vector-effect="non-scaling-stroke" d="{line}"/></svg>'
            f'<i class="rtcd-slope-tip {classes}{" crosses" if crosses else ""}" style="{where}"></i>'
        )


def _way(label: str, part: Arrow, *, fate: str, crosses: bool = False, sloped: bool = False) -> str:
    line = ""
    if not crosses:
        chip = f'<span class="rtcd-fate">{escape(fate)}</span>' if fate else ""
        open_tip = " open" if part.outcome else ""
        twice = " twice" if part.copied else ""
        line = f'<span class="rtcd-way{open_tip}{twice}">{chip}</span>'
    if fate and (crosses or sloped):
        label += f' <span class="rtcd-fate{"" if crosses else " scaled"}">{escape(fate)}</span>'
    return f'<span class="rtcd-label">{label}</span>{line}'


def _outcome(part: Arrow) -> str:
    return f'<span class="rtcd-outcome">{escape(short(part.outcome))}</span>' if part.outcome else ""


def _who(story: Story, lane: str) -> str:
    # The drawing shows whose it is; who listens hears it.
    return f'<span class="rtcd-who">{escape(story.name(lane))}: </span>'


def _chip(story: Story, chip: Chip, where: str) -> str:
    side = _SIDES[story.side(chip.lane)]
    took = f", {duration(chip.until - chip.time)} until it was done" if chip.until is not None else ""
    title = chip.more or f"{chip.text}{took}. {EVENTS.get(chip.events[0].type, '')}"
    detail = f"<small>{escape(short(chip.detail))}</small>" if chip.detail else ""
    kind = " event" if chip.text == "negotiationneeded" else ""
    return (
        f'<div class="rtcd-chip {side} {chip.family} {chip.tone}{kind}" {where} title="{escape(title.strip())}">'
        f"{_who(story, chip.lane)}{escape(short(chip.text))}{detail}</div>"
    )


def _change(story: Story, change: Change, where: str) -> str:
    side = _SIDES[story.side(change.lane)]
    group = group_of(change.value)
    title = escape(f"{describe(story, change)}. {STATES[change.machine].get(change.value, '')}")
    if change.machine == "signaling_state":
        return (
            f'<div class="rtcd-state {side} {group}" {where} title="{title}">{_who(story, change.lane)}'
            f"{escape(short(change.value))}</div>"
        )
    return (
        f'<div class="rtcd-chip rtcd-machine more {side} {group}" {where} title="{title}">{_who(story, change.lane)}'
        f"{MACHINES[change.machine]}: {escape(short(change.value))}</div>"
    )


def _layer(machine: str) -> int:
    """Say how far in front something is drawn: that an offer is open covers that there is a connection."""
    return _LAYERS.get(machine, 1)


def _lines(side: int, machine: str, value: str, more: str = "", way: str = "") -> str:
    """Draw a state as a thin line, if it is asked for, and as the lifeline's colour, if it has one."""
    place = [*MACHINES].index(machine)
    colour = f"{_SIDES[side]} {group_of(value)} {way}".strip()
    thin = f'<i class="rtcd-thin more n{place} {colour}" {more}></i>' if place else ""
    is_life = machine in ("signaling_state", "connection_state") and group_of(value) and value != "connecting"
    return thin + (f'<i class="rtcd-line {colour}" {more}></i>' if is_life else "")
