"""The diagram as a fragment of HTML that needs nothing else.

All of it is plain HTML first: bands fold, filters filter, connections are chosen and messages open where no script
runs. The script sets the opened message beside its arrow instead of below it, and adds the keyboard and the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final, Literal
from zlib import crc32

from ...protocol.replay import EVERYBODY
from ..citations import cited
from ..overview import Overview
from ..sdp.explain import Explained
from .bands import bands_both_ways, per_second
from .details import Details, Explainer
from .everybody import matrix
from .facts import Fact
from .legal import legal
from .markup import BandMarkup
from .parts import Arrow, Story
from .style import variables

Size = Literal["normal", "slides"]
First = int | Literal["everybody"]
"""What is shown until something else is chosen."""

# With more descriptions, their lines are only in the glossary, and the script puts them together.
_FEW: Final = 60
_LONG: Final = 600
_FILTERS: Final = {
    "calls": ("Calls", True),
    "candidates": ("Candidates", True),
    "states": ("Signaling state", True),
    "more": ("ICE · gathering · connection", False),
}
# With more connections than these there is a button only of the one that is shown: the overview has them all.
_CHIPS: Final = 6
_LEGEND: Final = (
    ('<i class="rtcd-way offer right"></i>', "offer"),
    ('<i class="rtcd-way answer right"></i>', "answer"),
    ('<i class="rtcd-way candidate right"></i>', "candidates, grouped"),
    ('<i class="rtcd-way request right"></i>', "request for an offer"),
    ('<i class="rtcd-line busy"></i>', "signalingState ≠ stable"),
    ('<i class="rtcd-line settled"></i>', "connected"),
    ('<i class="rtcd-call"></i>', "API call under way"),
)


def page(
    stories: Sequence[Story],
    everybody: Overview | None = None,
    *,
    first: First = 0,
    label: str,
    text: str,
    mermaid: str,
    redact: Callable[[str], str],
    to_scale: bool = False,
    size: Size = "normal",
    contents: bool = True,
    older: int = 0,
) -> str:
    """Render the diagrams of connections as HTML that needs nothing else.

    Parameters
    ----------
    stories : sequence of Story
        The connections.
    everybody : Overview, optional
        The overview of all of them.
    first : First
        What is shown until something else is chosen: the overview, or which connection.
    label : str
        The diagram's accessible name.
    text, mermaid : str
        The diagram as text, and as Mermaid.
    redact : callable
        Applied to all texts that came from participants.
    to_scale : bool
        Whether the distance of rows is the time between them until something else is chosen.
    size : Size
        "slides" for larger type.
    contents : bool
        False to leave out what messages say.
    older : int
        How many events were left out before the first that is drawn.

    Returns
    -------
    str
        HTML.
    """
    glossary = _Glossary()
    described = sum(
        isinstance(part, Arrow) and part.first.sdp is not None for story in stories for part in story.parts
    )
    # What is not seen of a long one need not be laid out.
    long = sum(len(story.parts) for story in stories) > _LONG
    pairs = "".join(
        _pair(index, story, redact, glossary, contents=contents, few=described <= _FEW)
        for index, story in enumerate(stories)
    )
    # The same for the same diagram: what is saved does not change from run to run.
    uid = f"rtcd-{crc32(text.encode(errors='replace')):x}"
    overview = ""
    if everybody is not None:
        shown = overview_of(everybody, stories, redact, uid)
        overview = f'<section class="rtcd-everybody" data-pair="{EVERYBODY}" aria-label="Everybody">{shown}</section>'
    # From left to right also in a page that is read from the right: arrows and columns are placed by that.
    return legal(
        f'<div class="rtcd-page" dir="ltr" data-size="{size}"{" data-long" if long else ""} data-lm-suppress-shortcuts="true" role="group" '
        f'aria-label="{escape(label)}"><style>{_style()}{_choosing(len(stories)) if everybody else ""}</style>'
        f'<form method="dialog" class="rtcd-form"><div class="rtcd-bar">{_choice(stories, first, uid) if everybody else ""}{_filters(to_scale=to_scale)}'
        '<button type="button" class="rtcd-next" title="Glare, a queue, a fault, a pause, an error" hidden>Next notable moment ↓</button>'
        '<output class="rtcd-who"></output>'
        '<button type="button" class="rtcd-copy" hidden>Copy as Mermaid</button></div>'
        f"{_left_out(older)}"
        f'<div class="rtcd-both"><div class="rtcd-scroll">{overview}{pairs}</div>'
        '<div class="rtcd-panel" role="region" aria-label="The message" tabindex="-1" hidden></div></div>'
        f"{_legend()}</form>"
        f'<div class="rtcd-glossary">{glossary}</div>'
        f'<details class="rtcd-text"><summary>The diagram in words</summary><pre class="rtcd-words">{escape(text)}</pre></details>'
        f'<details class="rtcd-text"><summary>As Mermaid, for a report</summary><pre class="rtcd-mermaid">{escape(mermaid)}</pre></details>'
        f"<script>{_asset('page.js')}</script></div>"
    )


def _left_out(older: int) -> str:
    if older == 0:
        return ""
    what = "One older event is" if older == 1 else f"{older:,} older events are"
    return f'<p class="rtcd-older">{what} left out here. In a cell, <code>room.trace.diagram()</code> draws everything.</p>'


# For who hears a page: what is seen of it says what it is.
_UNSEEN: Final = "position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)"


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
        f'<body><main><h1 style="{_UNSEEN}">{escape(title)}</h1>{html}</main></body></html>\n'
    )


@cache
def _style() -> str:
    return variables(".rtcd-page") + _asset("page.css")


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


# -- what is chosen


def overview_of(
    everybody: Overview, stories: Sequence[Story], redact: Callable[[str], str], uid: str = ""
) -> str:
    """Write the overview of connections.

    Parameters
    ----------
    everybody : Overview
        The overview.
    stories : sequence of Story
        The connections, in the order of their diagrams.
    redact : callable
        Applied to all texts that came from participants.
    uid : str
        What the ids of the controls begin with that choose a connection, where no script does.

    Returns
    -------
    str
        HTML.
    """
    ends = (frozenset(lane.key for lane in story.lanes) for story in stories)
    return matrix(everybody, {pair: index for index, pair in enumerate(ends)}, redact, uid)


def _choice(stories: Sequence[Story], first: First, uid: str) -> str:
    """Offer the overview and the connections to choose from: one is shown at a time."""
    names = {EVERYBODY: "Everybody"} | {str(index): _pair_name(story) for index, story in enumerate(stories)}
    chosen = EVERYBODY if first == "everybody" else str(first)
    buttons = "".join(
        f'<label><input type="radio" name="pair" class="rtcd-pick" id="{uid}-{value}" value="{value}"'
        f"{' checked' if value == chosen else ''}>{escape(name)}</label>"
        for value, name in names.items()
    )
    many = " many" if len(stories) > _CHIPS else ""
    return f'<fieldset class="rtcd-choice{many}"><legend>Connection</legend>{buttons}</fieldset>'


def _choosing(count: int) -> str:
    """Return the rules that hide what is not chosen: where no script runs, nothing else can."""
    return "".join(
        f'.rtcd-form:has(.rtcd-pick[value="{value}"]:checked) '
        f':is(.rtcd-everybody,.rtcd-pair):not([data-pair="{value}"]){{display:none}}'
        for value in (EVERYBODY, *range(count))
    )


def _pair_name(story: Story) -> str:
    return "\N{EN DASH}".join(lane.name for lane in story.lanes)


def _filters(*, to_scale: bool) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" class="rtcd-show-{name}"{" checked" if on else ""}>{label}</label>'
        for name, (label, on) in (_FILTERS | {"time": ("Time to scale", to_scale)}).items()
    )
    return f'<fieldset class="rtcd-filters"><legend>Show</legend>{boxes}</fieldset>'


def _legend() -> str:
    items = "".join(f"<li>{sign} {words}</li>" for sign, words in _LEGEND)
    return f'<ul class="rtcd-legend" aria-label="Legend">{items}</ul>'


# -- a connection


def _pair(
    index: int,
    story: Story,
    redact: Callable[[str], str],
    glossary: _Glossary,
    *,
    contents: bool,
    few: bool,
) -> str:
    explainer = Explainer(redact)

    def opened(arrow: Arrow) -> str:
        details = explainer.details(story, arrow)
        return "".join(_opened(details, glossary, few=few)) if contents else ""

    bands = bands_both_ways(story)
    markup = BandMarkup(
        story, opened, redact, scale=per_second([scaled for parts in bands for _even, scaled in parts])
    )
    body = "".join(markup.band(number, parts) for number, parts in enumerate(bands, 1))
    caveats = "".join(f"<p>{escape(caveat)}</p>" for caveat in story.caveats)
    return (
        f'<section class="rtcd-pair" data-pair="{index}" aria-label="{escape(_pair_name(story))}">{markup.heads()}{body}'
        f'<div class="rtcd-caveats">{caveats}</div></section>'
    )


# -- messages


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
            '<details class="rtcd-text"><summary>Every line of these messages, explained</summary>'
            f'<table class="rtcd-lines"><thead>{head}</thead><tbody>{rows}</tbody></table></details>'
        )


def _row(line: Explained, sign: str = "") -> str:
    kind = {"+": ' class="rtcd-come"', "-": ' class="rtcd-gone"'}.get(sign, "")
    prefix = {"+": "new: ", "-": "gone: "}.get(sign, "")
    return (
        f"<tr{kind}><td>{prefix}<code>{escape(line.line)}</code></td><td>{escape(line.meaning)}</td>"
        f"<td>{cited(line.source)}</td></tr>"
    )


def _opened(details: Details, glossary: _Glossary, *, few: bool) -> Iterator[str]:
    yield f'<div class="rtcd-more" data-title="{escape(details.title)}"><section data-tab="Summary">'
    if details.facts:
        yield f"<dl>{''.join(map(_fact, details.facts))}</dl>"
    yield _list("Its way", details.way)
    yield _list("What it made happen", details.effects)
    yield _list("What became of the offer", details.outcome)
    yield "</section>"
    if details.sections:
        yield f'<section data-tab="{"SDP" if len(details.sections) > 1 else "Lines"}">'
        for title, lines in details.sections:
            numbers = " ".join(str(glossary.number(line)) for line in lines)
            content = "\n".join(line.line for line in lines) if few else ""
            yield (
                f'<details class="rtcd-section"><summary>{escape(title)} <small>{len(lines)} '
                f'line{"" if len(lines) == 1 else "s"}</small></summary><pre data-lines="{numbers}">{escape(content)}</pre></details>'
            )
        if details.changes is not None:
            yield _changes(details.changes)
        yield "</section>"
    yield "</div>"


def _fact(fact: Fact) -> str:
    source = f" <small>{cited(fact.source)}</small>" if fact.source else ""
    return f"<dt>{escape(fact.name)}</dt><dd>{escape(fact.value)}{source}</dd>"


def _changes(changes: Iterable[tuple[str, Explained]]) -> str:
    rows = "".join(_row(line, sign) for sign, line in changes)
    same = "<p>Nothing: it is the same, line by line.</p>"
    table = f'<table class="rtcd-lines"><tbody>{rows}</tbody></table>' if rows else same
    return f'<details class="rtcd-section"><summary>What changed since this side\'s last</summary>{table}</details>'


def _list(title: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    return f"<h4>{title}</h4><ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
