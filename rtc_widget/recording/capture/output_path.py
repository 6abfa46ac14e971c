"""Where a recording is written: nobody else writes there, and what is there already is not lost."""

from __future__ import annotations

import contextlib
import shutil
import threading
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from ...errors import InvalidArgumentError
from ..arguments import path_of, reason_of
from ..contents import PART, SUFFIX

_OLD: Final = ".old"
_LOCK: Final = ".lock"

_active: set[Path] = set()
_lock = threading.Lock()


def file_of(path: str | Path) -> Path:
    """Return where a recording's file will be, whatever the present folder is by then, the same for each spelling.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is no path.
    """
    named = path_of("A recording's path", path)
    if not named.name.endswith(SUFFIX):
        named = named.with_name(named.name + SUFFIX)
    with contextlib.suppress(OSError):
        return named.parent.resolve() / named.name
    return named


class Place:
    """A file that is to be made, and the folder in which it is until then.

    Parameters
    ----------
    file : Path
        As of `file_of`.
    replace : bool
        Whether what is there may be lost, once the new recording is made.

    Raises
    ------
    InvalidArgumentError
        ``recording_failed`` when it is being recorded already, here or by another kernel, or when something is there
        that is not to be replaced.
    """

    def __init__(self, file: Path, *, replace: bool) -> None:
        self.file = file
        self.part = file.with_name(file.name + PART)
        self._old = file.with_name(file.name + PART + _OLD)
        with _lock:
            if file in _active:
                raise _taken(file)
            _active.add(file)
        # Beside the folder, which does not last.
        self._kernels = FileLock(file.with_name(f".{file.name}{_LOCK}"), thread_local=False)
        try:
            self._claim(replace)
        except BaseException:
            self.give_up()
            raise

    def _claim(self, replace: bool) -> None:
        try:
            # The lock would make the folder, and takes what it may not write for what is locked.
            Path(self._kernels.lock_file).touch()
            self._kernels.acquire(timeout=0)
        except Timeout:
            raise _taken(self.file) from None
        except OSError as error:
            raise InvalidArgumentError("recording_failed", unwritable(self.file, error)) from None
        if self.file.is_dir():
            msg = f"{self.file} is a folder: choose another name."
            raise InvalidArgumentError("recording_failed", msg)
        there = ((self.file, "is there already"), (self.part, "is what is left of one that broke off"))
        for path, what in there:
            if path.exists() and not replace:
                msg = f"{path} {what}: choose another name, or record(…, replace=True)."
                raise InvalidArgumentError("recording_failed", msg)
        if self.part.exists():
            shutil.rmtree(self._old, ignore_errors=True)
            self.part.rename(self._old)

    def back(self) -> None:
        """Put back what was there: nothing has been recorded."""
        shutil.rmtree(self.part, ignore_errors=True)
        if self._old.exists():
            self._old.rename(self.part)

    def done(self) -> None:
        """Remove what has been replaced: the new file is there."""
        shutil.rmtree(self._old, ignore_errors=True)

    def give_up(self) -> None:
        """Let others record here."""
        if self._kernels.is_locked:
            self._kernels.release()
            with contextlib.suppress(OSError):
                Path(self._kernels.lock_file).unlink()
        with _lock:
            _active.discard(self.file)


def unwritable(file: Path, error: OSError) -> str:
    """Say why a recording cannot be written."""
    return f"{str(file.parent)!r} takes no recording: {reason_of(error)}. Record into a folder that is yours."


def _taken(file: Path) -> InvalidArgumentError:
    msg = f"{file} is being recorded: stop that, or give this one another name."
    return InvalidArgumentError("recording_failed", msg)
