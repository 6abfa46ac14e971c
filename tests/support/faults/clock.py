"""A clock that can be set, for the processes that are started with it."""

from __future__ import annotations

import mmap
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
_OFFSET = struct.Struct("=q")


class Clock:
    """The time of day of some processes; how it goes on is the real clock's, and no timer sees that it was set.

    libfaketime would do the same, but breaks the C library's ``clock_nanosleep``, and with it Python's ``sleep``.

    Parameters
    ----------
    folder
        Where the time is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._library = folder / "clock", folder / "clock.so"
        self._file.write_bytes(_OFFSET.pack(0))
        build = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(build, check=True)

    def environment(self) -> dict[str, str]:
        """Return the environment of processes that have this clock."""
        return {"LD_PRELOAD": str(self._library), "RTC_WIDGET_TEST_CLOCK": str(self._file)}

    def set_by(self, seconds: int) -> None:
        """Set it forward or back, from the real time."""
        with self._file.open("r+b") as file, mmap.mmap(file.fileno(), _OFFSET.size) as shared:
            _OFFSET.pack_into(shared, 0, seconds)
