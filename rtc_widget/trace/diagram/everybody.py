"""The overview of all connections in a diagram: a table, each cell of which opens the diagram of its connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final

from ..overview import Link, Overview

_KINDS: Final = {"widget": "browser", "python": "Python"}
_TONES: Final = {"connected": "good", "failed": "bad", "new": "", "closed": ""}


def matrix(
    overview: Overview, pairs: Mapping[frozenset[str], int], redact: Callable[[str], str], uid: str
) -> str:
    """Write the overview as a table.

    Parameters
    ----------
    overview : Overview
        Who is connected to whom.
    pairs : mapping
        The numbers of the connections' diagrams, by the ids of both ends.
    redact : callable
        Applied to all texts that came from participants.
    uid : str
        What the ids of the controls begin with that choose a connection.

    Returns
    -------
    str
        HTML.
    """
    people = [
        (key, name, escape(redact(name)), _KINDS.get(kind, kind))
        for name, (key, kind) in zip(overview.names, overview.people, strict=True)
    ]
    head = "".join(f'<th scope="col">→ {shown}</th>' for _key, _name, shown, _kind in people)
    rows = []
    for one, name, shown, kind in people:
        small = f" <small>{escape(redact(kind))}</small>" if kind else ""
        cells = "".join(
            _cell(overview.links.get((name, to)), pairs.get(frozenset((one, other))), redact, uid)
            for other, to, _shown, _kind in people
        )
        rows.append(f'<tr><th scope="row">{shown}{small}</th>{cells}</tr>')
    return (
        '<table class="rtcd-matrix"><caption>Each row sends to the columns, as it was last. A click opens a connection.</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(link: Link | None, pair: int | None, redact: Callable[[str], str], uid: str) -> str:
    if link is None:
        return '<td class="rtcd-self"></td>'
    details = link.details
    words = f"<strong>{escape(redact(link.heading))}</strong>" + (
        f"<small>{escape(redact(details))}</small>" if details else ""
    )
    tone = "notice" if link.held else _TONES.get(link.connection_state, "busy")
    if pair is None:
        return f'<td class="{tone}"><span class="rtcd-open">{words}</span></td>'
    ends = escape(redact(f"{link.sender} → {link.to}"))
    return (
        f'<td class="{tone}"><label class="rtcd-open" for="{uid}-{pair}" data-pair="{pair}" title="Open {ends}">'
        f"{words}</label></td>"
    )
