"""The text of a dump, which may be compressed."""

from __future__ import annotations

import warnings
import zlib
from pathlib import Path
from typing import Final

from ....errors import InvalidArgumentError

# Dumps are text, which becomes a tenth to a thirtieth of its size.
_MOST_RATIO: Final = 200
_SMALL: Final = 1 << 20


def text_of(path: Path) -> str:
    """Read a dump's text.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        The text; of an incomplete file everything up to the break, with a warning.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for what cannot be decompressed.
    """
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = _unzipped(path, data)
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def _unzipped(path: Path, data: bytes) -> bytes:
    # gzip.decompress returns nothing of an incomplete file; the stream returns what there is.
    stream = zlib.decompressobj(wbits=31)
    try:
        whole = stream.decompress(data, max(_SMALL, len(data) * _MOST_RATIO))
    except zlib.error as error:
        msg = f"{path} looks like a compressed file, but cannot be decompressed: {error}."
        raise InvalidArgumentError("bad_trace", msg) from None
    if stream.unconsumed_tail:
        msg = f"{path} is no dump: it unpacks to more than {_MOST_RATIO} times its size."
        raise InvalidArgumentError("bad_trace", msg)
    if not stream.eof:
        warn_of_break(path, "is incomplete: its compressed data break off")
    return whole


def warn_of_break(path: Path, what: str) -> None:
    """Warn that a file breaks off.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        How.
    """
    warnings.warn(f"{path} {what}: everything before was read.", stacklevel=2)


def unknown_format(path: Path) -> InvalidArgumentError:
    """Return the error for a file of another program.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    InvalidArgumentError
        ``bad_trace``.
    """
    msg = f"{path} is neither a trace of rtc_widget nor a dump of webrtc-internals or rtcstats."
    return InvalidArgumentError("bad_trace", msg)
