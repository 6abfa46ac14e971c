"""A recording as a still image: for paper, and for pages that run no scripts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Final

from ...trace.diagram import Diagram
from ...trace.diagram.legal import legal
from ...trace.diagram.svg import CLASS, style
from ..export.poster import poster_of
from .data import Redact, data_url

if TYPE_CHECKING:
    from ..contents import Person
    from ..recording import Recording

_TILE: Final = (320, 180)
_GAP: Final = 12
_COLUMNS: Final = 3
_HEAD: Final = 64
_NAME: Final = 40


def still_of(recording: Recording, *, private: bool) -> str:
    """Draw a recording: one frame of each participant, and the sequence diagram below.

    Parameters
    ----------
    recording : Recording
        The recording.
    private : bool
        Whether addresses and the like are replaced by placeholders.

    Returns
    -------
    str
        SVG.
    """
    posters: dict[str, bytes | None] = {}
    for medium in recording.media:
        if medium.video and medium.track == "camera" and medium.participant not in posters:
            with recording._open_medium(medium) as file:
                posters[medium.participant] = poster_of(file)
    return still(recording, posters, Diagram(recording.trace, private=private))


def still(recording: Recording, posters: Mapping[str, bytes | None], diagram: Diagram) -> str:
    """Draw a recording with given posters.

    Parameters
    ----------
    recording : Recording
        The recording.
    posters : mapping
        JPEGs by participant id; None for a tile without an image.
    diagram : Diagram
        The sequence diagram.

    Returns
    -------
    str
        SVG.
    """
    people = recording.participants
    columns = max(1, min(_COLUMNS, len(people)))
    rows = math.ceil(len(people) / columns)
    width, height = _TILE
    tiles = rows * (height + _GAP)
    drawn = len(recording.trace) > 0
    wide, tall = diagram.svg_size if drawn else (0.0, 0.0)
    across = max(columns * (width + _GAP) + _GAP, wide + 2 * _GAP, 520)
    down = _HEAD + tiles + (tall + _GAP if drawn else 0)
    left = (across - columns * (width + _GAP) + _GAP) / 2
    redact = diagram.redact
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{CLASS}" role="img" aria-label="{escape(summary(recording, redact))}" '
        f'width="{across:.0f}" height="{down:.0f}" viewBox="0 0 {across:.0f} {down:.0f}">'
        f"<style>{style()}</style>"
        f'<rect class="paper" x=".5" y=".5" width="{across - 1:.0f}" height="{down - 1:.0f}" rx="10"/>'
        f'<text class="title" x="{_GAP + 4}" y="24">Recording of {escape(redact(recording.room))}</text>'
        f'<text class="soft" x="{_GAP + 4}" y="44">{escape(_facts(recording))}</text>'
    ]
    for index, person in enumerate(people):
        x = left + index % columns * (width + _GAP)
        y = _HEAD + index // columns * (height + _GAP)
        out.append(_tile(person, posters.get(person.id), x, y, redact(person.name)))
    if drawn:
        x, y = (across - wide) / 2, _HEAD + tiles
        out.append(diagram.svg.replace("<svg ", f'<svg x="{x:.0f}" y="{y:.0f}" ', 1))
    out.append("</svg>")
    return legal("".join(out))


def summary(recording: Recording, redact: Redact) -> str:
    """Describe a recording in one sentence.

    Parameters
    ----------
    recording : Recording
        The recording.
    redact : Redact
        Applied to the names.

    Returns
    -------
    str
        A sentence with room, names and length.
    """
    names = ", ".join(redact(person.name) for person in recording.participants) or "nobody"
    return f"Recording of {redact(recording.room)}: {names}, {duration(recording.seconds)}."


def _facts(recording: Recording) -> str:
    began = datetime.fromtimestamp(recording.began, UTC)
    return f"{began:%Y-%m-%d %H:%M} UTC · {duration(recording.seconds)}"


def duration(seconds: float) -> str:
    """Format a length.

    Parameters
    ----------
    seconds : float
        The length.

    Returns
    -------
    str
        Such as "1 min 33 s".
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _tile(person: Person, poster: bytes | None, x: float, y: float, name: str) -> str:
    width, height = _TILE
    picture = (
        f'<image x="{x:.0f}" y="{y:.0f}" width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice" style="clip-path:inset(0 round 8px)" '
        f'href="{data_url("image/jpeg", poster)}"/>'
        if poster
        else ""
    )
    label = f"{name}, declined to be recorded" if person.declined else name
    # Tiles are dark in every theme, as in a call; a style, because attributes lose against the diagram's stylesheet.
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width}" height="{height}" rx="8" fill="#1d2026"/>{picture}'
        f'<rect x="{x + 8:.0f}" y="{y + height - 30:.0f}" width="{min(width - 16, 7.2 * len(label) + 18):.0f}" height="22" '
        f'rx="6" fill="#0f1114" fill-opacity=".72"/><text x="{x + 16:.0f}" y="{y + height - 19:.0f}" '
        f'style="fill:#fff;stroke:none">{escape(_short(label))}</text>'
    )


def _short(text: str) -> str:
    return text if len(text) <= _NAME else text[: _NAME - 1] + "…"
