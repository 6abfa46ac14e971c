"""The diagram as a fragment of HTML: names that stay while the rest scrolls, messages that open, and everything as
text.

All of it is plain HTML first. The script only adds convenience: it shows in a panel what is in the ``<details>``
below anyway, and looks up the lines of a description in the glossary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from ..sdp.explain import Explained
from .details import Details, details_of
from .layout import Layout
from .style import variables
from .svg import draw, legal

if TYPE_CHECKING:
    from .parts import Story

# With more descriptions, their lines are only in the glossary, and the script puts them together.
_FEW: Final = 60


def page(layout: Layout, *, label: str, text: str, redact: Callable[[str], str]) -> str:
    """Render a layout as HTML that needs nothing else.

    Parameters
    ----------
    layout : Layout
        The layout.
    label : str
        The drawing's accessible name.
    text : str
        The diagram as text.
    redact : callable
        Applied to all texts that came from participants.

    Returns
    -------
    str
        HTML.
    """
    glossary = _Glossary()
    opened = "".join(_opened(layout.story, redact, glossary))
    return legal(
        f'<div class="rtcw-page" data-lm-suppress-shortcuts="true"><style>{_style()}</style>'
        f'<div class="rtcw-both"><div class="rtcw-scroll"><div class="rtcw-names" aria-hidden="true">'
        f"{draw(layout, label=label, part='heads')}</div>{draw(layout, label=label, part='body')}</div>"
        f'<div class="rtcw-panel" role="region" aria-label="The message" aria-live="polite" tabindex="-1" hidden></div></div>'
        f'<details class="rtcw-all"><summary>The messages, opened</summary>{opened}{glossary}</details>'
        f'<details><summary>The diagram in words</summary><pre class="rtcw-words">{escape(text)}</pre></details>'
        f"<script>{_asset('page.js')}</script></div>"
    )


def document(html: str, title: str) -> str:
    """Wrap a fragment of HTML into a document.

    Parameters
    ----------
    html : str
        The fragment.
    title : str
        The document's title.

    Returns
    -------
    str
        HTML.
    """
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<body>{html}</body></html>\n"
    )


@cache
def _style() -> str:
    return variables(".rtcw-page") + _asset("page.css")


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


class _Glossary:
    """Every line that occurs, once, with its meaning: descriptions refer to them by number."""

    def __init__(self) -> None:
        self._numbers: dict[Explained, int] = {}

    def number(self, line: Explained) -> int:
        return self._numbers.setdefault(line, len(self._numbers))

    def __str__(self) -> str:
        rows = "".join(_row(line) for line in self._numbers)
        if not rows:
            return ""
        head = "<tr><th>line</th><th>what it means</th><th>defined in</th></tr>"
        return (
            "<details><summary>Every line of these messages, explained</summary>"
            f'<table class="rtcw-lines"><thead>{head}</thead><tbody>{rows}</tbody></table></details>'
        )


def _row(line: Explained, sign: str = "") -> str:
    kind = {"+": ' class="rtcw-come"', "-": ' class="rtcw-gone"'}.get(sign, "")
    prefix = {"+": "new: ", "-": "gone: "}.get(sign, "")
    return (
        f"<tr{kind}><td>{prefix}<code>{escape(line.line)}</code></td><td>{escape(line.meaning)}</td>"
        f"<td>{escape(line.source)}</td></tr>"
    )


def _opened(story: Story, redact: Callable[[str], str], glossary: _Glossary) -> Iterator[str]:
    details = details_of(story, redact)
    few = sum(len(each.lines) > 1 for each in details) <= _FEW
    for index, each in enumerate(details):
        yield f'<details data-m="{index}"><summary>{escape(each.title)}</summary>'
        yield "".join(_sections(each))
        if each.lines:
            numbers = " ".join(str(glossary.number(line)) for line in each.lines)
            content = "\n".join(line.line for line in each.lines) if few else ""
            yield f'<h4>What it says</h4><pre data-lines="{numbers}">{escape(content)}</pre>'
        yield "</details>"


def _sections(details: Details) -> Iterator[str]:
    yield _list("Its way", details.way)
    yield _list("What it made happen", details.effects)
    yield _list("What became of the offer", details.outcome)
    if details.changes is not None:
        rows = "".join(_row(line, sign) for sign, line in details.changes)
        same = "<p>Nothing: it is the same, line by line.</p>"
        table = f'<table class="rtcw-lines"><tbody>{rows}</tbody></table>' if rows else same
        yield f"<h4>What changed since this side's last</h4>{table}"


def _list(title: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    return f"<h4>{title}</h4><ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
