"""What a recording consists of, wherever it is."""

from __future__ import annotations

import contextlib
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from ...errors import InvalidArgumentError, RtcWidgetError
from ...trace.trace import Trace
from ..arguments import check_installed, place_of, reason_of
from ..contents import PART, SUFFIX, Change, Chapter, Ended, Medium, Person, Said
from ..manifest import Manifest
from . import archive
from .members import Members


@contextlib.contextmanager
def readable(what: str) -> Iterator[None]:
    """Say in words what is wrong when something cannot be read: it is damaged, or gone.

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
        msg = f"{what!r} cannot be read: {reason_of(error)}."
        raise InvalidArgumentError("bad_recording", msg) from None


class Opened:
    """A recording's file, or the folder of one that was not finished, and what it consists of.

    Parameters
    ----------
    path : Path
        Where it is. Nothing is read before it is asked for.
    """

    _scratch: tempfile.TemporaryDirectory[str] | None = None
    _members: Members | None = None

    def __init__(self, path: Path) -> None:
        # The folder that a program is in may change.
        self.path = path.absolute()

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a recording.

        Parameters
        ----------
        path : str or Path
            "lesson3" or "lesson3.rtcw.zip". Where there is no such file, but its folder of a recording that was not
            finished, that is opened.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for what can be no path; ``bad_recording`` for what is not there, is no recording, or is of
            a newer version.
        RtcWidgetError
            ``recording_failed`` when a folder cannot be put together, for example because the disk is full.
        """
        recording = cls(place_of(path))
        _ = recording._manifest
        return recording

    def close(self) -> None:
        """Remove what was made to read it. What is asked for after this is read anew."""
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
            self._members = self._opened()
        return self._members

    @property
    def _place(self) -> Path:
        """Where it is: the folder, as long as no file has been made of it."""
        part = self.path.with_name(self.path.name + PART)
        return part if part.is_dir() and not self.path.exists() else self.path

    def _opened(self) -> Members:
        place = self._place
        if place.is_dir():
            check_installed("Opening a recording that was not finished")
            return Members(self._put_together(place))
        with readable(str(self.path)):
            try:
                archive.check(place)
            except zipfile.BadZipFile:
                made = self._temporary()
                archive.recover(self.path, made)
                return Members(made, broken=True)
            return Members(self.path)

    def _put_together(self, part: Path) -> Path:
        """Make a file of a folder, which stays as it is."""
        from ..finalize.finalize import make

        try:
            made = self._temporary()
            make(part, made)
        except RtcWidgetError:
            raise
        except Exception as error:
            msg = f"{str(part)!r} cannot be put together: {reason_of(error)}. The folder is as it was."
            raise RtcWidgetError("recording_failed", msg) from None
        return made

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
        """When it began, in seconds since the epoch."""
        return self._manifest.began

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self._manifest.seconds

    @property
    def private(self) -> bool:
        """Whether addresses, passwords, fingerprints and ids of streams are placeholders."""
        return self._manifest.private

    @property
    def size(self) -> int:
        """How many bytes it has."""
        place = self._place
        total = 0
        for file in place.rglob("*") if place.is_dir() else (place,):
            # Whoever records may be replacing it, or somebody have moved it away.
            with contextlib.suppress(OSError):
                total += 0 if file.is_dir() else file.stat().st_size
        return total

    @property
    def ended(self) -> Ended:
        """How it ended."""
        return self._contents().ended

    @property
    def participants(self) -> tuple[Person, ...]:
        """Who was there, in the order in which they came."""
        return self._manifest.participants

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """Places to go to, in order."""
        return self._manifest.chapters

    @property
    def media(self) -> tuple[Medium, ...]:
        """The media that are there and whole."""
        return self._contents().media

    @property
    def trace(self) -> Trace:
        """What happened, as `RoomWidget.trace` was."""
        return self._contents().trace

    @property
    def stats(self) -> Trace:
        """What was measured, as `RoomWidget.stats` was."""
        return self._contents().stats

    @property
    def messages(self) -> tuple[Said, ...]:
        """The data channel messages."""
        return self._contents().messages

    @property
    def traits(self) -> tuple[Change, ...]:
        """What Python's traits showed, one change after the other."""
        return self._contents().traits

    @property
    def problems(self) -> tuple[str, ...]:
        """What is missing or damaged, a sentence each; all else can be used."""
        part = self.path.with_name(self.path.name + PART)
        said = self._contents().problems()
        if self._place == part or not part.is_dir():
            return said
        unfinished = (
            f"Beside it is the folder of another recording of that name, which was not finished: "
            f"Recording.open({str(part)!r}) opens it."
        )
        return (unfinished, *said)

    def person(self, name: str | object) -> Person:
        """Return who was there under this name or id.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, with who was.
        """
        key = str(getattr(name, "id", name))
        for person in self.participants:
            if person.id == key:
                return person
        # Who came twice under one name: the last, as in a trace.
        for person in reversed(self.participants):
            if person.name == key:
                return person
        names = ", ".join(dict.fromkeys(repr(person.name) for person in self.participants)) or "nobody"
        raise InvalidArgumentError(
            "unknown_participant", f"{key!r} is not in this recording; in it: {names}."
        )

    def _look_into_media(self) -> None:
        with readable(str(self.path)):
            self._contents().look_into_media()

    def _open_medium(self, medium: Medium) -> IO[bytes]:
        """Open a media file; it is the caller's to close."""
        with readable(str(self.path)):
            return archive.open_stored(self._contents().path, medium.file)

    def _medium(self, participant: str | object, *, screen: bool) -> tuple[Person, Medium]:
        person = self.person(participant)
        track = "screen" if screen else "camera"
        for medium in self.media:
            if (medium.participant, medium.track) == (person.id, track):
                return person, medium
        what = "no shared screen" if screen else "neither picture nor sound"
        why = " They declined." if person.declined else ""
        msg = f"There is {what} of {person.name} in this recording.{why}"
        raise InvalidArgumentError("bad_argument", msg)
