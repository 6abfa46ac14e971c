"""Opening media files of unknown origin."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import av

COLOURS: Final[dict[str, Any]] = {"dst_colorspace": "ITU601", "dst_color_range": "MPEG"}
"""Colour space and range of frames for files without colour information, which VP8 requires and Chromium's VP9 does not use."""

_EBML: Final = b"\x1a\x45\xdf\xa3"
_HEAD: Final = 12


def open_media(source: Path | IO[bytes]) -> Any:
    """Open a WebM or MP4 file for reading, and nothing else.

    FFmpeg would also open playlists, which could refer to other files of this computer.

    Parameters
    ----------
    source : Path or file
        A path, or a seekable binary file.

    Returns
    -------
    av.container.InputContainer
        The open container.

    Raises
    ------
    av.FFmpegError
        For what is neither, or damaged.
    OSError
        For a missing file.
    av
    """
    with ExitStack() as stack:
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        at = file.tell()
        head = file.read(_HEAD)
        file.seek(at)
    if head.startswith(_EBML):
        container_format = "matroska"
    elif head[4:8] == b"ftyp":
        container_format = "mp4"
    else:
        raise av.error.InvalidDataError(0, "neither WebM nor MP4")
    location = str(source) if isinstance(source, Path) else source
    return av.open(location, "r", format=container_format, options={"protocol_whitelist": "file"})
