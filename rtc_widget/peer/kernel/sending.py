"""What a `Peer` sends: sources, single pictures and sounds, and what a transform makes of somebody's."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ...errors import InvalidArgumentError
from ...media.frame import RATE, Frame, check_picture, check_sound
from ..ipc.transform_worker import Transform, TransformWorker
from .arguments import check_rate, check_transform, pickled
from .frame_writer import Feeder, Supply, give_sound
from .readers import VideoReader
from .receiving import Watching

Source = str | os.PathLike[str] | npt.NDArray[Any] | Iterable[Any] | AsyncIterable[Any] | None

KEEP: Final[Any] = object()


class _Input:
    """Whose pictures a transform in the kernel gets, and up to which it has."""

    def __init__(self, reader: VideoReader, wake: Callable[[], None]) -> None:
        self._reader = reader
        self._last = 0
        self.end = reader.listen(wake)

    def take(self) -> Frame | None:
        """Return the newest picture, None when the last one was that."""
        frame = self._reader.newest(self._last)
        self._last = frame.number if frame is not None else self._last
        return frame


class Sending(Watching):
    """The sending half of a `Peer`."""

    def _begin_sending(self, size: tuple[int, int], fps: float) -> None:
        self._size, self._fps = size, fps
        self._supply = Supply(self._call, self._post)
        self._feeders: dict[str, Feeder] = {}
        self._from_kernel: set[str] = set()
        self._of: str | None = None
        self._own_number = 0
        self._worker: TransformWorker | None = None
        self._worker_input: _Input | None = None

    def _end_sending(self) -> None:
        for kind in ("video", "audio"):
            self._stop_feeding(kind)
        self._from_kernel.clear()
        self._stop_transform()

    def use(self, source: Source = KEEP, *, audio: Source = KEEP, fps: float | None = None) -> None:
        """Send from another source from now on; None ends sending. What is not named stays.

        Parameters
        ----------
        source, audio
            As for `Peer`.
        fps : float, optional
            Of "pattern" and of iterables, at most.

        Raises
        ------
        InvalidArgumentError
            ``bad_source`` or ``bad_frame``; what was sent before goes on then.
        """
        self._check_open()
        if fps is not None:
            self._fps = check_rate(fps)
        if source is not KEEP:
            self._use("video", source, both=audio is KEEP)
        if audio is not KEEP:
            self._use("audio", audio, both=False)

    def _use(self, kind: str, source: Any, *, both: bool) -> None:
        if isinstance(source, np.ndarray) and kind == "video":
            self.send_frame(source)
            return
        feeder: Feeder | None = None
        spec: dict[str, Any] | None
        if source is None:
            spec = None
        elif isinstance(source, str | os.PathLike):
            what = os.fspath(source)
            if (what == "tone") is (kind == "video") and what in ("tone", "pattern"):
                raise InvalidArgumentError("bad_source", f"{what!r} is no {kind}.")
            spec = {"what": what, "size": self._size, "fps": self._fps, "both": both}
        elif isinstance(source, Iterable | AsyncIterable):
            spec = {"what": "kernel"}
            feeder = self._feeder(kind, source)
        else:
            msg = f"A source is text, an array or something to iterate over, not {type(source).__name__}."
            raise InvalidArgumentError("bad_source", msg)
        # Out of its place first, so that an iterable which ends in this moment does not end its successor.
        before = self._feeders.pop(kind, None)
        try:
            took_sound = self._call("use", kind, spec)
        except BaseException:
            if before is not None:
                self._feeders[kind] = before
            raise
        if before is not None:
            before.stop()
        self._from_kernel.discard(kind)
        if took_sound:
            self._stop_feeding("audio")
            self._from_kernel.discard("audio")
        if feeder is not None:
            self._from_kernel.add(kind)
            self._feeders[kind] = feeder
            feeder.start()

    def _feeder(self, kind: str, source: Any) -> Feeder:
        def ended(problem: str | None) -> None:
            # A peer that was closed in this moment has nothing left to end.
            if self._feeders.get(kind) is feeder:
                self._from_kernel.discard(kind)
                self._post("use", kind, None)
            if problem is not None:
                self._show("bad_source", problem)

        if kind == "audio":
            feeder = Feeder(source, 0.0, give_sound(self._supply), ended)
        else:
            feeder = Feeder(source, 1 / self._fps, self._give_transformed, ended)
        return feeder

    def _give_transformed(self, item: Any) -> None:
        picture = check_picture(item)
        if self._of is not None:
            return  # somebody else's pictures are what goes out
        worker = self._worker
        if worker is not None:
            self._own_number += 1
            picture = worker.apply(Frame(picture.copy(), self.name, self._own_number, time.time()))
        self._supply.picture(picture)

    def _stop_feeding(self, kind: str) -> None:
        feeder = self._feeders.pop(kind, None)
        if feeder is not None:
            feeder.stop()

    def send_frame(self, picture: npt.NDArray[Any]) -> None:
        """Send a picture, in place of any other source, as often as you like: the newest goes out.

        With a transform it is what that makes of it.

        Parameters
        ----------
        picture : numpy.ndarray
            Shape (height, width, 3), uint8, RGB; grey (height, width) and RGBA too. At most 4096 px each way; an odd
            side gains a repeated row or column.

        Raises
        ------
        InvalidArgumentError
            ``bad_frame``, with what is wrong; ``bad_argument`` while somebody else's pictures are transformed.
        """
        self._check_open()
        check_picture(picture)
        if self._of is not None:
            msg = f"What goes out is the transform of {self._of!r}: end that first with transform(None)."
            raise InvalidArgumentError("bad_argument", msg)
        self._take_over("video")
        self._give_transformed(picture)

    def send_audio(self, samples: npt.NDArray[Any], rate: int = RATE) -> None:
        """Send sound, in place of any other source; returns when at most a second of it is still to be played.

        Parameters
        ----------
        samples : numpy.ndarray
            Shape (samples,) or (samples, 1 or 2); float from -1 to 1, or int16.
        rate : int
            Samples per second, 8000 to 192000.

        Raises
        ------
        InvalidArgumentError
            ``bad_frame``, with what is wrong.
        """
        self._check_open()
        checked = check_sound(samples, rate)
        self._take_over("audio")
        self._supply.sound(checked, rate)

    def _take_over(self, kind: str) -> None:
        """Make the kernel's own pictures or sound the source, if they are not."""
        self._stop_feeding(kind)
        if kind not in self._from_kernel:
            self._call("use", kind, {"what": "kernel"})
            self._from_kernel.add(kind)

    def mute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Stop sending sound, or exactly what is named; everybody sees it at once."""
        self._mute(True, audio, video)

    def unmute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Send sound again, or exactly what is named."""
        self._mute(False, audio, video)

    def _mute(self, muted: bool, audio: bool | None, video: bool | None) -> None:
        self._check_open()
        if audio is None and video is None:
            audio = True
        for kind, named in (("audio", audio), ("video", video)):
            if named:
                self._post("mute", kind, muted)

    # -- the transform

    def transform(
        self,
        function: Transform | None,
        *,
        of: str | None = None,
        run: Literal["kernel", "peer"] = "kernel",
    ) -> None:
        """Send what ``function`` makes of each picture from now on; None ends it. See `Peer`.

        Raises
        ------
        InvalidArgumentError
            ``bad_transform`` when it cannot be called, or not be handed to the peer's process.
        """
        self._check_open()
        check_transform(function, run)
        if function is None:
            self._stop_transform()
            self._call("transform", "", None, None)
        elif run == "peer":
            self._call("transform", "peer", of, pickled(function))
            self._stop_transform()
        else:

            def take() -> Frame | None:
                fed = self._worker_input
                return fed.take() if fed is not None else None

            def show(text: str) -> None:
                self._threads.post(lambda: self._show("bad_transform", text))

            self._stop_transform()
            self._worker = TransformWorker(function, take, self._supply.picture, show)
            self._call("transform", "kernel", of, None)
        self._of = of if function is not None else None

    def _feed_transform(self, participant: str | None) -> None:
        """Give the transform another input; on the thread that reads the pipe, so nothing here may wait."""
        before, self._worker_input = self._worker_input, None
        if before is not None:
            before.end()
        worker = self._worker
        if participant is None or worker is None:
            return
        if participant:
            self._post("watch", participant, "video")
        self._worker_input = _Input(self._reader(participant, "video"), worker.wake)
        worker.wake()

    def _stop_transform(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    @property
    def stats(self) -> dict[str, Any]:
        """Figures: ``sent`` pictures, and of the ``transform`` how many pictures it got and dropped, its errors and its
        mean time in milliseconds (None without one).
        """
        self._check_open()
        figures: dict[str, Any] = self._call("stats")
        if self._worker is not None:
            figures["transform"] = self._worker.stats
        return figures
