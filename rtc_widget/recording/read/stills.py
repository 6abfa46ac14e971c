"""One picture of a recording."""

from __future__ import annotations

from typing import IO, Any

import av

from ...media.frame import Frame, rgb_of
from ...media.open_media import open_media


def picture_at(file: IO[bytes], seconds: float) -> Any:
    """Return the frame that a file shows at a time, None where it has none."""
    shown = None
    with open_media(file) as container:
        stream = container.streams.video[0]
        # As many threads as help; starting them costs less than a long way from the last key frame.
        stream.thread_type = "AUTO"
        container.seek(max(0, int(seconds * av.time_base)))
        try:
            for frame in container.decode(stream):
                if shown is not None and frame.time is not None and frame.time > seconds + 0.0005:
                    break
                shown = frame
        except av.FFmpegError:
            pass  # damaged from there on: the last that is whole
    return shown


def frame_at(file: IO[bytes], seconds: float, sender: str, time: float) -> Frame | None:
    """Return what a file shows at a time as an array.

    Parameters
    ----------
    file : file
        The media.
    seconds : float
        On its own clock.
    sender : str
        Whose picture it is.
    time : float
        When that was, in seconds since the epoch.
    """
    shown = picture_at(file, seconds)
    return None if shown is None else Frame(rgb_of(shown), sender, 0, time)
