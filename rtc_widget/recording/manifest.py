"""``manifest.json``: what was recorded, who was there, and which media there are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import InvalidArgumentError
from ..trace.io.values import moment, parse
from .contents import FORMAT, VERSION, Chapter, Ended, Medium, Person, Span

NAME = "manifest.json"
# The last second of the year 9999.
_LATEST: Final = 253_402_300_799.0
# A month. The work of an export grows with the length that the manifest claims.
_LONGEST: Final = 31 * 86_400.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of ``manifest.json``; the attributes are those of `Recording`."""

    room: str
    began: float
    seconds: float
    private: bool
    ended: Ended
    participants: tuple[Person, ...] = ()
    media: tuple[Medium, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    problems: tuple[str, ...] = field(default=())

    def text(self) -> str:
        """Serialize the manifest.

        Returns
        -------
        str
            JSON, in ASCII.
        """
        value = {
            "format": FORMAT,
            "version": VERSION,
            "room": self.room,
            "began": self.began,
            "seconds": self.seconds,
            "private": self.private,
            "ended": {"reason": self.ended.reason, "message": self.ended.message},
            "participants": [_person(person) for person in self.participants],
            "media": [_medium(medium) for medium in self.media],
            "chapters": [_chapter(chapter) for chapter in self.chapters],
            "problems": list(self.problems),
        }
        # ASCII only, as in `json_lines.line`.
        return json.dumps(value, indent=1, allow_nan=False) + "\n"

    @classmethod
    def of(cls, text: bytes, where: str) -> Manifest:
        """Parse a manifest.

        Parameters
        ----------
        text : bytes
            The JSON.
        where : str
            Where it is from, for error messages.

        Returns
        -------
        Manifest
            The manifest.

        Raises
        ------
        InvalidArgumentError
            ``bad_recording`` for JSON that is damaged, of another format or of a newer version.
        """
        value = check(text, where)
        try:
            return cls(
                room=str(value["room"]),
                began=began_of(value),
                seconds=_length_of(value),
                private=value.get("private") is not False,
                ended=ended_of(value["ended"]),
                participants=tuple(_person_of(each) for each in value["participants"]),
                media=tuple(_medium_of(each) for each in value["media"]),
                chapters=tuple(chapter_of(each) for each in value["chapters"]),
                problems=tuple(str(each) for each in value.get("problems", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            what = f"has no {error}" if isinstance(error, KeyError) else "has an invalid value"
            msg = f"{where} is damaged: its {NAME} {what}."
            raise InvalidArgumentError("bad_recording", msg) from None


def check(text: bytes, where: str) -> dict[str, Any]:
    """Check that a manifest is that of a recording which this version can read.

    Parameters
    ----------
    text : bytes
        The JSON.
    where : str
        Where it is from, for error messages.

    Returns
    -------
    dict
        Its fields, which may still have wrong values.

    Raises
    ------
    InvalidArgumentError
        ``bad_recording``.
    """
    try:
        value = parse(text)
    except ValueError:
        value = None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        msg = f"{where} is not a recording: its manifest.json is damaged, or from another program."
        raise InvalidArgumentError("bad_recording", msg)
    version = value.get("version")
    if not isinstance(version, int) or version > VERSION:
        msg = (
            f"{where} has format version {version}; this rtc_widget reads versions up to {VERSION}. "
            "Update it: pip install --upgrade rtc-widget."
        )
        raise InvalidArgumentError("bad_recording", msg)
    return value


def began_of(value: dict[str, Any]) -> float:
    """Read when a recording began, limited to times that a date can express.

    Parameters
    ----------
    value : dict
        The manifest's fields.

    Returns
    -------
    float
        Seconds since the epoch.
    """
    return min(max(0.0, moment(value["began"])), _LATEST)


def _length_of(value: dict[str, Any]) -> float:
    seconds = moment(value["seconds"])
    if not 0 <= seconds <= _LONGEST:
        raise ValueError("seconds")
    return seconds


def ended_of(value: dict[str, Any]) -> Ended:
    """Read how a recording ended.

    Parameters
    ----------
    value : dict
        The manifest's field ``ended``.

    Returns
    -------
    Ended
        The reason and message.
    """
    return Ended(str(value["reason"]), str(value["message"]))


def chapter_of(value: dict[str, Any]) -> Chapter:
    """Read a chapter, from the manifest or from a line of ``chapters.jsonl``.

    Parameters
    ----------
    value : dict
        The chapter's fields.

    Returns
    -------
    Chapter
        The chapter.
    """
    return Chapter(moment(value["time"]), str(value["title"]), str(value.get("kind", "mark")))


def _chapter(chapter: Chapter) -> dict[str, Any]:
    return {"time": chapter.time, "title": chapter.title, "kind": chapter.kind}


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "kind": person.kind,
        "here": [list(span) for span in person.here],
        "declined": person.declined,
    }


def _person_of(value: dict[str, Any]) -> Person:
    return Person(
        id=str(value["id"]),
        name=str(value["name"]),
        kind=str(value["kind"]),
        here=tuple((moment(start), None if end is None else moment(end)) for start, end in value["here"]),
        declined=value.get("declined") is True,
    )


def _medium(medium: Medium) -> dict[str, Any]:
    video = {"codec": medium.video, "width": medium.width, "height": medium.height}
    return {
        "file": medium.file,
        "participant": medium.participant,
        "track": medium.track,
        "begins": medium.begins,
        "seconds": medium.seconds,
        "mime": medium.mime,
        "bytes": medium.size,
        "sha256": medium.sha256,
        "video": video if medium.video is not None else None,
        "audio": {"codec": medium.audio} if medium.audio is not None else None,
        "shown": [list(span) for span in medium.shown],
        "heard": [list(span) for span in medium.heard],
    }


def _medium_of(value: dict[str, Any]) -> Medium:
    video, audio = value.get("video"), value.get("audio")
    return Medium(
        file=str(value["file"]),
        participant=str(value["participant"]),
        track=str(value["track"]),
        begins=moment(value["begins"]),
        seconds=moment(value["seconds"]),
        mime=str(value["mime"]),
        size=int(value["bytes"]),
        sha256=str(value["sha256"]),
        video=str(video["codec"]) if video else None,
        width=int(video["width"]) if video else 0,
        height=int(video["height"]) if video else 0,
        audio=str(audio["codec"]) if audio else None,
        shown=_spans(value.get("shown", ())),
        heard=_spans(value.get("heard", ())),
    )


def _spans(value: Any) -> tuple[Span, ...]:
    return tuple((moment(start), moment(end)) for start, end in value)
