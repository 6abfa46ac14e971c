"""Draws a layout as SVG, without ids, so that one page can contain several diagrams, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from typing import Final

from ..glare import end_of
from ..glossary import EVENTS, STATES
from .layout import (
    BAR,
    GUTTER,
    Column,
    Layout,
    PlacedArrow,
    PlacedBar,
    PlacedText,
    befallen,
    has_several_peers,
)
from .parts import BAD, GOOD, MACHINES, NOTICE, Arrow, Fold, Note, Tick
from .style import style
from .text import about, duration

CLASS: Final = "rtcw-diagram"
_SETTLED: Final = ("connected", "completed", "complete")
_BUSY: Final = ("gathering", "checking", "connecting")
_BROKEN: Final = ("failed", "disconnected")
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FITS: Final = 40  # characters beside a lifeline
_LETTER: Final = 6.7


def draw(layout: Layout, *, label: str, part: str = "all") -> str:
    """Draw a layout.

    Parameters
    ----------
    layout : Layout
        The layout.
    label : str
        The drawing's accessible name.
    part : str
        "all", or "heads" and "body" separately, for a page in which the names stay while the rest scrolls.

    Returns
    -------
    str
        An SVG element.
    """
    top = layout.head if part == "body" else 0.0
    rows = "" if part == "heads" else " ".join(f"{time},{y:.0f}" for time, y in layout.rows)
    height = (layout.head if part == "heads" else layout.height) - top
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{CLASS}" role="group" aria-label="{escape(label)}" '
        f'width="{layout.width:.0f}" height="{height:.0f}" '
        f'viewBox="0 {top:.0f} {layout.width:.0f} {height:.0f}" data-rows="{rows}">',
    ]
    if part != "body":
        out.append(f"<style>{_style()}</style>")
    out.append(
        f'<rect class="paper" x=".5" y="{top + 0.5:g}" width="{layout.width - 1:.0f}" height="{height - 1:.0f}" '
        f'rx="{8 if part == "all" else 0}"/>'
    )
    if part != "heads":
        out.extend(_body(layout))
    if part != "body":
        out.extend(_heads(layout))
    out.append("</svg>")
    return legal("".join(out))


def legal(text: str) -> str:
    """Replace characters that neither XML nor UTF-8 allow; dumps of other programs may contain them.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        The text with U+FFFD in their place.
    """
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


@cache
def _style() -> str:
    return style(f".{CLASS}")


def _body(layout: Layout) -> Iterator[str]:
    before = ""
    for y, time in layout.times:
        if _clock(time) != before:
            before = _clock(time)
            yield f'<text class="time" x="{GUTTER - 12}" y="{y:.0f}">{before}</text>'
    for y, seconds in layout.gaps:
        yield (
            f'<path class="grid" d="M{GUTTER - 6} {y:.0f}H{layout.width - 8:.0f}"/>'
            f'<text class="soft" x="{GUTTER - 12}" y="{y:.0f}" text-anchor="end">+{duration(seconds)}</text>'
        )
    for text in layout.texts:
        if isinstance(text.part, Note) and text.part.since is not None:
            yield _band(text.part.lanes, text, layout)
    for column in layout.columns.values():
        yield from _lifeline(column)
    yield from _lifeline(layout.relay)
    for x, top, bottom in layout.away:
        yield f'<path class="line paper away" stroke-width="3" d="M{x:.0f} {top:.0f}V{bottom:.0f}"/>'
    for bar in layout.bars:
        yield from _bar(bar)
    for index, placed in enumerate(layout.arrows):
        yield from _arrow(index, placed, layout)
    for text in layout.texts:
        yield from _text(text, layout)
    for index, caveat in enumerate(layout.story.caveats):
        y = layout.height - 14 * (len(layout.story.caveats) - index)
        yield f'<text class="soft" x="{GUTTER}" y="{y:.0f}">{escape(caveat)}</text>'


# -- lifelines


def _heads(layout: Layout) -> Iterator[str]:
    head = layout.head
    columns = [*layout.columns.values(), layout.relay]
    for column in columns:
        lane = column.lane
        kind = "" if lane.kind in ("", "widget") else lane.kind
        name = _short(lane.name, 20)
        width = max(64.0, len(name) * 8.2 + 22)
        # Names stand beside the bars' titles, over the arrows' side.
        left = column.line - 2 if column.side < 0 else column.line - width + 2
        if column is layout.relay:
            left = column.line - width / 2
        yield (
            f"<g><title>{escape(lane.name)}{escape(', ' + kind if kind else '')}</title>"
            f'<rect class="head" x="{left:.0f}" y="{head - 40:.0f}" width="{width:.0f}" height="32" rx="6"/>'
            f'<text class="title" x="{left + width / 2:.0f}" y="{head - (30 if kind else 24):.0f}" text-anchor="middle">{escape(name)}</text>'
        )
        if kind:
            yield f'<text class="soft" x="{left + width / 2:.0f}" y="{head - 15:.0f}" text-anchor="middle">{escape(_short(kind, 20))}</text>'
        yield "</g>"
        several = has_several_peers(lane)
        for index, bar in enumerate(lane.bars):
            x = column.bar(index) + BAR / 2
            peer = layout.columns.get(bar.peer)
            whose = f" · {_short(peer.lane.name, 8)}" if several and peer else ""
            yield (
                f'<text class="machine soft" transform="translate({x:.1f} {head - 6:.0f}) rotate(-90)">'
                f"{MACHINES[bar.machine]}{escape(whose)}</text>"
            )
    yield f'<text class="soft" x="{GUTTER - 12}" y="{head - 24:.0f}" text-anchor="end">time</text>'


def _lifeline(column: Column) -> Iterator[str]:
    x = column.line
    yield f'<path class="line" d="M{x:.0f} {column.top:.0f}V{column.bottom:.0f}"/>'
    if column.lane.begins is not None:
        yield f'<circle class="end head" cx="{x:.0f}" cy="{column.top:.0f}" r="4"/>'
        yield _beside(column, column.top, "joined", "soft")
    if column.lane.ends is not None:
        y = column.bottom
        yield f'<path class="line" stroke-width="3" d="M{x - 7:.0f} {y:.0f}h14"/>'
        yield _beside(column, y, "left", "soft")


def _beside(column: Column, y: float, text: str, kind: str) -> str:
    anchor = "end" if column.side < 0 else "start"
    x = column.label + 14 * column.side
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(_short(text, _FITS))}</text>'


def _bar(bar: PlacedBar) -> Iterator[str]:
    if bar.value in _SETTLED:
        kind = " settled"
    elif bar.value in _BROKEN:
        kind = " broken"
    elif bar.value in _BUSY or bar.value.startswith("have-"):
        kind = " busy"
    else:
        kind = ""
    height = bar.bottom - bar.top
    meaning = STATES[bar.machine].get(bar.value, "")
    yield (
        f'<g><title>{MACHINES[bar.machine]}: {escape(bar.value)}. {meaning}</title><rect class="bar{kind}" x="{bar.x:.1f}" '
        f'y="{bar.top:.0f}" width="{BAR}" height="{height:.0f}" rx="2"/>'
    )
    if height >= len(bar.value) * 4.9 + 4:
        yield (
            f'<text class="value" transform="translate({bar.x + BAR / 2:.1f} {bar.top + 5:.0f}) rotate(90)">'
            f"{escape(bar.value)}</text>"
        )
    yield "</g>"


# -- messages


def _arrow(index: int, placed: PlacedArrow, layout: Layout) -> Iterator[str]:
    arrow = placed.arrow
    sender, receiver = layout.columns[arrow.first.sender], layout.columns[arrow.first.receiver]
    relay = layout.relay.line
    kind = {"ice_candidate": "candidate", "request_offer": "request"}.get(arrow.first.kind, arrow.first.kind)
    title = about(layout.story, arrow)
    at = round(arrow.sent - layout.story.start, 4)
    keys = escape(" ".join(message.id for message in arrow.messages))
    yield (
        f'<g class="m {kind if kind in ("offer", "answer", "candidate", "request") else "request"}" data-m="{index}" data-key="{keys}" data-at="{at}" tabindex="0" role="button" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>'
    )
    legs = [f"M{sender.line:.0f} {placed.sent:.0f}L{relay:.0f} {placed.arrived:.0f}"]
    end = placed.received if placed.received is not None else placed.forwarded
    if placed.forwarded is not None and end is not None:
        legs.append(f"M{relay:.0f} {placed.forwarded:.0f}L{receiver.line:.0f} {end:.0f}")
    yield f'<path class="halo" d="{"".join(legs)}"/><path class="way" d="{legs[0]}"/>'
    if len(legs) > 1:
        corrupted = "corrupted" in arrow.first.fate
        second = _crooked(relay, placed.forwarded or 0, receiver.line, end or 0) if corrupted else legs[1]
        yield f'<path class="way" d="{second}"/><circle class="tip" cx="{relay:.0f}" cy="{placed.arrived:.0f}" r="2"/>'
        if "duplicated" in arrow.first.fate:
            yield f'<path class="way" transform="translate(0 5)" d="{legs[1]}"/>'
        ignored = any(effect.type in ("ignored", "refused", "failed") for effect in arrow.first.effects)
        yield _tip(receiver.line, end or 0, 1 if receiver.line > relay else -1, hollow=ignored)
    else:
        yield _tip(relay, placed.arrived, 1 if relay > sender.line else -1, hollow=True)
    yield from _names(placed, sender, receiver, layout)
    yield from _befallen(placed, relay, 1 if receiver.line > relay else -1)
    yield "</g>"


def _names(placed: PlacedArrow, sender: Column, receiver: Column, layout: Layout) -> Iterator[str]:
    """Write what it is beside its beginning, and how long it took beside its end."""
    arrow, relay = placed.arrow, layout.relay.line
    towards = 1 if relay > sender.line else -1
    anchor = "start" if towards > 0 else "end"
    y = placed.sent - 5
    yield (
        f'<text class="name" x="{sender.line + towards * 12:.0f}" y="{y:.0f}" text-anchor="{anchor}">'
        f"{escape(_short(_named(arrow), 34))}</text>"
    )
    if placed.received is not None:
        towards = 1 if relay > receiver.line else -1
        anchor = "start" if towards > 0 else "end"
        slope = (placed.received - (placed.forwarded or 0)) / abs(relay - receiver.line)
        took = end_of(arrow.messages[0]) - arrow.sent
        yield (
            f'<text class="soft" x="{receiver.line + towards * 14:.0f}" y="{placed.received - 32 * slope - 8:.0f}" '
            f'text-anchor="{anchor}">{duration(took)}</text>'
        )


def _named(arrow: Arrow) -> str:
    # The arrow's end already shows who did it.
    outcome = arrow.outcome.split(" ")[0]
    if outcome == "rolled":
        outcome = "rolled back"
    return f"{arrow.label}: {outcome}" if outcome else arrow.label


def _befallen(placed: PlacedArrow, relay: float, towards: int) -> Iterator[str]:
    """Show at the relay what was done to a message, on the side where it would have gone on."""
    arrow = placed.arrow
    y = placed.arrived
    if "dropped" in arrow.first.fate:
        yield f'<path class="cross" d="M{relay - 7:.0f} {y - 7:.0f}l14 14m0 -14l-14 14"/>'
    held = "held" in arrow.first.fate or "delayed" in arrow.first.fate
    if held:
        until = placed.forwarded if placed.forwarded is not None else y + 14 * len(befallen(arrow))
        yield f'<path class="wait" d="M{relay:.0f} {y:.0f}V{until:.0f}"/>{_hourglass(relay, y)}'
    for index, text in enumerate(befallen(arrow)):
        yield (
            f'<text class="mark" x="{relay + 13 * towards:.0f}" y="{y - 3 + 13 * index:.0f}" '
            f'text-anchor="{"start" if towards > 0 else "end"}">'
            f"{escape(_short(text, 44))}</text>"
        )


def _hourglass(x: float, y: float) -> str:
    return f'<path class="hour" d="M{x - 7:.0f} {y - 8:.0f}h14l-14 16h14z"/>'


def _tip(x: float, y: float, towards: int, *, hollow: bool) -> str:
    kind = "tip open" if hollow else "tip"
    return f'<path class="{kind}" d="M{x:.0f} {y:.0f}l{-9 * towards} -4.5v9z"/>'


def _crooked(x1: float, y1: float, x2: float, y2: float) -> str:
    points = 16
    steps = (
        f"{x1 + (x2 - x1) * i / points:.0f} {y1 + (y2 - y1) * i / points + (4 if i % 2 else -4) * (0 < i < points):.0f}"
        for i in range(points + 1)
    )
    return "M" + "L".join(steps)


# -- words beside a lifeline and at the relay


def _text(text: PlacedText, layout: Layout) -> Iterator[str]:
    part = text.part
    if isinstance(part, Tick):
        column = layout.columns[part.lane]
        x = column.label + 5 * column.side
        title = part.more or f"{part.text}. {EVENTS.get(part.events[0].type, '')}"
        yield f'<g class="t {part.tone}"><title>{escape(title)}</title>{_sign(part.tone, x, text.y)}'
        if abs(text.label - text.y) > 2:
            yield f'<path class="grid" d="M{x:.0f} {text.y:.0f}L{x + 5 * column.side:.0f} {text.label:.0f}"/>'
        yield _beside(column, text.label, part.text, "said") + "</g>"
    elif isinstance(part, Note):
        yield from _badge(part, text.label, layout)
    else:
        yield from _fold(part, text.label, layout)


def _sign(tone: str, x: float, y: float) -> str:
    match tone:
        case _ if tone == GOOD:
            return f'<path class="sign" d="M{x:.0f} {y - 4:.0f}l4 4l-4 4l-4 -4z"/>'
        case _ if tone == NOTICE:
            return f'<path class="sign" d="M{x:.0f} {y - 5:.0f}l5 9h-10z"/>'
        case _ if tone == BAD:
            return f'<path class="sign" d="M{x - 4:.0f} {y - 4:.0f}l8 8m0 -8l-8 8"/>'
        case _:
            return f'<circle class="sign" cx="{x:.0f}" cy="{y:.0f}" r="2"/>'


def _band(lanes: Iterable[str], text: PlacedText, layout: Layout) -> str:
    """Draw the ground of a glare: from the first offer to the last of the two, from one side to the other."""
    ends = [layout.columns[key].line for key in lanes]
    return (
        f'<rect class="badge" stroke-dasharray="5 3" x="{min(ends):.0f}" y="{text.since - 18:.0f}" '
        f'width="{max(ends) - min(ends):.0f}" height="{text.label - text.since + 32:.0f}" rx="4"/>'
    )


def _badge(note: Note, y: float, layout: Layout) -> Iterator[str]:
    x = layout.relay.line
    half = len(note.text) * _LETTER / 2 + 14
    if note.since is not None:
        lines = [layout.columns[key].line for key in note.lanes]
        x = sum(lines) / len(lines)
        yield (
            f'<g class="n {note.tone}"><text class="said" x="{x:.0f}" y="{y:.0f}" text-anchor="middle" stroke="none">'
            f"{escape(_short(note.text, 64))}</text></g>"
        )
        return
    yield (
        f'<g class="n {note.tone}"><path class="badge" d="M{x - half:.0f} {y:.0f}l8 -10H{x + half - 8:.0f}l8 10l-8 10'
        f'H{x - half + 8:.0f}z"/><text class="said" x="{x:.0f}" y="{y:.0f}" text-anchor="middle" stroke="none">'
        f"{escape(note.text)}</text></g>"
    )


def _fold(fold: Fold, y: float, layout: Layout) -> Iterator[str]:
    yield (
        f'<path class="grid" d="M{GUTTER} {y - 8:.0f}H{layout.width - 8:.0f}M{GUTTER} {y + 8:.0f}H{layout.width - 8:.0f}"/>'
        f'<text class="soft" x="{layout.width / 2:.0f}" y="{y:.0f}" text-anchor="middle">{escape(fold.text)}</text>'
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _clock(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 10 else f"{seconds * 1000:.0f} ms"
