"""Files that appear complete or not at all, and files that only their owner reads."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

PRIVATE_FILE: Final = 0o600
"""Mode of a file that only its owner reads."""

PRIVATE_FOLDER: Final = 0o700
"""Mode of a folder that only its owner opens."""

SHARED_FILE: Final = 0o666
"""Mode of a file that is made to be passed on: the user's umask says who reads it."""


@contextlib.contextmanager
def replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    """Open a new file that takes a path's place once the block has ended; after an exception, nothing has changed.

    Until then it is in the same folder, under a name that nobody knows beforehand: others who may write there cannot
    have put a link in its way. It has the path's suffix, in lower case, by which libraries choose a format.

    Parameters
    ----------
    path : Path
        The path. A link there is replaced, not followed.
    mode : int
        The file's mode, from which the user's umask is taken.

    Yields
    ------
    BinaryIO
        The new file, whose ``name`` is where it is until then.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    beside = path.with_name(f".rtc_widget-{secrets.token_hex(8)}{path.suffix.lower()}")
    try:
        # With "x" no link is followed either. Other than tempfile's, the mode can be one that the umask decides on.
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
        # Some systems do not rename what is open.
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def private_opener(name: str, flags: int) -> int:
    """Open a file as `open` does, except that a new one is private, and that a link is not followed.

    Parameters
    ----------
    name : str
        The file's path.
    flags : int
        As of `os.open`.

    Returns
    -------
    int
        The descriptor.
    """
    return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), PRIVATE_FILE)
