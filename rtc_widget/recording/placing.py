"""Where each segment belongs on the recording's clock."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from . import lines
from .contents import Person
from .manifest import Manifest
from .people import Masks
from .segments import Segment

_TRACKS: Final = ("camera", "screen")
_ID: Final = re.compile(r"[\w-]{1,128}")
# A clock that says that somebody was recorded so long before or after all the rest is wrong.
_FAR: Final = 60.0


def segments_of(
    part: Path,
    head: Manifest,
    offsets: dict[str, float],
    people: tuple[Person, ...],
    masks: Masks,
    problems: list[str],
) -> dict[tuple[str, str], list[Segment]]:
    """Return the segments of each participant and track, in their order and on the recording's clock."""
    told: dict[tuple[str, str], dict[int, tuple[float, dict[str, Any]]]] = {}
    for line in lines.read_file(part / "segments.jsonl", problems):
        participant, track = str(line.get("participant")), line.get("track")
        at, number = line.get("at"), line.get("number")
        if participant in masks.declined:
            continue
        if (
            not _ID.fullmatch(participant)
            or track not in _TRACKS
            or not isinstance(number, int)
            or not isinstance(at, int | float)
        ):
            problems.append("segments.jsonl has a line that is no segment.")
            continue
        begins = (at + offsets.get(participant, 0.0)) / 1000 - head.began
        told.setdefault((participant, str(track)), {}).setdefault(number, (begins, line))
    here = {person.id: person.here[0][0] for person in people}
    shifts = _shifts(told, head.seconds, here)
    for participant in shifts:
        name = next((person.name for person in people if person.id == participant), participant)
        problems.append(
            f"The clock of {name} is far from the relay's: when its media are may be seconds off."
        )
    return {
        key: [
            Segment(
                path=part / "media" / Path(str(line.get("file"))).name,
                begins=max(0.0, begins + shifts.get(key[0], 0.0)),
                has_video=line.get("video") is not False,
                has_audio=line.get("audio") is not False,
            )
            for _, (begins, line) in sorted(numbered.items())
        ]
        for key, numbered in told.items()
    }


def _shifts(
    told: dict[tuple[str, str], dict[int, tuple[float, Any]]], seconds: float, here: dict[str, float]
) -> dict[str, float]:
    """Return by how much to move those whose clock cannot be right: they begin when they came."""
    first: dict[str, float] = {}
    for (participant, _), numbered in told.items():
        begins = min(begins for begins, _ in numbered.values())
        first[participant] = min(begins, first.get(participant, begins))
    return {
        participant: here.get(participant, 0.0) - begins
        for participant, begins in first.items()
        if not -_FAR <= begins <= seconds + _FAR
    }
