"""Frames and audio in shared memory, newest first: one writer, one reader, in two processes.

Nobody ever waits for the other: a writer overwrites what is old, a reader notices when that happened while it read
and reads again. Each side tells the other by `wants` that it would like to be notified of the next write.

The memory is an anonymous file: made with mode 0600 and unlinked as soon as the reader has opened it.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...media.i420 import Bytes, copy_bytes, copy_planes, padded, plane_bytes

_PAGE: Final = 4096
# Room for a reader in the middle of converting one frame while two more arrive.
_SLOTS: Final = 3
_WANTS: Final = struct.Struct("=I")
_NEWEST: Final = struct.Struct("=Q")
# Which write it holds, width, height, number, time.
_SLOT: Final = struct.Struct("=QIIQd")
_SLOT_BYTES: Final = 64


def _new_file(size: int) -> tuple[int, str]:
    """Make a file of that size: in memory, or where that is full, as in many a container, in the temporary folder."""
    folders = ["/dev/shm"] if os.access("/dev/shm", os.W_OK) else []  # noqa: S108
    for folder in [*folders, None]:
        descriptor, path = tempfile.mkstemp(prefix="rtc_widget-", dir=folder)
        try:
            # Reserve it now: running out of memory while writing a frame would kill the process.
            os.posix_fallocate(descriptor, 0, size)
        except OSError:
            os.close(descriptor)
            Path(path).unlink(missing_ok=True)
            if folder is None:
                raise
        else:
            return descriptor, path
    raise AssertionError


class _SharedMemory:
    """A mapped file, with the header that all of them begin with: the newest write, and whether its reader waits."""

    def __init__(self, path: str, size: int, *, create: bool) -> None:
        if create:
            descriptor, path = _new_file(size)
        else:
            descriptor = os.open(path, os.O_RDWR)
        try:
            self.map = mmap.mmap(descriptor, size)
        except OSError:
            Path(path).unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        self.path = path
        if not create:
            self.unlink()

    def unlink(self) -> None:
        """Unlink the file; existing mappings remain."""
        with contextlib.suppress(FileNotFoundError):
            Path(self.path).unlink()

    def want(self) -> None:
        """Ask to be notified of the next write."""
        _WANTS.pack_into(self.map, 8, 1)

    def publish(self, newest: int) -> bool:
        """Set the newest write; return whether the reader wants to be notified, once."""
        self.newest = newest
        wanted = bool(_WANTS.unpack_from(self.map, 8)[0])
        if wanted:
            _WANTS.pack_into(self.map, 8, 0)
        return wanted

    @property
    def newest(self) -> int:
        """Number of the last write: frames, or audio samples written in all."""
        return int(_NEWEST.unpack_from(self.map, 0)[0])

    @newest.setter
    def newest(self, value: int) -> None:
        _NEWEST.pack_into(self.map, 0, value)


@dataclass(frozen=True, slots=True)
class BufferedFrame:
    """A frame in shared memory: `pixels` is a view, (height, width, 3) in RGB, or I420 as `padded` says."""

    pixels: Bytes
    width: int
    height: int
    number: int
    time: float
    write: int


class _FrameBuffer(_SharedMemory):
    """Memory for the newest frame of a stream.

    Parameters
    ----------
    capacity : int
        Bytes of the largest picture.
    path : str
        Of an existing one, to be opened by its other side; empty to make one.
    """

    def __init__(self, capacity: int, path: str = "") -> None:
        self.capacity = capacity
        stride = -(-(_SLOT_BYTES + capacity) // _PAGE) * _PAGE
        super().__init__(path, _PAGE + _SLOTS * stride, create=not path)
        self._offsets = [_PAGE + index * stride for index in range(_SLOTS)]
        self._bytes: Bytes = np.frombuffer(self.map, np.uint8)

    def newest_number(self) -> int:
        """Return the number of the newest frame, 0 before the first."""
        newest = self.newest
        return int(_SLOT.unpack_from(self.map, self._offsets[newest % _SLOTS])[3]) if newest else 0

    def look(self) -> BufferedFrame | None:
        """Return the newest frame as a view into the memory, None before the first; see `intact`."""
        while (newest := self.newest) > 0:
            offset = self._offsets[newest % _SLOTS]
            write, width, height, number, time = _SLOT.unpack_from(self.map, offset)
            if write == newest:
                return BufferedFrame(self._view(offset, width, height), width, height, number, time, write)
        return None

    def intact(self, frame: BufferedFrame) -> bool:
        """Return whether a frame of `look` has not been overwritten meanwhile."""
        offset = self._offsets[frame.write % _SLOTS]
        return bool(_SLOT.unpack_from(self.map, offset)[0] == frame.write)

    def _view(self, offset: int, width: int, height: int) -> Bytes:
        raise NotImplementedError

    def _next(self, width: int, height: int, number: int, time: float) -> Bytes:
        """Return a view of the slot after the newest, to be filled and then published."""
        write = self.newest + 1
        offset = self._offsets[write % _SLOTS]
        _SLOT.pack_into(self.map, offset, write, width, height, number, time)
        return self._view(offset, width, height)


class I420Buffer(_FrameBuffer):
    """The newest frame in I420, the format of decoders; see `plane_bytes` for its capacity."""

    def fits(self, width: int, height: int) -> bool:
        """Return whether a frame of a size can be written.

        Parameters
        ----------
        width, height : int
            Px.

        Returns
        -------
        bool
            Whether it can.
        """
        return plane_bytes(width, height) <= self.capacity

    def _view(self, offset: int, width: int, height: int) -> Bytes:
        columns, rows = padded(width, height)
        start = offset + _SLOT_BYTES
        return self._bytes[start : start + plane_bytes(width, height)].reshape(rows * 3 // 2, columns)

    def write(self, frame: Any, number: int, time: float) -> bool:
        """Copy the planes of a frame.

        Parameters
        ----------
        frame : object
            An `av.VideoFrame` in yuv420p.
        number : int
            The frame's number.
        time : float
            Seconds since the epoch.

        Returns
        -------
        bool
            Whether the reader wants to be notified.
        """
        copy_planes(frame, self._next(frame.width, frame.height, number, time))
        return self.publish(self.newest + 1)


class RgbBuffer(_FrameBuffer):
    """The newest frame in RGB."""

    def fits(self, rgb: Bytes) -> bool:
        """Return whether a frame can be written.

        Parameters
        ----------
        rgb : Bytes
            The frame.

        Returns
        -------
        bool
            Whether it can.
        """
        return rgb.nbytes <= self.capacity

    def _view(self, offset: int, width: int, height: int) -> Bytes:
        start = offset + _SLOT_BYTES
        return self._bytes[start : start + 3 * width * height].reshape(height, width, 3)

    def write(self, rgb: Bytes, number: int, time: float) -> bool:
        """Copy a frame.

        Parameters
        ----------
        rgb : Bytes
            Shape (height, width, 3), contiguous.
        number : int
            The frame's number.
        time : float
            Seconds since the epoch.

        Returns
        -------
        bool
            Whether the reader wants to be notified.
        """
        height, width = rgb.shape[:2]
        copy_bytes(rgb, self._next(width, height, number, time))
        return self.publish(self.newest + 1)


_TIME: Final = struct.Struct("=d")


class AudioRing(_SharedMemory):
    """The last seconds of audio, s16 and interleaved, in a ring buffer.

    Parameters
    ----------
    rate : int
        Samples per second.
    channels : int
        Channels of a sample.
    path : str
        Of existing memory that the other side has made; empty to make it.
    seconds : float
        How much is kept.
    """

    def __init__(self, rate: int, channels: int, path: str = "", seconds: float = 4.0) -> None:
        self._length = int(rate * seconds)
        super().__init__(path, _PAGE + self._length * channels * 2, create=not path)
        ring = np.frombuffer(self.map, np.int16, offset=_PAGE)
        self._ring = ring[: self._length * channels].reshape(self._length, channels)

    @property
    def written(self) -> int:
        """How many samples have been written in total."""
        return self.newest

    @property
    def time(self) -> float:
        """When the newest sample was written, seconds since the epoch."""
        return float(_TIME.unpack_from(self.map, 16)[0])

    def write(self, samples: npt.NDArray[np.int16], time: float) -> bool:
        """Append samples.

        Parameters
        ----------
        samples : numpy.ndarray
            Shape (samples, channels).
        time : float
            Seconds since the epoch.

        Returns
        -------
        bool
            Whether the reader wants to be notified.
        """
        start = self.newest
        samples = samples[-self._length :]
        at = start % self._length
        first = min(len(samples), self._length - at)
        self._ring[at : at + first] = samples[:first]
        self._ring[: len(samples) - first] = samples[first:]
        _TIME.pack_into(self.map, 16, time)
        return self.publish(start + len(samples))

    def read(self, start: int, stop: int) -> npt.NDArray[np.int16]:
        """Copy samples, as far as they are still in the ring.

        Parameters
        ----------
        start, stop : int
            Positions, counted as `written` counts.

        Returns
        -------
        numpy.ndarray
            Shape (samples, channels).
        """
        while True:
            oldest = max(0, self.newest - self._length)
            begin = max(start, oldest)
            count = max(0, stop - begin)
            at = begin % self._length
            first = min(count, self._length - at)
            copy = np.concatenate([self._ring[at : at + first], self._ring[: count - first]])
            if begin >= self.newest - self._length:
                return copy
