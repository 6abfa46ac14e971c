"""`Recording`: a call that was recorded, to look at, to take apart, and to show."""

from __future__ import annotations

import importlib.util
import math
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final, Self

from ..arguments import check_size
from ..errors import InvalidArgumentError, RtcWidgetError
from ..trace.trace import Trace
from . import archive, lines
from .contents import PART, SUFFIX, Change, Chapter, Ended, Medium, Person, Said, Span
from .manifest import Manifest
from .members import Members

if TYPE_CHECKING:
    from ..peer.frame import Frame
    from .shown import Shown

_MB: Final = 1_000_000
# What a notebook that shows a recording may grow by.
_SHOWN_MB: Final = 10.0
# A picture is there a little before it is to be shown, and until the next.
_NEAR: Final = 0.05


class Recording:
    """A recorded call: who was there, what was seen and heard, and what happened.

    `Recording.open` opens one; the last expression of a cell replays it.

    Parameters
    ----------
    path : Path
        The file, or the folder of a recording that has no end. Nothing is read before it is asked for.

    Attributes
    ----------
    path : Path
        Where it is.

    Examples
    --------
    >>> recording = Recording.open("lesson3")
    >>> recording.frame("Bob", 12.5)
    >>> recording.export("lesson3.mp4")
    """

    _scratch: tempfile.TemporaryDirectory[str] | None = None
    _members: Members | None = None

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: str | Path) -> Recording:
        """Open a recording.

        Parameters
        ----------
        path : str or Path
            "lesson3" or "lesson3.rtcw.zip". Where there is no such file, but its folder of a recording that was not
            finished, that is opened.

        Raises
        ------
        InvalidArgumentError
            ``bad_recording`` for what is not there, is no recording, or is of a newer version.
        """
        recording = cls(_found(path))
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
            from .finish import make

            made = self._temporary()
            make(place, made)
            return Members(made)
        try:
            archive.check(place)
        except zipfile.BadZipFile:
            made = self._temporary()
            archive.recover(self.path, made)
            return Members(made, broken=True)
        except OSError as error:
            msg = f"{str(self.path)!r} cannot be read: {error.strerror}."
            raise InvalidArgumentError("bad_recording", msg) from None
        return Members(self.path)

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
        if place.is_dir():
            return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        return place.stat().st_size

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
        return self._contents().problems()

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

    def _open_medium(self, medium: Medium) -> IO[bytes]:
        """Open a media file; it is the caller's to close."""
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

    # -- using it

    def frame(self, participant: str | object, t: float, *, screen: bool = False) -> Frame:
        """Return the picture that somebody showed at a time.

        Parameters
        ----------
        participant : str
            Name or id.
        t : float
            Seconds since the recording began.
        screen : bool
            The shared screen in place of the camera.

        Returns
        -------
        Frame
            RGB, shape (height, width, 3), uint8.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``; ``bad_argument`` when nothing was shown then, with when something was.
        RtcWidgetError
            ``peer_missing`` without av and numpy.
        """
        check_installed("A frame")
        t = _number("t", t)
        person, medium = self._medium(participant, screen=screen)
        at = t - medium.begins
        shown = None
        if any(start - _NEAR <= at <= end + _NEAR for start, end in medium.shown):
            from .pictures import frame_at

            with self._open_medium(medium) as file:
                shown = frame_at(file, at, person.name, self.began + t)
        if shown is None:
            spans = _spoken(medium.shown, medium.begins)
            whose = f"{person.name}'s shared screen" if screen else person.name
            msg = f"There is no picture of {whose} at {t:g} s. Pictures are there {spans}."
            raise InvalidArgumentError("bad_argument", msg)
        return shown

    def chapter(self, title: str, t: float) -> None:
        """Add a chapter, to the file too: it is written anew, and the old one stays until that is done.

        Parameters
        ----------
        title : str
            What is said of it.
        t : float
            Seconds since the recording began.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for a time that is not in the recording.
        RtcWidgetError
            ``recording_failed``: the file is as it was.
        """
        t = _number("t", t)
        if not isinstance(title, str) or not title.strip():
            raise InvalidArgumentError("bad_argument", f"A chapter's title is a text, not {title!r}.")
        if not 0 <= t <= self.seconds:
            msg = f"t is a time in the recording, 0 to {self.seconds:g} s, not {t:g}."
            raise InvalidArgumentError("bad_argument", msg)
        read = self._contents()
        mark = Chapter(t, title)
        chapters = sorted([*self.chapters, mark], key=lambda chapter: chapter.time)
        manifest = replace(read.manifest, chapters=tuple(chapters))
        try:
            if self._place.is_dir():
                with (self._place / "chapters.jsonl").open("a", encoding="utf-8") as file:
                    file.write(lines.line({"time": t, "title": title}))
            archive.rewrite(read.path, manifest.text())
        except OSError as error:
            msg = f"{str(self.path)!r} cannot be written: {error.strerror}. It is as it was."
            raise RtcWidgetError("recording_failed", msg) from None
        read.manifest = manifest

    def export(
        self,
        path: str | Path,
        participant: str | object | None = None,
        *,
        screen: bool = False,
        fps: float = 25.0,
        size: tuple[int, int] = (1280, 720),
    ) -> Path:
        """Write a film: everybody in a grid with all sound mixed, or one participant.

        In a grid people appear when they come and go when they leave; while a camera is off, its place is dark.
        One participant's own file is copied where its kind is the one that is asked for; ``fps`` and ``size`` are for
        films that have to be made.

        Parameters
        ----------
        path : str or Path
            Ends with ``.webm`` (VP8 and Opus) or ``.mp4`` (H.264 and AAC).
        participant : str, optional
            Name or id; everybody when left out.
        screen : bool
            The participant's shared screen in place of the camera. In a grid shared screens have places of their own.
        fps : float
            Pictures a second.
        size : (int, int)
            Width and height of the film, px.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another kind of file and for a recording without media; ``unknown_participant``.
        RtcWidgetError
            ``recording_failed`` when it cannot be written; ``peer_missing`` without av and numpy.
        """
        check_installed("An export")
        target = Path(path)
        if target.suffix not in (".webm", ".mp4"):
            msg = f"A film's name ends with .webm or .mp4, not {target.suffix!r}."
            raise InvalidArgumentError("bad_argument", msg)
        fps = _number("fps", fps)
        if not 1 <= fps <= 120:
            raise InvalidArgumentError("bad_argument", f"fps is 1 to 120, not {fps:g}.")
        width, height = check_size(size)
        only = self._medium(participant, screen=screen)[1] if participant is not None else None
        if not self.media:
            raise InvalidArgumentError(
                "bad_argument", "There is neither picture nor sound in this recording."
            )
        from .export import export

        return export(self, target, only, fps, (width - width % 2, height - height % 2))

    # -- showing it

    def to_html(self, path: str | Path, max_mb: float | None = None, *, private: bool = True) -> Path:
        """Write a page that replays the recording and needs nothing else: no network, no kernel.

        Parameters
        ----------
        path : str or Path
            Of the page.
        max_mb : float, optional
            How many million bytes the page may have; media are made smaller for it. All there is when left out.
        private : bool
            Whether addresses, passwords, fingerprints and ids of streams are replaced by placeholders.

        Raises
        ------
        RtcWidgetError
            ``recording_failed`` when it cannot be written.
        """
        check_installed("A page")
        from .replay import document_of

        target = Path(path)
        page = document_of(self, max_bytes=_bytes_of(max_mb), private=private)
        try:
            target.write_text(page, encoding="utf-8")
        except OSError as error:
            msg = f"{str(target)!r} cannot be written: {error.strerror}."
            raise RtcWidgetError("recording_failed", msg) from None
        return target

    def replay(self, max_mb: float | None = _SHOWN_MB, *, private: bool = True) -> Shown:
        """Show the recording in a notebook, with a player that is saved with it.

        Parameters
        ----------
        max_mb : float, optional
            How many million bytes the notebook may grow by; None for all there is.
        private : bool
            Whether addresses, passwords, fingerprints and ids of streams are replaced by placeholders.
        """
        from .shown import Shown

        return Shown(self, _bytes_of(max_mb), private)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.replay()._repr_mimebundle_()

    def __repr__(self) -> str:
        names = [person.name for person in self.participants]
        people = " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part) or "nobody"
        how = "" if self.ended.reason == "stopped" else f", ended by {self.ended.reason}"
        return f"<Recording of {self.room!r}: {self.seconds:.1f} s, {people}, {self.size / _MB:.1f} MB{how}>"


