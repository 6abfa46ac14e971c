"""Participants as a table: who they are, what they send, how they are connected, and what comes from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from ..runtime.table import columns, table

if TYPE_CHECKING:
    from .participants import IncomingStats, Participant, SelectedCandidatePair

_HEADS: Final = ("name", "kind", "sends", "connection", "candidates", "receiving")


def as_text(labels: Mapping[str, Participant]) -> str:
    """Return a table for a terminal.

    Parameters
    ----------
    labels : mapping of str to Participant
        The participants by what they are called in a room.

    Returns
    -------
    str
        A line for each, below those of the heads.
    """
    return columns([_HEADS, *_rows(labels)]) if labels else "nobody else"


def as_html(labels: Mapping[str, Participant]) -> str:
    """Return a table for a notebook.

    Parameters
    ----------
    labels : mapping of str to Participant
        The participants by what they are called in a room.

    Returns
    -------
    str
        HTML, with all names escaped.
    """
    return table(_HEADS, _rows(labels)) if labels else "<p>nobody else</p>"


def _rows(labels: Mapping[str, Participant]) -> Iterable[tuple[str, ...]]:
    for label, each in labels.items():
        sends = [medium for medium in ("audio", "video", "screen") if getattr(each, medium)]
        yield (
            label,
            each.kind,
            ", ".join(sends) or "nothing",
            f"{each.connection_state}, away" if each.away else each.connection_state,
            _candidates(each.selected_candidate_pair),
            _receiving(each.stats),
        )


def _candidates(pair: SelectedCandidatePair | None) -> str:
    if pair is None:
        return ""
    if pair["protocol"] == "notebook":
        return "over the notebook"
    return f"{pair['local']} to {pair['remote']}, {pair['protocol']}"


def _receiving(stats: IncomingStats | None) -> str:
    if stats is None:
        return ""
    figures = []
    if stats["width"] and stats["height"]:
        figures.append(f"{stats['width']} x {stats['height']}")
    if stats["fps"] is not None:
        figures.append(f"{stats['fps']:.0f} fps")
    if stats["bitrate"] is not None:
        figures.append(f"{stats['bitrate'] / 1000:.0f} kbit/s")
    if stats["loss"]:
        figures.append(f"{stats['loss']:.1%} lost")
    if stats["rtt"] is not None:
        figures.append(f"{stats['rtt']:.0f} ms")
    return ", ".join(figures) or ""
