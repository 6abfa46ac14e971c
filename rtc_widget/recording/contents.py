"""The data types of a recording's contents: the Python side of ``docs/recording.md``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

FORMAT: Final = "rtc_widget.recording"
VERSION: Final = 1
SUFFIX: Final = ".rtcw.zip"
PART: Final = ".part"
"""Added to a recording's name for the folder in which it is while it is being made."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a recording ended.

    Attributes
    ----------
    reason : str
        "stopped", "limit", "disk", "relay", "kernel" or "damaged".
    message : str
        The same as a sentence.
    """

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Person:
    """A participant who was in the room while it was recorded.

    Attributes
    ----------
    id, name, kind : str
        As of `Participant`. The name of a participant who declined is made up.
    here : tuple of (float, float or None)
        When they came and left, seconds; None for "until the end".
    declined : bool
        Whether they declined to be recorded, so that nothing of theirs is included.
    """

    id: str
    name: str
    kind: str
    here: tuple[tuple[float, float | None], ...]
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Medium:
    """One media file of a recording.

    Attributes
    ----------
    file : str
        Its path within the recording.
    participant : str
        The id of the participant whose media it holds.
    track : str
        "camera" (with the microphone) or "screen".
    begins, seconds : float
        When its own time 0 is, seconds since the recording began, and its length.
    mime : str
        MIME type, such as "video/webm".
    size : int
        Bytes.
    sha256 : str
        In hexadecimal digits.
    video : str or None
        The video codec, None without video.
    width, height : int
        Of the largest frame, px; 0 without video.
    audio : str or None
        The audio codec, None without audio.
    shown, heard : tuple of (float, float)
        When there is video, and when there is audio: start and end in the file's own time, seconds.
    """

    file: str
    participant: str
    track: str
    begins: float
    seconds: float
    mime: str
    size: int
    sha256: str
    video: str | None
    width: int
    height: int
    audio: str | None
    shown: tuple[Span, ...]
    heard: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A point in a recording: ``kind`` is "join", "leave", "glare", "failure" or, added by hand, "mark"."""

    time: float
    title: str
    kind: str = "mark"


@dataclass(frozen=True, slots=True)
class Said:
    """A data channel message from ``sender`` to ``to``, both ids; ``to`` is None for everybody.

    ``data`` is a JSON value or bytes; None for messages that were too large to keep. ``size`` is the number of
    bytes of a binary message.
    """

    time: float
    sender: str
    to: str | None
    data: Any
    size: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A trait that changed: that of a participant, or of the recorder itself when ``participant`` is None."""

    time: float
    participant: str | None
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Clip:
    """A media file as it is embedded in a page: ``medium`` describes ``data``, which may be smaller than the original.

    ``poster`` is a JPEG of one of the first frames, None without video.
    """

    medium: Medium
    data: bytes
    poster: bytes | None
