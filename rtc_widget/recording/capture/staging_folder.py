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
from .output_path import unwritable

_MANIFEST_SECONDS: Final = 1.0
# Whoever floods a room must not fill the memory. Pieces that are dropped are sent again.
_MAX_PENDING: Final = 32 * 1024 * 1024
# One participant has one or two segments at a time.
_MAX_OPEN: Final = 40


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
        self._broken = self._closed = False
        self._pending = 0
        self._problems: list[str] = []
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        try:
            path.mkdir()
            (path / "media").mkdir()
            self._write_manifest()
        except OSError as error:
            raise InvalidArgumentError("recording_failed", unwritable(path, error)) from None
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

    def problem(self, text: str) -> None:
        """Note what is missing, once."""
        if text not in self._problems:
            self._problems.append(text)

    def line(self, name: str, value: dict[str, Any]) -> None:
        """Add a line to one of the JSON Lines."""
        data = json.dumps(value, separators=(",", ":")).encode() + b"\n"
        if not self._write_later(f"{name}.jsonl", data, lambda: None):
            self.problem(f"More came for {name}.jsonl than the disk could take: some of it is missing.")

    def add(self, name: str, data: bytes, done: Callable[[], None]) -> bool:
        """Add to a media file, then call ``done`` on the folder's thread; tell whether there is room for it now."""
        return self._write_later(f"media/{name}", data, done)

    def _write_later(self, name: str, data: bytes, done: Callable[[], None]) -> bool:
        if self._pending + len(data) > _MAX_PENDING:
            return False
        self._pending += len(data)

        def act() -> None:
            self._pending -= len(data)
            self._append(name, data)
            done()

        self._do(act)
        return True

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
        """Write the end, and wait for everything to be written. May be called twice."""
        if self._closed:
            return
        self._about["ended"] = {"reason": ended.reason, "message": ended.message}
        self._jobs.put(None)
        self._thread.join()
        self._closed = True

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
            if len(self._files) >= _MAX_OPEN:
                self._close(next(iter(self._files)))
            # Unbuffered: what has been written is the operating system's, whatever becomes of the kernel.
            file = self._files[name] = (self.path / name).open("ab", buffering=0)
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        self.size += len(data)

    def _close(self, name: str) -> None:
        file = self._files.pop(name, None)
        if file is not None:
            file.close()

    def _write_manifest(self) -> None:
        beside = self.path / ".manifest.json"
        about = {**self._about, "seconds": round(self.seconds, 3), "problems": self._problems}
        beside.write_text(json.dumps(about, indent=1), "utf-8")
        beside.replace(self.path / "manifest.json")
