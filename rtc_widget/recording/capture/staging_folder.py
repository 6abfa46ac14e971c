"""Staging directory of a running recording, described in ``docs/recording.md``."""

from __future__ import annotations

import contextlib
import json
import queue
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from ...errors import InvalidArgumentError
from ...runtime.files import PRIVATE_FILE, PRIVATE_FOLDER, private_opener, replacing
from ..contents import FORMAT, VERSION, Ended
from .line_shares import LineShares
from .output_path import unwritable

_MANIFEST_SECONDS: Final = 1.0
# Bounds the memory that a flood of messages can take. Segment chunks that do not fit are resent.
_MAX_PENDING: Final = 32 * 1024 * 1024
# For the last manifest.
_RESERVE_BYTES: Final = 65_536
# Each participant has one or two open segments at a time.
_MAX_OPEN: Final = 40


class StagingFolder:
    """Writes files on a thread of its own, in the order of the calls; what has been written survives the kernel.

    Parameters
    ----------
    path : Path
        The folder, which is created.
    about : dict
        Fields of the manifest from the beginning.
    max_bytes : float
        How much the recording may hold, of which lines may take a part.
    failed : callable
        Takes the error when the disk cannot be written to. Called once, on the folder's thread; nothing is written
        afterwards.

    Raises
    ------
    InvalidArgumentError
        ``recording_failed`` when the folder cannot be created.
    """

    def __init__(
        self, path: Path, about: dict[str, Any], max_bytes: float, failed: Callable[[OSError], None]
    ) -> None:
        self.path = path
        self.size = 0
        self._about = {"format": FORMAT, "version": VERSION, **about}
        self._failed = failed
        self._began = time.monotonic()
        self._files: dict[str, BinaryIO] = {}
        self._disk_failed = self._closed = False
        self._pending = 0
        self._problems: list[str] = []
        self._shares = LineShares(max_bytes, self.add_problem)
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        try:
            path.mkdir(PRIVATE_FOLDER)
            (path / "media").mkdir(PRIVATE_FOLDER)
            self._write_manifest()
            self._reserve = _reserve(path)
        except OSError as error:
            raise InvalidArgumentError("recording_failed", unwritable(path, error)) from None
        self._thread = threading.Thread(target=self._run, name="rtc_widget-recording", daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long ago the recording began, seconds."""
        return time.monotonic() - self._began

    def set_origin(self, began: float) -> None:
        """Set the time 0 of the recording to now.

        Parameters
        ----------
        began : float
            The relay's time now, seconds since the epoch.
        """
        self._about["began"] = began
        self._began = time.monotonic()

    def add_problem(self, text: str) -> None:
        """Note in the manifest that something is missing; the same text is noted once.

        Parameters
        ----------
        text : str
            A sentence.
        """
        if text not in self._problems:
            self._problems.append(text)

    def write_line(self, name: str, value: dict[str, Any]) -> None:
        """Append a line to a JSON Lines file; when too much is waiting to be written, note a problem instead.

        Parameters
        ----------
        name : str
            The file's name without ".jsonl".
        value : dict
            The line's object.
        """
        self._write_line(name, _encoded(value))

    def introduce(self, participant: str, name: str) -> None:
        """Learn how somebody is called in problems.

        Parameters
        ----------
        participant : str
            The id.
        name : str
            The name, as it may be stored.
        """
        self._shares.introduce(participant, name)

    def write_line_of(self, participant: str | None, name: str, value: dict[str, Any]) -> None:
        """Append a line of which a participant may cause any number; what is over its share is left out.

        Parameters
        ----------
        participant : str or None
            The id of whose it is; None for what is of the room or of the recorder itself.
        name : str
            The file's name without ".jsonl".
        value : dict
            The line's object.
        """
        data = _encoded(value)
        if self._shares.take(participant, len(data)):
            self._write_line(name, data)

    def _write_line(self, name: str, data: bytes) -> None:
        if not self.append(f"{name}.jsonl", data, lambda: None):
            self.add_problem(
                f"{name}.jsonl is incomplete: events arrived faster than the disk could write them."
            )

    def append(self, name: str, data: bytes, done: Callable[[], None]) -> bool:
        """Append to a file.

        Parameters
        ----------
        name : str
            The file's name in the folder.
        data : bytes
            The bytes.
        done : callable
            Called on the folder's thread once they are written.

        Returns
        -------
        bool
            False when too much is waiting to be written: nothing was accepted.
        """
        if self._pending + len(data) > _MAX_PENDING:
            return False
        self._pending += len(data)

        def act() -> None:
            self._pending -= len(data)
            self._append(name, data)
            done()

        self._jobs.put(act)
        return True

    def finish_file(self, name: str) -> None:
        """Close a file that is complete.

        Parameters
        ----------
        name : str
            The file's name in the folder.
        """
        self._jobs.put(lambda: self._close(name))

    def remove_files(self, names: list[str]) -> None:
        """Delete files, those of a participant who declined.

        Parameters
        ----------
        names : list of str
            Their names in the folder.
        """

        def act() -> None:
            for name in names:
                self._close(name)
                path = self.path / name
                with contextlib.suppress(FileNotFoundError):
                    self.size -= path.stat().st_size
                    path.unlink()

        self._jobs.put(act)

    def close(self, ended: Ended) -> None:
        """Write the final manifest, and wait until everything is written. May be called twice.

        Parameters
        ----------
        ended : Ended
            How the recording ended.
        """
        if self._closed:
            return
        self._about["ended"] = {"reason": ended.reason, "message": ended.message}
        self._jobs.put(None)
        self._thread.join()
        self._closed = True

    # -- on the folder's thread

    def _run(self) -> None:
        due = time.monotonic() + _MANIFEST_SECONDS
        while True:
            try:
                job = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                due = time.monotonic() + _MANIFEST_SECONDS
                self._run_job(self._write_manifest)
                continue
            if job is None:
                break
            self._run_job(job)
        # A full disk has room for this then; without it the recording reads as one whose kernel died.
        self._reserve.close()
        with contextlib.suppress(OSError):
            self._write_manifest()
        for name in list(self._files):
            with contextlib.suppress(OSError):
                self._close(name)

    def _run_job(self, job: Callable[[], None]) -> None:
        if self._disk_failed:
            return
        try:
            job()
        except OSError as error:
            self._disk_failed = True
            self._failed(error)

    def _append(self, name: str, data: bytes) -> None:
        file = self._files.get(name)
        if file is None:
            if len(self._files) >= _MAX_OPEN:
                self._close(next(iter(self._files)))
            # Unbuffered: written data belongs to the operating system and survives the kernel.
            file = open(self.path / name, "ab", buffering=0, opener=private_opener)  # noqa: SIM115
            self._files[name] = file
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        self.size += len(data)

    def _close(self, name: str) -> None:
        file = self._files.pop(name, None)
        if file is not None:
            file.close()

    def _write_manifest(self) -> None:
        about = {**self._about, "seconds": round(self.seconds, 3), "problems": self._problems}
        with replacing(self.path / "manifest.json", PRIVATE_FILE) as file:
            file.write(json.dumps(about, indent=1).encode())


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _reserve(folder: Path) -> IO[bytes]:
    """Take some of the disk that a folder is on, until this is closed or the process ends."""
    reserve = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
    try:
        reserve.write(bytes(_RESERVE_BYTES))
    except OSError:
        reserve.close()
        raise
    return reserve
