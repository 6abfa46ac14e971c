"""Runs a user's function on frames: always on the newest, never concurrently, and without harming the call.

An exception is shown once, with the frame's number, and the frame is sent as the function has left it. While the
function is slow, frames are skipped; they are never queued.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import numpy as np
import numpy.typing as npt

from ...media.frame import Frame, check_frame

Transform = Callable[[Frame], Any]
Take = Callable[[], Frame | None]
Write = Callable[[npt.NDArray[np.uint8]], None]
OnError = Callable[[str], None]

_JOIN_SECONDS = 5.0


class TransformWorker:
    """A thread that takes the newest frame, transforms it and passes it on.

    Parameters
    ----------
    transform : callable
        Takes a `Frame`; returns a frame, or None when it has changed its argument in place.
    take : callable
        Returns the newest frame, None when there is no new one; called after each `notify`.
    write : callable
        Takes the result, a checked frame.
    on_error : callable
        Takes the traceback of what the transform raised, once.
    """

    def __init__(self, transform: Transform, take: Take, write: Write, on_error: OnError) -> None:
        self.function, self._take, self._write, self._on_error = transform, take, write, on_error
        self._notified = threading.Event()
        self._stopped = False
        self._failed = False
        self._last = 0
        self._lock = threading.Lock()
        # The user's function must not be called concurrently.
        self._applying = threading.Lock()
        self._frames = self._dropped = self._errors = 0
        self._seconds = 0.0
        # In this cell's context: below it is what the function prints.
        run = copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._run,), name="rtc_widget-transform", daemon=True
        )
        self._thread.start()

    def notify(self) -> None:
        """Note that there is a new frame. Callable from any thread."""
        self._notified.set()

    def stop(self, timeout: float = _JOIN_SECONDS) -> None:
        """End the thread; a transform that does not return is abandoned, as it is a daemon.

        Parameters
        ----------
        timeout : float
            Seconds to wait for it.
        """
        self._stopped = True
        self._notified.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    @property
    def stats(self) -> dict[str, float]:
        """Counts of frames, and the mean duration of the transform, milliseconds."""
        with self._lock:
            return {
                "frames": self._frames,
                "dropped": self._dropped,
                "errors": self._errors,
                "transform_ms": round(1000 * self._seconds / self._frames, 3) if self._frames else 0.0,
            }

    def _run(self) -> None:
        while True:
            self._notified.wait()
            self._notified.clear()
            if self._stopped:
                return
            frame = self._take()
            if frame is None:
                continue
            result = self.apply(frame)
            if self._stopped:
                return
            self._write(result)

    def apply(self, frame: Frame) -> npt.NDArray[np.uint8]:
        """Transform a frame.

        Parameters
        ----------
        frame : Frame
            The frame.

        Returns
        -------
        numpy.ndarray
            The result; the frame itself, as it is by then, when the transform raised.
        """
        error = 0
        with self._applying:
            began = time.perf_counter()
            try:
                result = self.function(frame)
                made = check_frame(frame if result is None else result)
            # Also sys.exit(), which in a thread would end the transform without a word.
            except BaseException:
                error, made = 1, np.ascontiguousarray(frame)
                self._report_error(frame.number)
        with self._lock:
            self._seconds += time.perf_counter() - began
            self._frames += 1
            self._errors += error
            if self._last:  # a participant who has returned counts from 1 again
                self._dropped += max(0, frame.number - self._last - 1)
            self._last = frame.number
        return made

    def _report_error(self, number: int) -> None:
        if self._failed:
            return
        self._failed = True
        self._on_error(
            f"The transform raised at frame {number}. Such frames are sent as they were, unless it has written into them.\n"
            f"{traceback.format_exc()}"
        )
