"""Opening media that strangers made."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import av

COLOURS: Final[dict[str, Any]] = {"dst_colorspace": "ITU601", "dst_color_range": "MPEG"}
"""What a picture is scaled to for a film that says nothing of its colours; VP8 has no others, Chromium's VP9 has."""

_EBML: Final = b"\x1a\x45\xdf\xa3"
_HEAD: Final = 12


def open_media(source: Path | IO[bytes]) -> Any:
    """Open a WebM or MP4 file for reading, as that and as nothing else.

    FFmpeg would take it for whatever it looks like, such as a list of other files of this computer, and read those.

    Raises
    ------
    av.FFmpegError
        For what is neither, or damaged.
    OSError
        For what is not there.
    """
    with ExitStack() as stack:
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        at = file.tell()
        head = file.read(_HEAD)
        file.seek(at)
    if head.startswith(_EBML):
        form = "matroska"
    elif head[4:8] == b"ftyp":
        form = "mp4"
    else:
        raise av.error.InvalidDataError(0, "neither WebM nor MP4")
    place = str(source) if isinstance(source, Path) else source
    return av.open(place, "r", format=form, options={"protocol_whitelist": "file"})
