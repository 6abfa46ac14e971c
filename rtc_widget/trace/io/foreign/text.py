"""The bytes of a trace or dump, which may be compressed, or in UTF-16."""

from __future__ import annotations

import codecs
import zlib
from pathlib import Path
from typing import Final

from ....errors import InvalidArgumentError
from ....tracebacks import warn

# Dumps are text, which becomes a tenth to a thirtieth of its size.
_MOST_RATIO: Final = 200
_SMALL: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BEGINNINGS: Final = (b"{", b"[", b"RTCStatsDump")


def is_wrapped(head: bytes) -> bool:
    """Tell whether a file has to be unpacked or converted before its lines can be read.

    Parameters
    ----------
    head : bytes
        Its beginning.

    Returns
    -------
    bool
        Whether it is compressed, or in UTF-16.
    """
    return head.startswith((_GZIP, *_UTF_16))


def begins_as_known(head: bytes) -> bool:
    """Tell whether a file may be a trace or dump.

    Parameters
    ----------
    head : bytes
        Its beginning, some thousand bytes.

    Returns
    -------
    bool
        False for what begins like none: it need not be read.
    """
    return is_wrapped(head) or head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(_BEGINNINGS)


def data_of(path: Path) -> bytes:
    """Read a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        Its text in UTF-8; of an incomplete file everything up to the break, with a warning.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for what cannot be decompressed.
    """
    data = path.read_bytes()
    if data.startswith(_GZIP):
        data = _unzipped(path, data)
    if data.startswith(_UTF_16):
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


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
    warn(f"{path} {what}: everything before was read.")


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
