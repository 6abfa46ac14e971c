"""The contents of a recording, of its file or of an unfinished recording's folder."""

from __future__ import annotations

import contextlib
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from ...errors import InvalidArgumentError, RtcWidgetError
from ...runtime.paths import check_path, check_target, reason_of
from ...trace.stats import Stats
from ...trace.trace import Trace
from ..arguments import check_installed, existing_path
from ..contents import PART, SUFFIX, Change, Chapter, Ended, Medium, Person, Said
from ..manifest import Manifest
from . import archive
from .members import Members


@contextlib.contextmanager
def readable(what: str) -> Iterator[None]:
    """Convert errors of reading a damaged or missing file into one with a message.

    Parameters
    ----------
    what : str
        The file's name, for the message.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    InvalidArgumentError
        ``bad_recording``.
    """
    try:
        yield
    except RtcWidgetError:
        raise
    except archive.BROKEN as error:
        msg = f"Cannot read {what!r}: {reason_of(error)}."
        raise InvalidArgumentError("bad_recording", msg) from None


class RecordingFile:
    """A recording's file, or the folder of an unfinished one, and its contents.

    Parameters
    ----------
    path : str or path-like
        The file. It is only read when something is needed of it.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what cannot be a path.
    """

    _scratch: tempfile.TemporaryDirectory[str] | None = None
    _members: Members | None = None

    def __init__(self, path: str | PathLike[str]) -> None:
        # The working directory may change.
        self.path = check_path("A recording's path", path)

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Open a recording.

        Parameters
        ----------
        path : str or path-like
            "lesson3" or "lesson3.rtcw.zip". When there is no such file, but the folder of an unfinished recording
            of that name, the folder is opened.

        Returns
        -------
        RecordingFile
            The recording.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for what cannot be a path; ``bad_recording`` when there is no recording, or one of a
            newer version.
        RtcWidgetError
            ``recording_failed`` when a folder cannot be converted, for example because the disk is full.
        """
        recording = cls(existing_path(path))
        _ = recording._manifest
        return recording

    def close(self) -> None:
        """Remove temporary files. Contents that are used afterwards are read again."""
        self._members = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    # -- what it consists of

    def _contents(self) -> Members:
        """Return what was read, or read it: the one place where the file is opened."""
        if self._members is None:
            self._members = self._load()
        return self._members

    @property
    def _location(self) -> Path:
        """Where it is: the folder, as long as no file has been made of it."""
        part = self.path.with_name(self.path.name + PART)
        return part if part.is_dir() and not self.path.exists() else self.path

    def _load(self) -> Members:
        location = self._location
        if location.is_dir():
            check_installed("Opening an unfinished recording")
            return Members(self._finish_folder(location))
        with readable(str(self.path)):
            try:
                archive.check(location)
            except zipfile.BadZipFile:
                target = self._temporary()
                archive.recover(self.path, target)
                return Members(target, broken=True)
            return Members(self.path)

    def _finish_folder(self, part: Path) -> Path:
        """Make a file of a folder, which stays as it is."""
        from ..finalize.finalize import make

        try:
            target = self._temporary()
            make(part, target)
        except RtcWidgetError:
            raise
        except Exception as error:
            msg = f"Cannot make a recording of {str(part)!r}: {reason_of(error)}. The folder is unchanged."
            raise RtcWidgetError("recording_failed", msg) from None
        return target

    def _temporary(self) -> Path:
        self._scratch = tempfile.TemporaryDirectory(prefix="rtc_widget-", ignore_cleanup_errors=True)
        return Path(self._scratch.name) / f"recording{SUFFIX}"

    @property
    def _manifest(self) -> Manifest:
        return self._contents().manifest

    @property
    def room(self) -> str:
        """The room's name."""
        return self._manifest.room

    @property
    def began(self) -> float:
        """When the recording began, seconds since the epoch."""
        return self._manifest.began

    @property
    def seconds(self) -> float:
        """The length, seconds."""
        return self._manifest.seconds

    @property
    def private(self) -> bool:
        """Whether addresses, passwords, fingerprints and stream ids are placeholders."""
        return self._manifest.private

    @property
    def size(self) -> int:
        """The size, bytes."""
        location = self._location
        total = 0
        for file in location.rglob("*") if location.is_dir() else (location,):
            # A recorder may be replacing it at this moment, or somebody may have moved it.
            with contextlib.suppress(OSError):
                total += 0 if file.is_dir() else file.stat().st_size
        return total

    @property
    def ended(self) -> Ended:
        """How the recording ended."""
        return self._contents().ended

    @property
    def participants(self) -> tuple[Person, ...]:
        """The participants, in order of arrival."""
        return self._manifest.participants

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters, in order."""
        return self._manifest.chapters

    @property
    def media(self) -> tuple[Medium, ...]:
        """The media files that exist and are intact."""
        return self._contents().media

    @property
    def trace(self) -> Trace:
        """The trace of the call, as of `RoomWidget.trace`."""
        return self._contents().trace

    @property
    def stats(self) -> Stats:
        """The measurements of the call, as of `RoomWidget.stats`."""
        return self._contents().stats

    @property
    def messages(self) -> tuple[Said, ...]:
        """The data channel messages."""
        return self._contents().messages

    @property
    def traits(self) -> tuple[Change, ...]:
        """The changes of Python's traits, in order."""
        return self._contents().traits

    @property
    def problems(self) -> tuple[str, ...]:
        """What is missing or damaged, a sentence each; everything else can be used."""
        part = self.path.with_name(self.path.name + PART)
        problems = self._contents().problems()
        if self._location == part or not part.is_dir():
            return problems
        unfinished = (
            f"There is also the folder of an unfinished recording of the same name: "
            f"open it with Recording.open({str(part)!r})."
        )
        return (unfinished, *problems)

    def person(self, name: str | object) -> Person:
        """Find a participant by name or id.

        Parameters
        ----------
        name : str or object
            Name or id, or an object with an ``id``. Of several participants with one name, the last.

        Returns
        -------
        Person
            The participant.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, with the names of all participants.
        """
        return self._people(name)[-1]

    def _people(self, name: str | object) -> list[Person]:
        """Return who has this id; else everybody of this name, such as who left and came back."""
        key = str(getattr(name, "id", name))
        found = [person for person in self.participants if person.id == key]
        if not found and isinstance(name, str):
            found = [person for person in self.participants if person.name == key]
        if found:
            return found
        names = ", ".join(dict.fromkeys(repr(person.name) for person in self.participants)) or "nobody"
        raise InvalidArgumentError(
            "unknown_participant", f"{key!r} is not in this recording. Participants: {names}."
        )

    def _target(self, what: str, path: str | PathLike[str], *suffixes: str) -> Path:
        """Check a path that something made of this is to be written to: what it is made of must stay."""
        target = check_target(what, path, *suffixes)
        location = self._location
        if location.is_dir() and location.resolve() in target.resolve().parents:
            msg = f"{str(target)!r} is in the folder of the recording itself: choose another."
            raise InvalidArgumentError("bad_argument", msg)
        return target

    def _verify_media(self) -> None:
        with readable(str(self.path)):
            self._contents().verify_media()

    def _open_medium(self, medium: Medium) -> IO[bytes]:
        """Open a media file; it is the caller's to close."""
        with readable(str(self.path)):
            return self._contents().open_medium(medium)

    def _refuse_unusable(self, people: Sequence[Person], track: str, t: float | None = None) -> None:
        """Say it when something was recorded of somebody, and cannot be read; ``t`` is the time that is asked for."""
        ids = {person.id for person in people}
        for medium, problem in self._contents().unusable:
            asked = t is None or medium.begins <= t <= medium.begins + medium.seconds
            if asked and medium.track == track and medium.participant in ids:
                raise InvalidArgumentError("bad_recording", problem)

    def _medium(self, participant: str | object, *, screen: bool) -> tuple[Person, Medium]:
        """Return what there is of a participant; of several with one name, of the last of whom there is something."""
        return self._media_of(participant, screen=screen)[-1]

    def _media_of(self, participant: str | object, *, screen: bool) -> list[tuple[Person, Medium]]:
        people = self._people(participant)
        track = "screen" if screen else "camera"
        found = [
            (person, medium)
            for person in people
            for medium in self.media
            if (medium.participant, medium.track) == (person.id, track)
        ]
        if found:
            return found
        self._refuse_unusable(people, track)
        person = people[-1]
        what = "no shared screen" if screen else "neither video nor audio"
        why = " They declined to be recorded." if person.declined else ""
        msg = f"There is {what} of {person.name} in this recording.{why}"
        raise InvalidArgumentError("bad_argument", msg)
