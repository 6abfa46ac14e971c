"""What `RoomWidget.record` and `Peer.record` return: a recording that runs, and afterwards the recording itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ...signaling.observer import Observer
from ..read.members import Members
from ..recording import Recording
from .running_capture import RunningCapture
from .size_limits import SizeLimits

if TYPE_CHECKING:
    from ...room.room_member import RoomMember


class LiveRecording(Recording):
    """A recording from its beginning on. As a context manager it stops at the end of the block.

    Until it has been stopped, it knows `seconds`, `size` and `state`; afterwards it is a `Recording`. What differs
    between the two is left to the object that it has at the time: a `RunningCapture`, then a `Recording`.

    Parameters
    ----------
    path : Path
        Where the file will be, as of `file_of`.
    member : RoomMember
        The member in whose name the room is recorded.
    observer : Observer
        Of the room, with a teacher's token.
    limits : SizeLimits
        Where the recording stops by itself.
    private : bool
        Whether private values become placeholders.
    replace : bool
        Whether what is at the path may be replaced once this recording is finished.
    progress : callable
        Takes the recording every second and when it begins; None when it is over. On any thread.
    finished : callable
        Takes the recording when its file has been made. On any thread.

    Attributes
    ----------
    state : str
        "recording", "finishing" or "done".
    id : str
        The recording's id on the relay.
    """

    _current: RunningCapture | Recording

    def __init__(
        self,
        path: Path,
        member: RoomMember,
        *,
        observer: Observer,
        limits: SizeLimits,
        private: bool,
        replace: bool,
        progress: Callable[[LiveRecording | None], None],
        finished: Callable[[LiveRecording], None],
    ) -> None:
        super().__init__(path)
        self.state = "recording"
        self._progress = progress
        self._finished = Recording(path)
        self._current = self._finished
        self._capture = RunningCapture(
            path,
            member,
            limits=limits,
            private=private,
            replace=replace,
            on_state=self._on_state,
            on_progress=lambda: progress(self),
            on_finished=lambda: finished(self),
        )
        self.id = self._capture.id
        self._current = self._capture
        self._capture.begin(observer)

    def _on_state(self, state: str) -> None:
        self.state = state
        if state == "done":
            self._current = self._finished
            self._progress(None)

    # -- while it is recorded

    @property
    def progress(self) -> str:
        """Length and size as text, such as "1:02, 3.4 MB"."""
        return self._capture.progress

    @property
    def nearly_full(self) -> bool:
        """Whether it will soon reach a limit and stop by itself."""
        return self._capture.nearly_full

    def stop(self) -> LiveRecording:
        """Stop, wait for what is still being sent, and make the file.

        May be called again: after it was interrupted, and after the file could not be made.

        Returns
        -------
        LiveRecording
            This one, which is now a finished recording.

        Raises
        ------
        RtcWidgetError
            ``recording_failed`` when the file cannot be made; what was recorded is kept beside it.
            ``would_deadlock`` in a callback.
        """
        self._capture.stop()
        return self

    def __enter__(self) -> LiveRecording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- what the capture answers meanwhile, and the finished recording afterwards

    @property
    def seconds(self) -> float:
        """How long it is, so far or in all, seconds."""
        return self._current.seconds

    @property
    def size(self) -> int:
        """How large it is, so far or in all, bytes."""
        return self._current.size

    def chapter(self, title: str, t: float | None = None) -> None:
        """Begin a chapter: now, or at ``t`` seconds; see `Recording.chapter`.

        Parameters
        ----------
        title : str
            The chapter's title, at most 200 characters.
        t : float, optional
            Seconds since the recording began; now, or its end, when left out.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for a title that is empty or too long, and for a time that is not in the recording.
        """
        self._current.chapter(title, self.seconds if t is None else t)

    def close(self) -> None:
        """Remove temporary files that were made to read it, see `Recording.close`; it does not stop the recording."""
        self._current.close()

    def __repr__(self) -> str:
        return repr(self._current)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        return self._current._repr_mimebundle_(**options)

    def _contents(self) -> Members:
        return self._current._contents()
