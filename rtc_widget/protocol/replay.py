"""A replay's page: the recording as JSON, and what may be relied on in the HTML around it.

``js/src/protocol/replay.ts`` is this file's twin; a test holds the tables against each other. Pages are saved in
notebooks, so what stands here stays. Times are seconds since the recording began.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypedDict

Span = tuple[float, float | None]
"""From when to when; None for "until the end"."""


class Person(TypedDict):
    """Somebody who was recorded, and when they were there."""

    id: str
    name: str
    kind: str
    here: list[Span]
    declined: bool


class Clip(TypedDict):
    """A video with its audio. `shown` and `heard` are in its own time, which is 0 at `begins`."""

    person: str
    track: Literal["camera", "screen"]
    begins: float
    seconds: float
    mime: str
    shown: list[Span]
    heard: list[Span]
    poster: str | None


class Chapter(TypedDict):
    """A place to go to."""

    time: float
    title: str
    kind: str


# "from" cannot be written as an attribute.
ChatMessage = TypedDict("ChatMessage", {"time": float, "from": str, "to": str | None, "text": str})
"""A data channel message; `to` is None for everybody."""


class RecordingData(TypedDict):
    """The recording; `began` is in milliseconds since the epoch, `diagram` is when the diagram's time 0 is, `captions` are WebVTT."""

    room: str
    began: int
    seconds: float
    ended: str | None
    notes: list[str]
    problems: list[str]
    people: list[Person]
    clips: list[Clip]
    chapters: list[Chapter]
    said: list[ChatMessage]
    media: list[tuple[float, str, bool, bool, bool]]
    away: list[tuple[float, str, bool]]
    states: list[tuple[float, str, str, int, str]]
    stats: list[tuple[float, str, str, float | None, float | None, float | None]]
    diagram: float
    captions: str


FIELDS: Final[Mapping[str, list[str]]] = {
    name: sorted(shape.__required_keys__)
    for name, shape in (
        ("recording", RecordingData),
        ("person", Person),
        ("clip", Clip),
        ("chapter", Chapter),
        ("said", ChatMessage),
    )
}
"""The fields of the JSON's objects."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "media": ("time", "participant", "audio", "video", "screen"),
    "away": ("time", "participant", "away"),
    "states": ("time", "participant", "peer", "machine", "value"),
    "stats": ("time", "participant", "peer", "fps", "bitrate", "rtt"),
}
"""The columns of the JSON's rows; a "machine" is an index into `MACHINES`."""

MACHINES: Final = ("signaling_state", "ice_gathering_state", "ice_connection_state", "connection_state")
"""The state machines of a connection, in the order in which they are shown."""

REPLAY_CLASSES: Final[Mapping[str, str]] = {
    "root": "rtcw-replay",
    "data": "rtcr-data",
    "clip": "rtcr-clip",
    "trace": "rtcr-trace",
    "still": "rtcr-still",
    "diagram": "rtcw-live",
}
"""Classes of a replay's elements: all of it, the script with the JSON, those with the media as base64 in the order of
"clips", the one with the trace's file, what is shown where no scripts run, and the diagram."""

DIAGRAM_CLASSES: Final[Mapping[str, str]] = {
    "page": "rtcd-page",
    "choice": "rtcd-choice",
    "pick": "rtcd-pick",
    "everybody": "rtcd-everybody",
    "open": "rtcd-open",
    "scroll": "rtcd-scroll",
    "pair": "rtcd-pair",
    "names": "rtcd-heads",
    "band": "rtcd-band",
    "message": "rtcd-m",
    "panel": "rtcd-panel",
    "glossary": "rtcd-glossary",
    "words": "rtcd-words",
    "mermaid": "rtcd-mermaid",
}
"""Classes of a diagram's elements; the live one has the same. What was saved before 0.2 has others, and a script of its own."""

DIAGRAM_DATA: Final[Mapping[str, str]] = {"key": "key", "at": "at", "pair": "pair"}
"""Data attributes: of an arrow its messages' ids, of whatever is drawn its time, of a connection its number."""

EVERYBODY: Final = "all"
"""The value of what chooses the overview."""

DRAWN: Final = "rtcd-drawn"
"""The event that tells a diagram's script that it was drawn anew."""
