"""Opening media files of unknown origin."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import av

from ..runtime.validation import MAX_PIXELS

COLOURS: Final[dict[str, Any]] = {"dst_colorspace": "ITU601", "dst_color_range": "MPEG"}
"""Colour space and range of frames for files without colour information, which VP8 requires and Chromium's VP9 does not use."""

# What browsers' recorders and ours write.
_CODECS: Final = frozenset({"vp8", "vp9", "av1", "h264", "hevc", "opus", "vorbis", "aac"})
_DECODERS: Final = _CODECS | {"libdav1d", "libaom-av1"}
# Holds for every decoder, and for what opening a file decodes: a stream's pictures may be larger than its header says.
_LIMITS: Final = {"max_pixels": str(MAX_PIXELS)}
_EBML: Final = b"\x1a\x45\xdf\xa3"
_HEAD: Final = 12


def open_media(source: Path | IO[bytes]) -> Any:
    """Open a WebM or MP4 file for reading, and nothing else.

    FFmpeg would also open playlists, which could refer to other files of this computer, and decode hundreds of formats,
    at any size. Pictures of more than `MAX_PIXELS` pixels are not decoded.

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
        For what is neither, or damaged, or has a codec that no browser records.
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
    options = {"protocol_whitelist": "file", "codec_whitelist": ",".join(sorted(_DECODERS)), **_LIMITS}
    container = av.open(location, "r", format=container_format, options=options)
    for stream in container.streams:
        context = stream.codec_context
        # A stream whose codec FFmpeg does not know has no context.
        if context is None:
            continue
        if context.codec.canonical_name not in _CODECS:
            container.close()
            raise av.error.InvalidDataError(0, f"{context.codec.canonical_name} is not a browser's codec")
        context.options = dict(_LIMITS)
    return container
