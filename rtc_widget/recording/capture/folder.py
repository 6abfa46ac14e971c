"""The folder in which a recording is while it is being made; ``docs/recording.md`` describes it."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

from ...errors import InvalidArgumentError
from ..contents import FORMAT, VERSION, Ended

_MANIFEST_SECONDS: Final = 1.0


class Folder:
    """Writes on a thread of its own, in the order in which it is told; what is written survives the kernel.

    Parameters
    ----------
    path : Path
        Is made.
    about : dict
        What the manifest says from the beginning.
    failed : callable
        Takes the error when the disk takes no more. Called on the folder's thread, once; nothing is written after it.

    Raises
    ------
    InvalidArgumentError
        ``recording_failed``, when the folder cannot be made.
    """

    def __init__(self, path: Path, about: dict[str, Any], failed: Callable[[OSError], None]) -> None:
        self.path = path
        self.size = 0
        self._about = {"format": FORMAT, "version": VERSION, **about}
        self._failed = failed
        self._began = time.monotonic()
        self._files: dict[str, BinaryIO] = {}
        self._broken = False
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        try:
            path.mkdir()
            (path / "media").mkdir()
            self._write_manifest()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            msg = f"{str(path.parent)!r} takes no recording: {reason}. Record into a folder that is yours."
            raise InvalidArgumentError("recording_failed", msg) from None
        self._thread = threading.Thread(target=self._run, name="rtc_widget-recording", daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long it has been written to."""
        return time.monotonic() - self._began

    def begin(self, began: float) -> None:
        """Say when time 0 is, in seconds since the epoch on the relay's clock."""
        self._about["began"] = began
        self._began = time.monotonic()

    def line(self, name: str, value: dict[str, Any]) -> None:
        """Add a line to one of the JSON Lines."""
        data = json.dumps(value, separators=(",", ":")).encode() + b"\n"
        self._do(lambda: self._append(f"{name}.jsonl", data))

    def add(self, name: str, data: bytes, done: Callable[[], None]) -> None:
        """Add to a media file, then call ``done`` on the folder's thread."""

        def act() -> None:
            self._append(f"media/{name}", data)
            done()

        self._do(act)

    def finish(self, name: str) -> None:
        """Close a media file, of which everything has come."""
        self._do(lambda: self._close(f"media/{name}"))

    def remove(self, names: list[str]) -> None:
        """Take out media files, those of somebody who does not want to be recorded."""

        def act() -> None:
            for name in names:
                self._close(f"media/{name}")
                path = self.path / "media" / name
                with contextlib.suppress(FileNotFoundError):
                    self.size -= path.stat().st_size
                    path.unlink()

        self._do(act)

    def close(self, ended: Ended) -> None:
        """Write the end, and wait for everything to be written."""
        self._about["ended"] = {"reason": ended.reason, "message": ended.message}
        self._jobs.put(None)
        self._thread.join()

    # -- on the folder's thread

    def _do(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)

    def _run(self) -> None:
        due = time.monotonic() + _MANIFEST_SECONDS
        while True:
            try:
                job = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                due = time.monotonic() + _MANIFEST_SECONDS
                self._attempt(self._write_manifest)
                continue
            if job is None:
                break
            self._attempt(job)
        # A full disk may have room for this, and else it was as good as killed.
        with contextlib.suppress(OSError):
            self._write_manifest()
        for name in list(self._files):
            with contextlib.suppress(OSError):
                self._close(name)

    def _attempt(self, job: Callable[[], None]) -> None:
        if self._broken:
            return
        try:
            job()
        except OSError as error:
            self._broken = True
            self._failed(error)

    def _append(self, name: str, data: bytes) -> None:
        file = self._files.get(name)
        if file is None:
            # Unbuffered: what has been written is the operating system's, whatever becomes of the kernel.
            file = self._files[name] = (self.path / name).open("ab", buffering=0)
        file.write(data)
        self.size += len(data)

    def _close(self, name: str) -> None:
        file = self._files.pop(name, None)
        if file is not None:
            file.close()

    def _write_manifest(self) -> None:
        beside = self.path / ".manifest.json"
        beside.write_text(json.dumps({**self._about, "seconds": round(self.seconds, 3)}, indent=1), "utf-8")
        beside.replace(self.path / "manifest.json")
