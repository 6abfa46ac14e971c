"""`Recording`: a recorded call, to replay, analyze and export."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidArgumentError, RtcWidgetError
from ..runtime.files import SHARED_FILE, private_opener, replacing
from ..runtime.paths import reason_of
from ..runtime.text import listed
from ..runtime.validation import check_flag, check_number, check_size
from ..trace.redaction import Redactor
from . import json_lines
from .arguments import MB, byte_limit, check_installed, check_title, describe_spans
from .contents import Chapter
from .read import archive
from .read.recording_file import RecordingFile, readable

if TYPE_CHECKING:
    from ..media.frame import Frame
    from .display import Shown

# How much a notebook that shows a recording may grow by.
_SHOWN_MB: Final = 10.0
# A frame counts for times this much before and after its span, seconds.
_NEAR: Final = 0.05


class Recording(RecordingFile):
    """A recorded call: its participants, media, messages and trace.

    `Recording.open` opens one; as the last expression of a cell it is replayed.

    Attributes
    ----------
    path : Path
        The file's absolute path.

    Examples
    --------
    >>> recording = Recording.open("lesson3")
    >>> recording.frame("Bob", 12.5)
    >>> recording.export("lesson3.mp4")
    """

    def frame(self, participant: str | object, t: float, *, screen: bool = False) -> Frame:
        """Return the frame that a participant showed at a time.

        Parameters
        ----------
        participant : str
            Name or id; of several with one name, the one who is to be seen at that time.
        t : float
            Seconds since the recording began.
        screen : bool
            The shared screen instead of the camera.

        Returns
        -------
        Frame
            RGB, shape (height, width, 3), uint8.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``; ``bad_argument`` when there is no frame at that time, with the times at which
            there are.
        RtcWidgetError
            ``peer_missing`` without av and numpy; ``bad_recording`` when the media file is missing or damaged, and
            when the recording's file is gone, or another, since it was opened: then everything that is read of it.
        """
        check_installed("A frame")
        self._verify_media()
        t = check_number("t", t)
        screen = check_flag("screen", screen)
        # Who left and came back is somebody else by id, and so is whoever took the name meanwhile.
        media = self._media_of(participant, screen=screen)
        found = None
        for person, medium in reversed(media):
            at = t - medium.begins
            if found is None and any(start - _NEAR <= at <= end + _NEAR for start, end in medium.shown):
                from .read.stills import frame_at

                with self._open_medium(medium) as file, readable(medium.file):
                    found = frame_at(file, at, person.name, self.began + t)
        if found is None:
            self._refuse_unusable(
                [*dict.fromkeys(person for person, _ in media)], "screen" if screen else "camera", t
            )
            person = media[-1][0]
            shown = [(m.begins + start, m.begins + end) for _, m in media for start, end in m.shown]
            spans = describe_spans(tuple(shown), 0.0)
            whose = f"{person.name}'s shared screen" if screen else person.name
            msg = f"There is no frame of {whose} at {t:g} s. There are frames {spans}."
            raise InvalidArgumentError("bad_argument", msg)
        return found

    def chapter(self, title: str, t: float) -> None:
        """Add a chapter, also to the file, which is rewritten; the old file stays until that is done.

        Parameters
        ----------
        title : str
            The chapter's title, at most 200 characters. In a private recording, addresses in it become
            placeholders.
        t : float
            Seconds since the recording began.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for a title that is empty or too long, and for a time that is not in the recording;
            ``bad_recording`` when the file is gone, or another, since it was opened.
        RtcWidgetError
            ``recording_failed`` when the file cannot be written, in which case it is unchanged, and when it is
            incomplete.
        """
        t = check_number("t", t)
        title = check_title(title)
        if not 0 <= t <= self.seconds:
            msg = f"t must be a time in the recording, 0 to {self.seconds:g} s, not {t:g}."
            raise InvalidArgumentError("bad_argument", msg)
        read = self._contents()
        read.check_unchanged()
        if read.broken:
            msg = f"{str(self.path)!r} is incomplete, so nothing can be added to it. Copy the whole file, or record again."
            raise RtcWidgetError("recording_failed", msg)
        if self.private:
            title = Redactor().words(title)
        mark = Chapter(t, title)
        try:
            present = read.read_manifest()
            chapters = sorted([*present.chapters, mark], key=lambda chapter: chapter.time)
            manifest = replace(present, chapters=tuple(chapters))
            if self._location.is_dir():
                marks = self._location / "chapters.jsonl"
                with open(marks, "a", encoding="utf-8", opener=private_opener) as file:
                    file.write(json_lines.line({"time": t, "title": title}))
            archive.rewrite(read.path, manifest.text())
        except RtcWidgetError:
            raise
        except archive.BROKEN as error:
            msg = f"Cannot write {str(self.path)!r}: {reason_of(error)}. The file is unchanged."
            raise RtcWidgetError("recording_failed", msg) from None
        read.manifest = manifest

    def export(
        self,
        path: str | PathLike[str],
        participant: str | object | None = None,
        *,
        screen: bool = False,
        fps: float = 25.0,
        size: tuple[int, int] = (1280, 720),
    ) -> Path:
        """Write a video: everybody in a grid with all audio mixed, or one participant.

        In a grid, tiles appear and disappear as participants come and leave; while a camera is off, its tile is
        dark. One participant's own file is copied when it already has the requested format; ``fps`` and ``size``
        only apply to videos that have to be encoded. A notebook shows the progress, and the cell can be
        interrupted.

        Parameters
        ----------
        path : str or path-like
            Ends with ``.webm`` (VP8 and Opus) or ``.mp4`` (H.264 and AAC).
        participant : str, optional
            Name or id; everybody when left out.
        screen : bool
            The participant's shared screen instead of the camera. In a grid, shared screens have tiles of their
            own.
        fps : float
            Frames per second, 1 to 120.
        size : (int, int)
            Width and height of the video, px; odd numbers are rounded down.

        Returns
        -------
        Path
            The video's path.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another suffix, for a path at which there is a recording, and for a recording
            without media; ``unknown_participant``.
        RtcWidgetError
            ``recording_failed`` when the file cannot be written; ``bad_recording`` as of `frame`; ``peer_missing``
            without av and numpy.
        """
        check_installed("An export")
        self._verify_media()
        target = self._target("A video", path, ".webm", ".mp4")
        screen = check_flag("screen", screen)
        fps = check_number("fps", fps)
        if not 1 <= fps <= 120:
            raise InvalidArgumentError("bad_argument", f"fps must be 1 to 120, not {fps:g}.")
        width, height = check_size("size", size)
        only = self._medium(participant, screen=screen)[1] if participant is not None else None
        if not self.media:
            self._refuse_unusable(self.participants, "camera")
            raise InvalidArgumentError("bad_argument", "There is neither video nor audio in this recording.")
        from .export.video import export

        return export(self, target, only, fps, (width - width % 2, height - height % 2))

    # -- showing it

    def to_html(
        self, path: str | PathLike[str], max_mb: float | None = None, *, private: bool = True
    ) -> Path:
        """Write a page that replays the recording on its own, without a network or a kernel.

        Parameters
        ----------
        path : str or path-like
            Ends with ``.html`` or ``.htm``.
        max_mb : float, optional
            How many megabytes the page may have; media are reduced to fit. No limit when left out. A page that
            cannot be made as small says so.
        private : bool
            Whether addresses, passwords, fingerprints and ids of streams are replaced by placeholders.

        Returns
        -------
        Path
            The page's path.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument``, also for another suffix, and for a path at which there is a recording.
        RtcWidgetError
            ``recording_failed`` when the page cannot be written, in which case an existing one is unchanged.
        """
        check_installed("A page")
        self._verify_media()
        from .replay import document_of

        target = self._target("A page", path, ".html", ".htm")
        page = document_of(self, max_bytes=byte_limit(max_mb), private=check_flag("private", private))
        try:
            # Unlike the recording, it is exported to be passed on.
            with replacing(target, SHARED_FILE) as file:
                file.write(page.encode())
            return target
        except OSError as error:
            msg = f"Cannot write {str(target)!r}: {reason_of(error)}."
            raise RtcWidgetError("recording_failed", msg) from None

    def replay(self, max_mb: float | None = _SHOWN_MB, *, private: bool = True) -> Shown:
        """Show the recording in a notebook, with a player that is saved with it.

        Parameters
        ----------
        max_mb : float, optional
            How many megabytes the notebook may grow by, 10 when left out. This includes the player, and a still
            image for viewers without HTML, which is left out when it would take more than a quarter. None for no
            limit.
        private : bool
            Whether addresses, passwords, fingerprints and ids of streams are replaced by placeholders.

        Returns
        -------
        Shown
            The display, for the last expression of a cell.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument``.
        RtcWidgetError
            ``peer_missing`` without av and numpy.
        """
        check_installed("A replay")
        self._verify_media()
        from .display import Shown

        return Shown(self, byte_limit(max_mb), check_flag("private", private))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.replay()._repr_mimebundle_()

    def _repr_html_(self) -> str | None:
        # marimo runs scripts of this alone, in a frame of their own.
        return self._repr_mimebundle_().get("text/html")

    def __repr__(self) -> str:
        names = [person.name for person in self.participants]
        people = listed(names) or "nobody"
        how = "" if self.ended.reason == "stopped" else f", ended by {self.ended.reason}"
        return f"<Recording of {self.room!r}: {self.seconds:.1f} s, {people}, {self.size / MB:.1f} MB{how}>"
