"""`Recording`: a call that was recorded, to look at, to take apart, and to show."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidArgumentError, RtcWidgetError
from ..runtime.text import listed
from ..runtime.validation import check_size
from ..trace.redaction import Redactor
from . import json_lines
from .arguments import MB, bytes_of, check_installed, flag, number, path_of, reason_of, spoken, title_of
from .contents import Chapter
from .read import archive
from .read.opened import Opened, readable

if TYPE_CHECKING:
    from ..media.frame import Frame
    from .display import Shown

# What a notebook that shows a recording may grow by.
_SHOWN_MB: Final = 10.0
# A picture is there a little before it is to be shown, and until the next.
_NEAR: Final = 0.05


class Recording(Opened):
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
            ``peer_missing`` without av and numpy; ``bad_recording`` when the medium is damaged.
        """
        check_installed("A frame")
        self._look_into_media()
        t = number("t", t)
        screen = flag("screen", screen)
        person, medium = self._medium(participant, screen=screen)
        at = t - medium.begins
        shown = None
        if any(start - _NEAR <= at <= end + _NEAR for start, end in medium.shown):
            from .read.stills import frame_at

            with self._open_medium(medium) as file, readable(medium.file):
                shown = frame_at(file, at, person.name, self.began + t)
        if shown is None:
            spans = spoken(medium.shown, medium.begins)
            whose = f"{person.name}'s shared screen" if screen else person.name
            msg = f"There is no picture of {whose} at {t:g} s. Pictures are there {spans}."
            raise InvalidArgumentError("bad_argument", msg)
        return shown

    def chapter(self, title: str, t: float) -> None:
        """Add a chapter, to the file too: it is written anew, and the old one stays until that is done.

        Parameters
        ----------
        title : str
            What is said of it, in at most 200 characters. In a private recording addresses in it become placeholders.
        t : float
            Seconds since the recording began.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for a time that is not in the recording.
        RtcWidgetError
            ``recording_failed``: the file is as it was. It takes nothing when it breaks off.
        """
        t = number("t", t)
        title = title_of(title)
        if not 0 <= t <= self.seconds:
            msg = f"t is a time in the recording, 0 to {self.seconds:g} s, not {t:g}."
            raise InvalidArgumentError("bad_argument", msg)
        read = self._contents()
        if read.broken:
            msg = f"{str(self.path)!r} breaks off: nothing can be added to it. Copy it completely, or record anew."
            raise RtcWidgetError("recording_failed", msg)
        if self.private:
            title = Redactor().words(title)
        mark = Chapter(t, title)
        chapters = sorted([*self.chapters, mark], key=lambda chapter: chapter.time)
        manifest = replace(read.manifest, chapters=tuple(chapters))
        try:
            if self._place.is_dir():
                with (self._place / "chapters.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json_lines.line({"time": t, "title": title}))
            archive.rewrite(read.path, manifest.text())
        except archive.BROKEN as error:
            msg = f"{str(self.path)!r} cannot be written: {reason_of(error)}. It is as it was."
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
        films that have to be made. A notebook says how far that is, and it can be interrupted.

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
        self._look_into_media()
        target = path_of("A film's path", path)
        screen = flag("screen", screen)
        if target.suffix not in (".webm", ".mp4"):
            msg = f"A film's name ends with .webm or .mp4, not {target.suffix!r}."
            raise InvalidArgumentError("bad_argument", msg)
        fps = number("fps", fps)
        if not 1 <= fps <= 120:
            raise InvalidArgumentError("bad_argument", f"fps is 1 to 120, not {fps:g}.")
        width, height = check_size(size)
        only = self._medium(participant, screen=screen)[1] if participant is not None else None
        if not self.media:
            raise InvalidArgumentError(
                "bad_argument", "There is neither picture nor sound in this recording."
            )
        from .export.video import export

        return export(self, target, only, fps, (width - width % 2, height - height % 2))

    # -- showing it

    def to_html(self, path: str | Path, max_mb: float | None = None, *, private: bool = True) -> Path:
        """Write a page that replays the recording and needs nothing else: no network, no kernel.

        Parameters
        ----------
        path : str or Path
            Of the page.
        max_mb : float, optional
            How many million bytes the page may have; media are made smaller for it. All there is when left out. A page
            that cannot be that small says so.
        private : bool
            Whether addresses, passwords, fingerprints and ids of streams are replaced by placeholders.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument``.
        RtcWidgetError
            ``recording_failed`` when it cannot be written; what was there stays.
        """
        check_installed("A page")
        self._look_into_media()
        from .replay import document_of

        target = path_of("A page's path", path)
        page = document_of(self, max_bytes=bytes_of(max_mb), private=flag("private", private))
        beside = target.with_name(f".{target.name}.new")
        try:
            beside.write_text(page, encoding="utf-8")
            return beside.replace(target)
        except OSError as error:
            msg = f"{str(target)!r} cannot be written: {reason_of(error)}."
            raise RtcWidgetError("recording_failed", msg) from None
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)

    def replay(self, max_mb: float | None = _SHOWN_MB, *, private: bool = True) -> Shown:
        """Show the recording in a notebook, with a player that is saved with it.

        Parameters
        ----------
        max_mb : float, optional
            How many million bytes the notebook may grow by, 10 when left out: the player, and the picture for what
            shows no HTML, which is left out when it takes more than a quarter. None for all there is.
        private : bool
            Whether addresses, passwords, fingerprints and ids of streams are replaced by placeholders.
        """
        check_installed("A replay")
        self._look_into_media()
        from .display import Shown

        return Shown(self, bytes_of(max_mb), flag("private", private))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.replay()._repr_mimebundle_()

    def __repr__(self) -> str:
        names = [person.name for person in self.participants]
        people = listed(names) or "nobody"
        how = "" if self.ended.reason == "stopped" else f", ended by {self.ended.reason}"
        return f"<Recording of {self.room!r}: {self.seconds:.1f} s, {people}, {self.size / MB:.1f} MB{how}>"
