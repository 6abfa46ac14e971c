"""Makes the file of a recording from its staging folder."""

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
from ...runtime.files import PRIVATE_FILE, replacing
from ...runtime.paths import reason_of
from ...trace.io.jsonl import dump
from ...trace.io.values import moment
from .. import json_lines, manifest
from ..contents import PART, Chapter, Ended, Medium, Person
from ..manifest import Manifest
from .chapters import chapters_of
from .event_log import plausible, restore_log
from .join import Joined, join
from .people import Masks, people_of
from .placement import FAR, length_of, segments_of
from .segments import Segment

_KILLED: Final = Ended("kernel", "It was never stopped: the kernel died, or the recording is still running.")
_STORED: Final = (".json", ".webm", ".mp4")
# Errors of the disk rather than of the data: the folder is kept for another attempt.
_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE)


def finish(part: Path, ended: Ended | None = None) -> Path:
    """Make the file of a recording, and remove the staging folder.

    Parameters
    ----------
    part : Path
        The staging folder, ``<name>.rtcw.zip.part``.
    ended : Ended, optional
        How the recording ended; what the folder says when left out.

    Returns
    -------
    Path
        ``<name>.rtcw.zip``, next to the folder; an existing file is replaced.

    Raises
    ------
    RtcWidgetError
        ``recording_failed``: the folder is unchanged.
    InvalidArgumentError
        ``bad_recording`` when the folder is not one of a recording.
    """
    path = part.with_name(part.name.removesuffix(PART))
    try:
        make(part, path, ended)
        _sync(path.parent)
    except RtcWidgetError:
        raise
    # Whatever goes wrong, what was recorded must not be lost.
    except Exception as error:
        msg = (
            f"Cannot write {str(path)!r}: {reason_of(error)}. What was recorded is kept in the folder {part.name!r}: "
            f"open it with Recording.open({str(part)!r})."
        )
        raise RtcWidgetError("recording_failed", msg) from None
    shutil.rmtree(part, ignore_errors=True)
    return path


def make(part: Path, path: Path, ended: Ended | None = None) -> None:
    """Write the file of a folder to a path, for its owner alone, and leave the folder unchanged.

    Parameters
    ----------
    part : Path
        The staging folder.
    path : Path
        The file to write; an existing one is only replaced once everything is written.
    ended : Ended, optional
        How the recording ended; what the folder says when left out.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as name:
        work = Path(name)
        _write_members(part, work, ended)
        with replacing(path, PRIVATE_FILE) as file:
            with zipfile.ZipFile(file, "w") as archive:
                for member in _members(work):
                    compression = zipfile.ZIP_STORED if member.suffix in _STORED else zipfile.ZIP_DEFLATED
                    archive.write(member, member.relative_to(work).as_posix(), compress_type=compression)
            file.flush()
            os.fsync(file.fileno())


def _members(work: Path) -> Iterator[Path]:
    """Yield the files, the manifest first: what breaks off is of use as long as it is there."""
    yield work / manifest.NAME
    yield from sorted(work.glob("*.jsonl"))
    yield from sorted(work.glob("*/*"))


def _sync(folder: Path) -> None:
    # Not every system can open a folder; without the sync the file is there, but not yet durable.
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _write_members(part: Path, work: Path, ended: Ended | None) -> None:
    """Make the recording's members in a folder."""
    problems: list[str] = []
    head = _staging_manifest(part, ended)
    log, announced = restore_log(part, head.room, problems)
    declined = [
        str(line.get("participant")) for line in json_lines.read_file(part / "declined.jsonl", problems)
    ]
    trace_with_names = plausible(log.trace(as_then=True), problems)
    masks = Masks(trace_with_names, declined)
    problems[:0] = map(masks.text, head.problems)
    trace = masks.trace(trace_with_names)
    dump(trace, work / "trace.jsonl")
    dump(masks.trace(plausible(log.stats(), problems)), work / "stats.jsonl")
    for name in ("messages.jsonl", "traits.jsonl"):
        _copy_lines(part / name, work / name, masks, problems)

    (work / "media").mkdir()
    people = people_of(trace, head.began, head.seconds, masks.declined)
    length = length_of(head, trace)
    segments = segments_of(part, head, length, log.offsets, people, masks, problems)
    problems += announced.problems(head.began + length, people, {participant for participant, _ in segments})
    media = []
    for (participant, track), theirs in segments.items():
        stem = participant if track == "camera" else f"{participant}-{track}"
        try:
            joined = join(theirs, work / "media" / stem, problems, length + FAR)
        # Broken media of one participant must not cost those of the others.
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _DISK:
                raise
            problems.append(
                f"The segments of {stem} cannot be joined: {_keep_segments(theirs, work / 'segments', head.private)}"
            )
            for incomplete in (work / "media").glob(f"{stem}.*"):
                incomplete.unlink()
            continue
        if joined is not None:
            media.append(_medium(joined, participant, track))

    seconds = max([head.seconds, *(medium.begins + medium.seconds for medium in media)])
    known = {person.id for person in people}
    unknown = dict.fromkeys(medium.participant for medium in media if medium.participant not in known)
    others = (Person(key, trace.name_of(key), "", ((0.0, None),)) for key in unknown)
    finished = replace(
        head,
        seconds=round(seconds, 3),
        participants=(*people, *others),
        media=tuple(media),
        chapters=chapters_of(trace, head.began, seconds, _marks(part, masks, problems)),
        problems=tuple(dict.fromkeys(problems)),
    )
    (work / manifest.NAME).write_text(finished.text(), encoding="utf-8")


def _keep_segments(segments: list[Segment], folder: Path, private: bool) -> str:
    """Keep segments as they are, and say so."""
    if private:
        # Programs and devices may write names and locations into a file's header.
        return "they are left out, because they may hold private data. Record with private=False to keep such segments."
    folder.mkdir(exist_ok=True)
    for segment in segments:
        if segment.path.is_file():
            shutil.copyfile(segment.path, folder / segment.path.name)
    return "they are kept unchanged in segments/."


def _staging_manifest(part: Path, ended: Ended | None) -> Manifest:
    """Return what the folder's own manifest says."""
    try:
        text = (part / manifest.NAME).read_bytes()
    except FileNotFoundError:
        msg = f"{str(part)!r} is not a recording: it has no {manifest.NAME}."
        raise InvalidArgumentError("bad_recording", msg) from None
    value = manifest.check(text, str(part))
    try:
        recorded_end = manifest.ended_of(value["ended"]) if value.get("ended") else _KILLED
        return Manifest(
            room=str(value["room"]),
            began=manifest.began_of(value),
            seconds=moment(value.get("seconds", 0.0)),
            private=value.get("private") is not False,
            ended=ended or recorded_end,
            problems=tuple(str(each) for each in value.get("problems", ())),
        )
    except (KeyError, TypeError, ValueError):
        msg = f"{str(part)!r} is damaged: its {manifest.NAME} lacks the room or the time of the recording."
        raise InvalidArgumentError("bad_recording", msg) from None


def _marks(part: Path, masks: Masks, problems: list[str]) -> Iterator[Chapter]:
    for mark in json_lines.read_file(part / "chapters.jsonl", problems, manifest.chapter_of):
        yield replace(mark, title=masks.text(mark.title))


def _copy_lines(source: Path, target: Path, masks: Masks, problems: list[str]) -> None:
    def masked(line: dict[str, Any]) -> str:
        # Ids of messages; traits of participants who declined are kept, under the made-up name.
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
        shown=joined.video_spans,
        heard=joined.audio_spans,
    )
