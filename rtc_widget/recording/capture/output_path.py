"""The path that a recording is written to: locked against other recorders, and never overwritten by mistake."""

from __future__ import annotations

import contextlib
import shutil
import threading
from os import PathLike
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from ...errors import InvalidArgumentError
from ...runtime.files import private_opener
from ...runtime.paths import check_path, reason_of
from ..contents import PART, SUFFIX

_OLD: Final = ".old"
_LOCK: Final = ".lock"

_active: set[Path] = set()
_lock = threading.Lock()


def file_of(path: str | PathLike[str]) -> Path:
    """Return the absolute path of a recording's file, the same for every spelling of it.

    Parameters
    ----------
    path : str or path-like
        Such as "lesson3", for ``lesson3.rtcw.zip``.

    Returns
    -------
    Path
        The path; it does not depend on later changes of the working directory.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what cannot be a path.
    """
    named = check_path("A recording's path", path)
    if not named.name.endswith(SUFFIX):
        named = named.with_name(named.name + SUFFIX)
    with contextlib.suppress(OSError):
        return named.parent.resolve() / named.name
    return named


class OutputPath:
    """The file that a recording becomes, and its staging folder, both claimed until `release`.

    Parameters
    ----------
    file : Path
        As of `file_of`.
    replace : bool
        Whether an existing recording may be replaced, once the new one is made.

    Raises
    ------
    InvalidArgumentError
        ``recording_failed`` when the path is being recorded to, by this or another kernel, or when something exists
        that may not be replaced.
    """

    def __init__(self, file: Path, *, replace: bool) -> None:
        self.file = file
        self.part = file.with_name(file.name + PART)
        self._old = file.with_name(file.name + PART + _OLD)
        with _lock:
            if file in _active:
                raise _in_use(file)
            _active.add(file)
        # Next to the staging folder, which is removed at the end.
        self._lock = FileLock(file.with_name(f".{file.name}{_LOCK}"), thread_local=False)
        try:
            self._claim(replace)
        except BaseException:
            self.release()
            raise

    def _claim(self, replace: bool) -> None:
        try:
            # FileLock would create missing folders, and reports a file that it may not write as locked.
            # It would also empty what a link of this name leads to.
            with open(self._lock.lock_file, "a", opener=private_opener):
                pass
            self._lock.acquire(timeout=0)
        except Timeout:
            raise _in_use(self.file) from None
        except OSError as error:
            raise InvalidArgumentError("recording_failed", unwritable(self.file, error)) from None
        if self.file.is_dir():
            msg = f"{self.file} is a folder: choose another name."
            raise InvalidArgumentError("recording_failed", msg)
        existing = ((self.file, "already exists"), (self.part, "is left over from an unfinished recording"))
        for path, what in existing:
            if path.exists() and not replace:
                msg = f"{path} {what}: choose another name, or call record(…, replace=True)."
                raise InvalidArgumentError("recording_failed", msg)
        if self.part.exists():
            shutil.rmtree(self._old, ignore_errors=True)
            self.part.rename(self._old)

    def restore(self) -> None:
        """Put back what was there before: nothing has been recorded."""
        shutil.rmtree(self.part, ignore_errors=True)
        if self._old.exists():
            self._old.rename(self.part)

    def discard_replaced(self) -> None:
        """Remove what has been replaced, now that the new file exists."""
        shutil.rmtree(self._old, ignore_errors=True)

    def release(self) -> None:
        """Allow others to record to this path. May be called twice."""
        if self._lock.is_locked:
            self._lock.release()
            with contextlib.suppress(OSError):
                Path(self._lock.lock_file).unlink()
        with _lock:
            _active.discard(self.file)


def unwritable(file: Path, error: OSError) -> str:
    """Explain why a recording cannot be written.

    Parameters
    ----------
    file : Path
        The recording's file.
    error : OSError
        What the operating system reported.

    Returns
    -------
    str
        A sentence with advice.
    """
    return f"Cannot write a recording to {str(file.parent)!r}: {reason_of(error)}. Choose a folder that you may write to."


def _in_use(file: Path) -> InvalidArgumentError:
    msg = f"{file} is already being recorded: stop that recording, or choose another name."
    return InvalidArgumentError("recording_failed", msg)
