"""The kernel's side of the peers' benchmarks: a process that obeys lines on standard input, as a kernel obeys cells.

Its main thread sleeps, or runs a pure-Python loop; frames come and go on other threads. The contenders, `peer_ours`
and `peer_bare`, only say how.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

Picture = np.ndarray[Any, Any]

COLUMNS, ROWS, BITS, TICKS = 32, 16, 24, 10


def _blocks(value: int) -> list[int]:
    bits = [value >> (BITS - 1 - index) & 1 for index in range(BITS)]
    check = [sum(bits[index::4]) % 2 for index in range(4)]
    return [1, 0, *bits, *check, 1, 0]


def now() -> int:
    """Return the machine's clock in ticks, as the page counts them."""
    return round(time.time() * 1000 * TICKS) & ((1 << BITS) - 1)


def age(picture: Picture) -> float | None:
    """Return how many milliseconds ago a picture was drawn, None when its code cannot be read."""
    height, width = picture.shape[:2]
    row = picture[height // ROWS // 2, :, 1]
    seen = [int(row[int((index + 0.5) * width / COLUMNS)]) > 127 for index in range(COLUMNS)]
    value = int("".join(str(int(bit)) for bit in seen[2 : 2 + BITS]), 2)
    if _blocks(value) != [int(bit) for bit in seen]:
        return None
    return ((now() - value) & ((1 << BITS) - 1)) / TICKS


class Camera:
    """Pictures with a texture that moves, and the time in them."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._number = 0
        self._texture = np.full((height + 256, width + 256, 3), 90, np.uint8)
        random = np.random.default_rng(1)
        for _ in range(400):
            x, y = random.integers(0, width + 226), random.integers(0, height + 236)
            self._texture[y : y + random.integers(20, 100), x : x + random.integers(30, 120)] = (
                random.integers(40, 200, 3)
            )

    def picture(self) -> Picture:
        """Return the next one, made now."""
        width, height = self._size
        self._number += 1
        x = self._number * 3 % 256
        picture = self._texture[x // 2 : x // 2 + height, x : x + width].copy()
        code = np.array(_blocks(now()), np.uint8) * 255
        picture[: height // ROWS] = np.repeat(code, width // COLUMNS)[:, None]
        return picture


class Side:
    """What a contender says."""

    def warm(self, **options: Any) -> None:
        """Have the process for the media running before anything else."""
        raise NotImplementedError

    def open(self, **options: Any) -> Any:
        """Be there to be connected to; what it returns goes to the page."""
        raise NotImplementedError

    def receive(self, take: Callable[[Picture], None]) -> None:
        """Call ``take`` with pictures as they come, on a thread."""
        raise NotImplementedError

    def first(self) -> None:
        """Return with the first picture."""
        raise NotImplementedError

    def poll(self, fps: float) -> None:
        """Take so many pictures a second, for ever."""
        raise NotImplementedError

    def send(self, picture: Picture) -> None:
        """Send one."""
        raise NotImplementedError

    def close(self) -> None:
        """End."""
        raise NotImplementedError


class Kernel:
    """Obeys, and measures what arrives.

    Parameters
    ----------
    side : Side
        The contender.
    """

    def __init__(self, side: Side) -> None:
        self._side = side
        self._busy = self._over = False
        self._changed = threading.Event()
        self._feeding: threading.Thread | None = None
        self._closing = False
        self._ages: list[float] = []
        self._frames = self._unread = self._sent = 0
        self._size = [0, 0]
        self._opened = 0.0

    def run(self) -> None:
        """Be a kernel until standard input ends."""
        threading.Thread(target=self._obey, daemon=True).start()
        while not self._over:
            if self._busy:
                for _ in range(100_000):
                    pass
            else:
                self._changed.wait()
                self._changed.clear()

    def _obey(self) -> None:
        for line in sys.stdin:
            command, options = json.loads(line)
            print(json.dumps(getattr(self, f"_do_{command}")(**options)), flush=True)
        self._over = True
        self._changed.set()

    def _do_open(self, **options: Any) -> Any:
        self._opened = time.monotonic()
        return self._side.open(**options)

    def _do_warm(self, **options: Any) -> None:
        self._side.warm(**options)

    def _do_first(self) -> float:
        self._side.first()
        return 1000 * (time.monotonic() - self._opened)

    def _do_poll(self, fps: float) -> None:
        threading.Thread(target=self._side.poll, args=(fps,), daemon=True).start()

    def _do_receive(self) -> None:
        self._side.receive(self._take)

    def _take(self, picture: Picture) -> None:
        aged = age(picture)
        self._frames += 1
        self._size = [picture.shape[1], picture.shape[0]]
        if aged is None:
            self._unread += 1
        else:
            self._ages.append(aged)

    def _do_send(self, size: list[int], fps: float) -> None:
        self._feeding = threading.Thread(target=self._feed, args=(Camera(*size), fps), daemon=True)
        self._feeding.start()

    def _feed(self, camera: Camera, fps: float) -> None:
        due = time.monotonic()
        while not self._closing:
            self._side.send(camera.picture())
            self._sent += 1
            due = max(due + 1 / fps, time.monotonic() - 1 / fps)
            time.sleep(max(0.0, due - time.monotonic()))

    def _do_busy(self, on: bool) -> None:
        self._busy = on
        self._changed.set()

    def _do_mark(self) -> None:
        self._ages = []
        self._frames = self._unread = self._sent = 0

    def _do_figures(self) -> dict[str, Any]:
        return {
            "latencies": self._ages,
            "shown": self._frames,
            "unread": self._unread,
            "size": self._size,
            "sent": self._sent,
        }

    def _do_close(self) -> None:
        self._closing = True
        if self._feeding is not None:
            self._feeding.join()
        self._side.close()
