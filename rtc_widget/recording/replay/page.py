"""The replay as HTML: the recording's data, the player, and a still image for pages that run no scripts."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Sequence
from functools import cache, cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...trace.diagram import Diagram
from ...trace.diagram.legal import legal
from ...trace.diagram.page import document
from ..export.shrink import fit, format_size
from .data import data_of, data_url, script_of
from .still import still, summary
from .trace_file import trace_file_of

if TYPE_CHECKING:
    from ..contents import Clip
    from ..recording import Recording

_STATIC: Final = Path(__file__).parents[2] / "static"

# What a small page leaves out, in this order, with the name that a note gives it; "" for no note.
_DISPENSABLE: Final = {
    "posters": "",
    "still": "",
    "trace": "the trace's file",
    "media": "video and audio",
    "opened": "the contents of signaling messages",
    "stats": "the statistics",
    "captions": "the captions",
    "diagram": "the signaling diagram",
    "chat": "the messages",
}
# Fewer bytes of media are not worth playing.
_LEAST_MEDIA: Final = 16_384
_POSTER: Final = 24_000
_HOW: Final = (
    "This is a still picture. It plays where scripts may run: in JupyterLab after Trust Notebook, "
    "which is in the command palette, or in the notebook's HTML, opened in a browser."
)


def page_of(recording: Recording, *, max_bytes: int | None, private: bool) -> str:
    """Return a fragment of HTML that replays a recording and needs nothing else.

    Parameters
    ----------
    recording : Recording
        The recording.
    max_bytes : int or None
        How large the fragment may become; None for no limit. Media are reduced first; then more is left out, with a
        note.
    private : bool
        Whether addresses and the like are replaced by placeholders.

    Returns
    -------
    str
        HTML.
    """
    return _fit_page(_Page(recording, private), max_bytes)


def _fit_page(page: _Page, max_bytes: int | None) -> str:
    recording = page.recording
    if max_bytes is None:
        whole = fit(recording, None)
        return page.html(whole.clips, whole.note)
    less: list[str] = []
    room = _room(page, max_bytes, less)
    if room < max_bytes // 4:
        # The still image for pages without scripts, and what is only downloaded, are worth less than media.
        less = ["still", "trace"]
        room = _room(page, max_bytes, less)
    fitting = fit(recording, room) if room >= _LEAST_MEDIA else None
    clips, note = (fitting.clips, fitting.note) if fitting else ((), "")
    html = page.html(clips, note, less if fitting else [*less, "media"])
    for count in range(1, len(_DISPENSABLE) + 1):
        if _size(html) <= max_bytes:
            return html
        less = [*_DISPENSABLE][:count]
        html = page.html(() if "media" in less else clips, note, less)
    if _size(html) > max_bytes:
        html = page.html(
            (), f"A page of this recording cannot be made as small as {format_size(max_bytes)}.", less
        )
    return html


def _room(page: _Page, max_bytes: int, less: Collection[str]) -> int:
    """Return how many bytes of media fit into a page."""
    # Each poster is in the page twice, once within the still image, as base64 in base64.
    posters = 0 if "still" in less else _POSTER * page.people
    return (max_bytes - _size(page.html((), "", less))) * 3 // 4 - posters


def document_of(recording: Recording, *, max_bytes: int | None, private: bool) -> str:
    """Return an HTML document that contains what `page_of` returns.

    Parameters
    ----------
    recording : Recording
        The recording.
    max_bytes : int or None
        How large the document may become; None for no limit.
    private : bool
        Whether addresses and the like are replaced by placeholders.

    Returns
    -------
    str
        HTML.
    """
    page = _Page(recording, private)
    title = legal(f"Recording of {page.redact(recording.room)}")
    around = len(document("", title).encode())
    room = None if max_bytes is None else max_bytes - around
    return document(_fit_page(page, room), title)


class _Page:
    """What is the same however much of the recording is in it."""

    def __init__(self, recording: Recording, private: bool) -> None:
        self.recording = recording
        self._private = private
        self._diagram = Diagram(recording.trace, private=private)
        self._diagrams: dict[bool, str] = {}

    def redact(self, text: str) -> str:
        """Return words that came from outside, without addresses and the like when it is private."""
        return self._diagram.redact(text)

    @cached_property
    def _trace_html(self) -> str:
        trace = self.recording.trace
        if not len(trace):
            return ""
        return f'<script type="text/plain" class="rtcr-trace">{trace_file_of(trace, private=self._private)}</script>'

    @property
    def people(self) -> int:
        """How many there may be a picture of."""
        return sum(not person.declined for person in self.recording.participants)

    def html(self, clips: Sequence[Clip], note: str, without: Collection[str] = ()) -> str:
        """Return the page with these clips, and without some of what can be done without."""
        recording, redact = self.recording, self.redact
        missing = [label for name in without if (label := _DISPENSABLE[name])]
        data = data_of(
            recording,
            clips,
            [note, f"Left out to save space: {', '.join(missing)}." if missing else ""],
            redact,
            posters="posters" not in without,
            chat="chat" not in without,
            stats="stats" not in without,
            captions="captions" not in without,
        )
        return "".join(
            (
                f'<div class="rtcw-replay" data-lm-suppress-shortcuts="true"><style>{_asset("replay.css")}</style>',
                self._still(() if "posters" in without else clips, drawn="still" not in without),
                self._diagram_html(without),
                f'<script type="application/json" class="rtcr-data">{script_of(data)}</script>',
                "" if "trace" in without else self._trace_html,
                *_media(clips),
                f"<script>{_asset('replay.js')}</script></div>",
            )
        )

    def _still(self, clips: Sequence[Clip], *, drawn: bool) -> str:
        text = legal(escape(summary(self.recording, self.redact)))
        picture = ""
        if drawn:
            cameras = [clip for clip in reversed(clips) if clip.medium.track == "camera"]
            posters = {clip.medium.participant: clip.poster for clip in cameras}
            svg = still(self.recording, posters, self._diagram)
            # Pages that strip scripts and inline SVG still keep an <img>.
            picture = (
                f'<img alt="{text}" src="{data_url("image/svg+xml", svg.encode())}" style="max-width:100%">'
            )
        # Above it: below a diagram of some length nobody would see what to do.
        return f'<div class="rtcr-still"><p>{text} {_HOW}</p>{picture}</div>'

    def _diagram_html(self, without: Collection[str]) -> str:
        if "diagram" in without or not len(self.recording.trace):
            return ""
        contents = "opened" not in without
        if contents not in self._diagrams:
            # Of the two, a sanitizer that strips the diagram's style leaves one.
            hidden = 'hidden style="display:none"'
            drawn = self._diagram.page(contents=contents)
            self._diagrams[contents] = f'<div class="rtcw-live" {hidden}>{drawn}</div>'
        return self._diagrams[contents]


def _media(clips: Sequence[Clip]) -> Iterator[str]:
    # Hosts copy the text of a script unchanged, and sanitizers remove it as a whole.
    for clip in clips:
        yield f'<script type="text/plain" class="rtcr-clip">{base64.b64encode(clip.data).decode()}</script>'


def _size(html: str) -> int:
    return len(html.encode())


@cache
def _asset(name: str) -> str:
    path = _STATIC / name
    if not path.exists():
        msg = f"rtc_widget's front end is not built ({path} is missing): run 'make js' in the checkout."
        raise FileNotFoundError(msg)
    return path.read_text("utf-8")
