"""A clock that can be set, for the processes that are started with it: libfaketime, in front of the C library."""

from __future__ import annotations

from pathlib import Path

_PLACES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1")


def library() -> Path | None:
    """Return where libfaketime is, which Debian's package of that name installs."""
    root = Path("/")
    found = [path for place in _PLACES for path in root.glob(place.lstrip("/"))]
    return found[0] if found else None


class Clock:
    """The time of day of some processes; how it goes on is the real clock's, and no timer sees that it was set.

    Parameters
    ----------
    folder
        Where the time is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set_by(0)

    def environment(self) -> dict[str, str]:
        """Return the environment of processes that have this clock."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "NO_FAKE_STAT": "1",
        }

    def set_by(self, seconds: int) -> None:
        """Set it forward or back, from the real time."""
        beside = self._file.with_suffix(".part")
        beside.write_text(f"{seconds:+d}\n")
        beside.rename(self._file)
