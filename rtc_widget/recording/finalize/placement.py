"""Places each segment on the recording's clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...trace.io.values import moment
from ...trace.trace import Trace
from .. import json_lines
from ..contents import Person
from ..manifest import Manifest
from .people import Masks
from .segments import Segment

FAR: Final = 60.0
"""Seconds before or after the recording from which on a participant's clock counts as wrong."""

_TRACKS: Final = ("camera", "screen")
_ID: Final = re.compile(r"[\w-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _SegmentRecord:
    """A line of ``segments.jsonl``, with its beginning on the recording's clock."""

    participant: str
    track: str
    number: int
    begins: float
    name: str
    has_video: bool
    has_audio: bool

    @classmethod
    def of(cls, line: dict[str, Any], head: Manifest, offsets: dict[str, float]) -> _SegmentRecord:
        participant, track, number = line["participant"], line["track"], line["number"]
        if not _ID.fullmatch(participant) or track not in _TRACKS or not isinstance(number, int):
            raise ValueError("no segment")
        return cls(
            participant,
            track,
            number,
            moment((moment(line["at"]) + offsets.get(participant, 0.0)) / 1000) - head.began,
            Path(line["file"]).name,
            line.get("video") is not False,
            line.get("audio") is not False,
        )


def length_of(head: Manifest, trace: Trace) -> float:
    """Return the length of a recording, by the clocks of the recorder and the relay alone.

    Parameters
    ----------
    head : Manifest
        The staging folder's manifest.
    trace : Trace
        What happened.

    Returns
    -------
    float
        Seconds.
    """
    times = (event.time - head.began for event in trace if event.type in ("join", "leave"))
    # One that is far later than the recorder's own clock, which never steps, is of a relay whose clock was set meanwhile.
    return max([head.seconds, *(time for time in times if time <= head.seconds + FAR)])


def segments_of(
    part: Path,
    head: Manifest,
    length: float,
    offsets: dict[str, float],
    people: tuple[Person, ...],
    masks: Masks,
    problems: list[str],
) -> dict[tuple[str, str], list[Segment]]:
    """Return the segments of each participant and track, on the recording's clock.

    Parameters
    ----------
    part : Path
        The staging folder.
    head : Manifest
        Its manifest.
    length : float
        The recording's length, seconds.
    offsets : dict
        By participant, how far the relay's clock is ahead of theirs, ms.
    people : tuple of Person
        The participants.
    masks : Masks
        Knows who declined; their segments are left out.
    problems : list of str
        Receives a sentence for clocks and times that cannot be right.

    Returns
    -------
    dict
        Segments in order, by participant and track.
    """
    records: dict[tuple[str, str], dict[int, _SegmentRecord]] = {}
    path = part / "segments.jsonl"
    for one in json_lines.read_file(path, problems, lambda line: _SegmentRecord.of(line, head, offsets)):
        if one.participant not in masks.declined:
            records.setdefault((one.participant, one.track), {}).setdefault(one.number, one)
    here = {person.id: person.here[0][0] for person in people}
    shifts = _shifts(records, length, here)
    for participant in shifts:
        name = next((person.name for person in people if person.id == participant), participant)
        problems.append(
            f"The clock of {name} differs widely from the relay's: the times of its media may be off by seconds."
        )
    return {
        key: [
            *_placed(
                part, (one for _, one in sorted(numbered.items())), shifts.get(key[0], 0.0), length, problems
            )
        ]
        for key, numbered in records.items()
    }


def _placed(
    part: Path, records: Iterable[_SegmentRecord], shift: float, length: float, problems: list[str]
) -> Iterator[Segment]:
    """Yield segments; one whose time cannot be follows the one before it."""
    last = 0.0
    for one in records:
        begins = one.begins + shift
        follows = not -FAR <= begins <= length + FAR
        if follows:
            problems.append(f"{one.name} has an impossible time: it was moved behind the previous segment.")
        last = last if follows else max(0.0, begins)
        yield Segment(part / "media" / one.name, last, one.has_video, one.has_audio, follows)


def _shifts(
    records: dict[tuple[str, str], dict[int, _SegmentRecord]], length: float, here: dict[str, float]
) -> dict[str, float]:
    """Return by how much to move those whose clock cannot be right: they begin when they came."""
    first: dict[str, float] = {}
    for (participant, _), numbered in records.items():
        begins = numbered[min(numbered)].begins
        first[participant] = min(begins, first.get(participant, begins))
    return {
        participant: here.get(participant, 0.0) - begins
        for participant, begins in first.items()
        if not -FAR <= begins <= length + FAR
    }
