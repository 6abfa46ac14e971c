"""Makes the file of the folder in which a recording is while it is being made."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ...errors import InvalidArgumentError, RtcWidgetError
from ...trace.io.jsonl import dump
from ...trace.io.values import moment
from .. import json_lines, manifest
from ..arguments import reason_of
from ..contents import PART, Chapter, Ended, Medium, Person
from ..manifest import Manifest
from .chapters import chapters_of
from .event_log import believable, replay
from .join import Joined, join
from .people import Masks, people_of
from .placement import FAR, length_of, segments_of
from .segments import Segment

_KILLED: Final = Ended("kernel", "It was not stopped: the kernel ended, or it is still being recorded.")
_STORED: Final = (".json", ".webm", ".mp4")
# Of the disk, not of what was recorded: the folder is kept for another attempt.
_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE)


def finish(part: Path, ended: Ended | None = None) -> Path:
    """Make the file of a recording, and remove the folder.

    Parameters
    ----------
    part : Path
        The folder, ``<name>.rtcw.zip.part``.
    ended : Ended, optional
        How the recording ended; what the folder says of it when left out.

    Returns
    -------
    Path
        ``<name>.rtcw.zip``, beside the folder; what was there is replaced.

    Raises
    ------
    RtcWidgetError
        ``recording_failed``: the folder is as it was.
    InvalidArgumentError
        ``bad_recording``.
    """
    path = part.with_name(part.name.removesuffix(PART))
    beside = path.with_name(f".{path.name}.new")
    try:
        make(part, beside, ended)
        beside.replace(path)
        _sync(path.parent)
    except RtcWidgetError:
        raise
    # Whatever it is, what was recorded is not lost.
    except Exception as error:
        msg = (
            f"{str(path)!r} cannot be written: {reason_of(error)}. What was recorded is in the folder {part.name!r}, "
            f"which Recording.open({str(part)!r}) opens."
        )
        raise RtcWidgetError("recording_failed", msg) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    shutil.rmtree(part, ignore_errors=True)
    return path


def make(part: Path, path: Path, ended: Ended | None = None) -> None:
    """Write the file of a folder to a path, and leave the folder alone."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as name:
        work = Path(name)
        _lay_out(part, work, ended)
        with path.open("wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for member in _members(work):
                    how = zipfile.ZIP_STORED if member.suffix in _STORED else zipfile.ZIP_DEFLATED
                    archive.write(member, member.relative_to(work).as_posix(), compress_type=how)
            file.flush()
            os.fsync(file.fileno())


def _members(work: Path) -> Iterator[Path]:
    """Yield the files, the manifest first: what breaks off is of use as long as it is there."""
    yield work / manifest.NAME
    yield from sorted(work.glob("*.jsonl"))
    yield from sorted(work.glob("*/*"))


def _sync(folder: Path) -> None:
    # A folder cannot be opened everywhere; the file is there, if not yet for good.
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _lay_out(part: Path, work: Path, ended: Ended | None) -> None:
    """Make the recording's members in a folder."""
    problems: list[str] = []
    head = _head(part, ended)
    log = replay(part, head.room, problems)
    declined = [
        str(line.get("participant")) for line in json_lines.read_file(part / "declined.jsonl", problems)
    ]
    heard = believable(log.trace(), problems)
    masks = Masks(heard, declined)
    problems[:0] = map(masks.text, head.problems)
    trace = masks.trace(heard)
    dump(trace, work / "trace.jsonl")
    dump(masks.trace(believable(log.stats(), problems)), work / "stats.jsonl")
    for name in ("messages.jsonl", "traits.jsonl"):
        _copy_lines(part / name, work / name, masks, problems)

    (work / "media").mkdir()
    people = people_of(trace, head.began, head.seconds, masks.declined)
    length = length_of(head, trace)
    segments = segments_of(part, head, length, log.offsets, people, masks, problems)
    media = []
    for (participant, track), theirs in segments.items():
        stem = participant if track == "camera" else f"{participant}-{track}"
        try:
            joined = join(theirs, work / "media" / stem, problems, length + FAR)
        # What one participant sent may not cost the others.
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _DISK:
                raise
            problems.append(f"{stem} cannot be joined: {_kept(theirs, work / 'segments', head.private)}")
            for begun in (work / "media").glob(f"{stem}.*"):
                begun.unlink()
            continue
        if joined is not None:
            media.append(_medium(joined, participant, track))

    seconds = max([head.seconds, *(medium.begins + medium.seconds for medium in media)])
    known = {person.id for person in people}
    unknown = dict.fromkeys(medium.participant for medium in media if medium.participant not in known)
    others = (Person(key, trace.name_of(key), "", ((0.0, None),)) for key in unknown)
    made = replace(
        head,
        seconds=round(seconds, 3),
        participants=(*people, *others),
        media=tuple(media),
        chapters=chapters_of(trace, head.began, seconds, _marks(part, masks, problems)),
        problems=tuple(dict.fromkeys(problems)),
    )
    (work / manifest.NAME).write_text(made.text(), encoding="utf-8")


def _kept(segments: list[Segment], folder: Path, private: bool) -> str:
    """Keep segments as they are, and say so."""
    if private:
        # Programs and devices write into a file's head what they like, names and places too.
        return "its segments are left out, because what else they say is not known. Record with private=False to keep such."
    folder.mkdir(exist_ok=True)
    for segment in segments:
        if segment.path.is_file():
            shutil.copyfile(segment.path, folder / segment.path.name)
    return "its segments are in segments/ as they are."


def _head(part: Path, ended: Ended | None) -> Manifest:
    """Return what the folder's own manifest says."""
    try:
        text = (part / manifest.NAME).read_bytes()
    except FileNotFoundError:
        msg = f"{str(part)!r} is no recording: there is no {manifest.NAME} in it."
        raise InvalidArgumentError("bad_recording", msg) from None
    value = manifest.check(text, str(part))
    try:
        said = manifest.ended_of(value["ended"]) if value.get("ended") else _KILLED
        return Manifest(
            room=str(value["room"]),
            began=manifest.began_of(value),
            seconds=moment(value.get("seconds", 0.0)),
            private=value.get("private") is not False,
            ended=ended or said,
            problems=tuple(str(each) for each in value.get("problems", ())),
        )
    except (KeyError, TypeError, ValueError):
        msg = f"{str(part)!r} is damaged: its {manifest.NAME} does not say what was recorded, or when."
        raise InvalidArgumentError("bad_recording", msg) from None


def _marks(part: Path, masks: Masks, problems: list[str]) -> Iterator[Chapter]:
    for mark in json_lines.read_file(part / "chapters.jsonl", problems, manifest.chapter_of):
        yield replace(mark, title=masks.text(mark.title))


def _copy_lines(source: Path, target: Path, masks: Masks, problems: list[str]) -> None:
    def masked(line: dict[str, Any]) -> str:
        # Of messages, ids; traits of who declined are kept, under the made-up name.
        if masks.declined & {str(line.get("from")), str(line.get("to"))}:
            return ""
        kept = {key: masks.value(line[key]) for key in ("data", "value") if key in line}
        return json_lines.line({**line, **kept})

    with target.open("w", encoding="utf-8") as file:
        file.writelines(json_lines.read_file(source, problems, masked))


def _medium(joined: Joined, participant: str, track: str) -> Medium:
    with joined.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Medium(
        file=f"media/{joined.path.name}",
        participant=participant,
        track=track,
        begins=round(joined.begins, 3),
        seconds=round(joined.seconds, 3),
        mime=joined.mime,
        size=joined.path.stat().st_size,
        sha256=digest,
        video=joined.video,
        width=joined.width,
        height=joined.height,
        audio=joined.audio,
        shown=joined.shown,
        heard=joined.heard,
    )
