"""What a `Peer` sends: sources, single frames and audio, and transformed frames of others."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ...errors import InvalidArgumentError
from ...media.frame import RATE, Frame, Sound, check_audio, check_frame
from ...media.picture import Picture, is_picture
from ...protocol.media_process import GetStats, Kind, Mute, SetTransform, SourceSpec, Subscribe, Use
from ...runtime.cell_callback import CellCallback
from ...runtime.lifetime import Lifetime
from ...runtime.validation import check_flags
from ..ipc.transform_worker import Transform, TransformWorker
from .arguments import check_rate, check_source, check_transform, located, pickled
from .frame_writer import FrameWriter, SourceFeeder
from .media_process import PeerLink
from .readers import VideoReader

Source = str | os.PathLike[str] | Picture | Iterable[Any] | AsyncIterable[Any] | None

KEEP: Final[Any] = object()


class _Input:
    """The video that a transform in the kernel reads, and the number of the last frame that it took."""

    def __init__(self, reader: VideoReader, on_frame: Callable[[], None]) -> None:
        self._reader = reader
        self._last = 0
        self.end = reader.listen(on_frame)

    def take(self) -> Frame | None:
        """Return the newest frame, None if there is none newer than the last one taken."""
        frame = self._reader.newest(self._last)
        self._last = frame.number if frame is not None else self._last
        return frame


class FrameSender:
    """The sending half of a `Peer`.

    Parameters
    ----------
    name : str
        The peer's name, the sender of its own frames in a transform.
    life : Lifetime
        The peer's lifetime.
    link : PeerLink
        To the peer in the media process.
    reader : callable
        Returns the reader of a participant's video, by id; "" for the peer's own source.
    size : (int, int)
        Width and height of "pattern", px.
    fps : float
        Frame rate of "pattern", and the maximum of iterables.
    on_problem : callable
        Takes a code and a text to show in the notebook, when the user's own code has raised.
    """

    def __init__(
        self,
        name: str,
        life: Lifetime,
        link: PeerLink,
        *,
        reader: Callable[[str], VideoReader],
        size: tuple[int, int],
        fps: float,
        on_problem: Callable[[str, str], None],
    ) -> None:
        self._name, self._life, self._link = name, life, link
        self._reader, self._on_problem = reader, on_problem
        self._size, self._fps = size, fps
        self._writer = FrameWriter(link)
        self._feeders: dict[Kind, SourceFeeder] = {}
        self._from_kernel: set[Kind] = set()
        self._of: str | None = None
        self._own_number = 0
        self._worker: TransformWorker | None = None
        self._worker_input: _Input | None = None

    def stop(self) -> None:
        """Stop sending from the kernel."""
        self._stop_feeding("video")
        self._stop_feeding("audio")
        self._from_kernel.clear()
        self._stop_transform()

    def use(
        self, source: Source = KEEP, *, audio: Source = KEEP, fps: float | None = None, loop: bool = False
    ) -> None:
        """Send from another source; None ends sending. What is left out stays unchanged.

        A still picture stays until another source replaces it; a film ends at its end.

        Parameters
        ----------
        source : str, path, array, picture, iterable or async iterable, optional
            As for `Peer`.
        audio : str, path, iterable or async iterable, optional
            As for `Peer`.
        fps : float, optional
            Frame rate of "pattern" and of films that do not say their own, and the maximum of iterables.
        loop : bool
            Whether what is opened, such as a film, begins anew at its end.

        Raises
        ------
        InvalidArgumentError
            ``bad_source``, ``bad_frame`` or ``bad_argument``; the previous source continues then.
        """
        self._life.check_open()
        rate = self._fps if fps is None else check_rate(fps)
        # Both, before either is changed.
        for kind, given in (("video", source), ("audio", audio)):
            if given is not KEEP:
                check_source(kind, given)
        self._fps = rate
        if source is not KEEP:
            self._use("video", source, both=audio is KEEP, loop=loop)
        if audio is not KEEP:
            self._use("audio", audio, both=False, loop=loop)

    def _use(self, kind: Kind, source: Any, *, both: bool, loop: bool) -> None:
        if kind == "video" and is_picture(source):
            self.send_frame(source)
            return
        feeder: SourceFeeder | None = None
        spec: SourceSpec | None
        if source is None:
            spec = None
        elif isinstance(source, str | os.PathLike):
            spec = self._spec(located(source), both=both, loop=loop)
        else:
            if loop:
                hint = "itertools.cycle(…) repeats what an iterable gives"
                raise InvalidArgumentError("bad_argument", f"loop=True is for what is opened: {hint}.")
            spec = self._spec("kernel")
            feeder = self._feeder(kind, source)
        # Remove it first, so that an iterable which ends at this moment does not end its successor.
        before = self._feeders.pop(kind, None)
        try:
            has_audio = self._link.call(Use(kind, spec))
        except BaseException:
            if before is not None:
                self._feeders[kind] = before
            raise
        if before is not None:
            before.stop()
        self._from_kernel.discard(kind)
        if has_audio:
            self._stop_feeding("audio")
            self._from_kernel.discard("audio")
        if feeder is not None:
            self._from_kernel.add(kind)
            self._feeders[kind] = feeder
            feeder.start()

    def _spec(self, what: str, *, both: bool = False, loop: bool = False) -> SourceSpec:
        return {"what": what, "size": self._size, "fps": self._fps, "both": both, "loop": bool(loop)}

    def _feeder(self, kind: Kind, source: Any) -> SourceFeeder:
        def ended(problem: tuple[str, str] | None) -> None:
            # A peer that was just closed has nothing left to end.
            if self._feeders.get(kind) is feeder:
                self._from_kernel.discard(kind)
                self._link.post(Use(kind, None))
            if problem is not None:
                self._on_problem(*problem)

        if kind == "audio":
            feeder = SourceFeeder(source, 0.0, self._write_audio, ended)
        else:
            feeder = SourceFeeder(source, 1 / self._fps, lambda item: self._write(check_frame(item)), ended)
        return feeder

    def _write_audio(self, item: Any) -> None:
        """Write an iterable's audio: arrays at 48 kHz, or `Sound`."""
        samples, rate = (item.samples, item.rate) if isinstance(item, Sound) else (item, RATE)
        self._writer.write_audio(*check_audio(samples, rate))

    def _write(self, frame: npt.NDArray[np.uint8]) -> None:
        """Write a checked frame, or what the transform makes of it."""
        if self._of is not None:
            return  # another participant's frames are sent
        worker = self._worker
        if worker is not None:
            self._own_number += 1
            frame = worker.apply(Frame(frame.copy(), self._name, self._own_number, time.time()))
        self._writer.write_frame(frame)

    def _stop_feeding(self, kind: Kind) -> None:
        feeder = self._feeders.pop(kind, None)
        if feeder is not None:
            feeder.stop()

    def send_frame(self, picture: Picture) -> None:
        """Send a frame, replacing any other source, as often as you like: the newest is sent.

        With a transform, its result is sent.

        Parameters
        ----------
        picture : array, or picture of another library
            Shape (height, width, 3), uint8, RGB; grey (height, width) is accepted too, and RGBA, without its alpha. At
            most 4096 px each way; an odd side is extended by a repeated row or column. Pictures of Pillow and frames of
            PyAV become that, and tensors in main memory are arrays.

        Raises
        ------
        InvalidArgumentError
            ``bad_frame``, with what is wrong; ``bad_argument`` while another participant's frames are transformed.
        """
        self._life.check_open()
        checked = check_frame(picture)
        if self._of is not None:
            msg = (
                f"The transformed frames of {self._of!r} are being sent: end that first with transform(None)."
            )
            raise InvalidArgumentError("bad_argument", msg)
        self._take_over("video")
        self._write(checked)

    def send_sound(self, samples: npt.NDArray[Any], rate: int = RATE) -> None:
        """Send audio, replacing any other source; returns when at most a second of it remains to be played.

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
        self._life.check_open()
        checked, rate = check_audio(samples, rate)
        self._take_over("audio")
        self._writer.write_audio(checked, rate)

    def _take_over(self, kind: Kind) -> None:
        """Make the kernel's own frames or audio the source, if they are not."""
        self._stop_feeding(kind)
        if kind not in self._from_kernel:
            self._link.call(Use(kind, self._spec("kernel")))
            self._from_kernel.add(kind)

    def mute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Stop sending audio, or exactly what is given; everybody sees it at once.

        Parameters
        ----------
        audio, video : bool, optional
            What to mute; audio when neither is given.
        """
        self._mute(True, audio, video)

    def unmute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Send audio again, or exactly what is given.

        Parameters
        ----------
        audio, video : bool, optional
            What to unmute; audio when neither is given.
        """
        self._mute(False, audio, video)

    def _mute(self, muted: bool, audio: bool | None, video: bool | None) -> None:
        self._life.check_open()
        check_flags(audio=audio, video=video)
        if audio or (audio is None and video is None):
            self._link.post(Mute("audio", muted))
        if video:
            self._link.post(Mute("video", muted))

    # -- the transform

    def transform(
        self,
        function: Transform | None,
        *,
        of: str | None = None,
        run: Literal["kernel", "peer"] = "kernel",
    ) -> None:
        """Send what a function makes of each frame from now on; None ends it. See `Peer`.

        Parameters
        ----------
        function : callable or None
            Takes a `Frame`; returns a frame, or None when it has changed its argument in place.
        of : str, optional
            Name or id of the participant whose frames are transformed.
        run : {"kernel", "peer"}
            Where it runs.

        Raises
        ------
        InvalidArgumentError
            ``bad_transform`` when it is not callable, or cannot be passed to the media process.
        """
        self._life.check_open()
        check_transform(function, run)
        if function is None:
            self._stop_transform()
            self._link.call(SetTransform("", None, None))
        elif run == "peer":
            self._link.call(SetTransform("peer", of, pickled(function)))
            self._stop_transform()
        else:
            self._stop_transform()
            self._worker = TransformWorker(
                function, self._take_input, self._writer.write_frame, self._on_transform_error
            )
            self._link.call(SetTransform("kernel", of, None))
        self._of = of if function is not None else None

    @property
    def function(self) -> Transform | None:
        """The transform that runs in the kernel; None without one."""
        return None if self._worker is None else self._worker.function

    def _take_input(self) -> Frame | None:
        return self._worker_input.take() if self._worker_input is not None else None

    def _on_transform_error(self, text: str) -> None:
        # Shown below the cell in which the worker, whose thread this is, has been given its function.
        self._life.threads.post(CellCallback(self._on_problem), "bad_transform", text)

    def set_transform_input(self, participant: str | None) -> None:
        """Change the input of the transform. On the thread that reads the pipe, so it must not wait.

        Parameters
        ----------
        participant : str or None
            The participant's id, "" for the peer's own source, None for no input.
        """
        before, self._worker_input = self._worker_input, None
        if before is not None:
            before.end()
        worker = self._worker
        if participant is None or worker is None:
            return
        if participant:
            self._link.post(Subscribe(participant, "video"))
        self._worker_input = _Input(self._reader(participant), worker.notify)
        worker.notify()

    def _stop_transform(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    @property
    def stats(self) -> dict[str, Any]:
        """How many frames were ``sent``, and of the ``transform`` how many frames it got and dropped, its errors and its
        mean time in milliseconds (None without one).
        """
        self._life.check_open()
        stats: dict[str, Any] = self._link.call(GetStats())
        if self._worker is not None:
            stats["transform"] = self._worker.stats
        return stats
