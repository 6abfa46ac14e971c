"""What a recording consists of, as data: the Python side of ``docs/recording.md``."""

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
        In a sentence.
    """

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was in the room while it was recorded.

    Attributes
    ----------
    id, name, kind : str
        As of `Participant`. Of who declined the name is made up.
    here : tuple of (float, float or None)
        From when to when, seconds; None for "until the end".
    declined : bool
        Whether everything of theirs is left out.
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
        Its name within the recording.
    participant : str
        Whose it is, by id.
    track : str
        "camera" (with the microphone) or "screen".
    begins, seconds : float
        When its own time 0 is, since the recording began, and how long it is.
    mime : str
        Such as "video/webm".
    size : int
        Bytes.
    sha256 : str
        In hexadecimal digits.
    video : str or None
        The codec of the pictures, None where there are none.
    width, height : int
        Of the largest picture, px; 0 where there are none.
    audio : str or None
        The codec of the sound.
    shown, heard : tuple of (float, float)
        When there is a picture and when there is sound, in the file's own time.
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
    """A place in a recording: ``kind`` is "join", "leave", "glare", "failure" or, made by hand, "mark"."""

    time: float
    title: str
    kind: str = "mark"


@dataclass(frozen=True, slots=True)
class Said:
    """A data channel message: ``sender`` and ``to`` are ids, ``to`` is None for everybody.

    ``data`` is what JSON holds, or bytes; None for more bytes than are kept, whose number is ``size``.
    """

    time: float
    sender: str
    to: str | None
    data: Any
    size: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A trait that changed: of a participant, or of who records when ``participant`` is None."""

    time: float
    participant: str | None
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Clip:
    """A media file as it goes into a page: ``medium`` describes ``data``, which may be smaller than the original.

    ``poster`` is a JPEG of what it shows at its beginning, None where there are no pictures.
    """

    medium: Medium
    data: bytes
    poster: bytes | None
