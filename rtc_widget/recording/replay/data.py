"""The data that a replay's page contains: the Python side of ``js/src/replay/recording.ts``."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ...trace.captions import captions_of, webvtt
from ...trace.diagram.parts import MACHINES
from ...trace.events import Event, word

if TYPE_CHECKING:
    from ..contents import Change, Chapter, Clip, Said
    from ..recording import Recording

    _Timed = TypeVar("_Timed", Chapter, Said)

Redact = Callable[[str], str]

# Longer messages are cut: nobody reads them beside a call.
_MAX_TEXT: Final = 2000
_MACHINES: Final = {machine: index for index, machine in enumerate(MACHINES)}
_MEDIA: Final = ("audio", "video", "screen")


def data_of(
    recording: Recording,
    clips: Sequence[Clip],
    notes: Iterable[str],
    redact: Redact,
    *,
    posters: bool,
    chat: bool,
    stats: bool,
    captions: bool,
) -> dict[str, Any]:
    """Collect the data for a page.

    Parameters
    ----------
    recording : Recording
        The recording.
    clips : sequence of Clip
        Its media, as embedded in the page.
    notes : iterable of str
        Sentences about what the page lacks.
    redact : Redact
        Applied to all texts that came from participants.
    posters : bool
        Whether to include posters.
    chat : bool
        Whether to include data channel messages.
    stats : bool
        Whether to include measurements.
    captions : bool
        Whether to include captions.

    Returns
    -------
    dict
        A JSON value, except for infinite numbers.
    """
    began, trace, ended = recording.began, recording.trace, recording.ended
    events = [*trace]
    return {
        "room": redact(recording.room),
        "began": round(began * 1000),
        "seconds": round(recording.seconds, 3),
        "ended": None if ended.reason == "stopped" else redact(ended.message),
        "notes": [note for note in notes if note],
        "problems": [redact(problem) for problem in recording.problems],
        "people": [
            {
                "id": person.id,
                "name": redact(person.name),
                "kind": person.kind,
                "here": person.here,
                "declined": person.declined,
            }
            for person in recording.participants
        ],
        "clips": [_clip(clip, posters=posters) for clip in clips],
        "chapters": [
            {"time": chapter.time, "title": redact(chapter.title), "kind": chapter.kind}
            for chapter in _in_order(recording.chapters)
        ],
        "said": [_message(message, redact) for message in _in_order(recording.messages)] if chat else [],
        "media": [*_initial_media(recording.traits), *_media(events, began)],
        "away": [
            (_time(event, began), event.participant, event.type == "away")
            for event in events
            if event.type in ("away", "back")
        ],
        "states": [*_states(events, began, redact)],
        "stats": [*_stats(recording.stats, began)] if stats else [],
        "diagram": round(events[0].time - began, 4) if events else 0,
        "captions": webvtt(captions_of(trace, began, recording.seconds)) if captions else "",
    }


def script_of(data: object) -> str:
    """Serialize data as JSON that may stand in a ``<script>``: nothing in it ends the script or begins a comment.

    Parameters
    ----------
    data : object
        The data; infinity and NaN become null.

    Returns
    -------
    str
        JSON in ASCII.
    """
    # ASCII only, which also takes care of the two line ends that JSON knows and old JavaScript does not.
    text = json.dumps(_finite(data), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _finite(value: Any) -> Any:
    """Return what JSON can say of a value: Python reads infinity from files, for which browsers have no number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def data_url(mime: str, content: bytes) -> str:
    """Make a ``data:`` URL.

    Parameters
    ----------
    mime : str
        The MIME type.
    content : bytes
        The bytes.

    Returns
    -------
    str
        The URL, in base64 (RFC 2397).
    """
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def _in_order(timed: Iterable[_Timed]) -> list[_Timed]:
    return sorted(timed, key=lambda each: each.time)


def _time(event: Event, began: float) -> float:
    return round(event.time - began, 3)


def _clip(clip: Clip, *, posters: bool) -> dict[str, Any]:
    medium = clip.medium
    return {
        "person": medium.participant,
        "track": medium.track,
        "begins": medium.begins,
        "seconds": medium.seconds,
        "mime": medium.mime,
        "shown": medium.shown,
        "heard": medium.heard,
        "poster": data_url("image/jpeg", clip.poster) if posters and clip.poster else None,
    }


def _message(message: Said, redact: Redact) -> dict[str, Any]:
    return {"time": message.time, "from": message.sender, "to": message.to, "text": _text(message, redact)}


def _text(message: Said, redact: Redact) -> str:
    data = message.data
    if data is None or isinstance(data, bytes):
        return f"{message.size if data is None else len(data)} bytes"
    text = redact(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False))
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}… ({len(text)} characters)"


def _initial_media(traits: Iterable[Change]) -> Iterator[tuple[Any, ...]]:
    """Yield what was on when each came, or when the recording began: the trace tells changes only."""
    first: dict[str, dict[str, bool]] = {}
    for change in traits:
        if change.participant is not None and change.name in _MEDIA:
            first.setdefault(change.participant, {}).setdefault(change.name, bool(change.value))
    for participant, on in first.items():
        if len(on) == len(_MEDIA):
            yield 0.0, participant, *(on[key] for key in _MEDIA)


def _media(events: Iterable[Event], began: float) -> Iterator[tuple[Any, ...]]:
    for event in events:
        if event.type == "media":
            yield _time(event, began), event.participant, *(bool(event.data.get(key)) for key in _MEDIA)


def _states(events: Iterable[Event], began: float, redact: Redact) -> Iterator[tuple[Any, ...]]:
    for event in events:
        if event.type != "state" or event.peer is None:
            continue
        machine = _MACHINES.get(word(event.data.get("name")))
        if machine is not None:
            value = redact(word(event.data.get("value")))
            yield _time(event, began), event.participant, event.peer, machine, value


def _stats(events: Iterable[Event], began: float) -> Iterator[tuple[Any, ...]]:
    for event in events:
        if event.type == "stats" and event.peer is not None:
            values = (event.data.get(key) for key in ("fps", "bitrate", "rtt"))
            yield (
                _time(event, began),
                event.participant,
                event.peer,
                *(number if isinstance(number, int | float) else None for number in values),
            )