def _found(path: str | Path) -> Path:
    """Return where a recording is that is called so."""
    if not isinstance(path, str | Path):
        raise InvalidArgumentError("bad_argument", f"A recording's path is a text or a Path, not {path!r}.")
    given = Path(path)
    named = given if given.name.endswith((SUFFIX, SUFFIX + PART)) else given.with_name(given.name + SUFFIX)
    for candidate in (named, given, named.with_name(named.name + PART)):
        if candidate.is_file() or (candidate.is_dir() and candidate.name.endswith(PART)):
            return candidate
    msg = f"There is no recording {str(given)!r}: neither a file {named.name!r} nor a folder {named.name + PART!r}."
    raise InvalidArgumentError("bad_recording", msg)


def check_installed(what: str) -> None:
    """Say what to install where what media need is missing.

    Raises
    ------
    RtcWidgetError
        ``peer_missing``.
    """
    names = " and ".join(name for name in ("av", "numpy") if importlib.util.find_spec(name) is None)
    if names:
        msg = f'{what} needs {names}, not installed here: pip install "rtc-widget[peer]"'
        raise RtcWidgetError("peer_missing", msg)


def _number(what: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidArgumentError("bad_argument", f"{what} is a number, not {value!r}.")
    return float(value)


def _bytes_of(max_mb: float | None) -> int | None:
    if max_mb is None:
        return None
    value = _number("max_mb", max_mb)
    if value <= 0:
        msg = f"max_mb is a number of million bytes above 0, or None for all there is, not {max_mb!r}."
        raise InvalidArgumentError("bad_argument", msg)
    return int(value * _MB)


def _spoken(spans: tuple[Span, ...], begins: float) -> str:
    """Return when something is, in words."""
    said = [f"from {begins + start:.1f} to {begins + end:.1f} s" for start, end in spans]
    return " and ".join(part for part in (", ".join(said[:-1]), *said[-1:]) if part) or "never"
