"""Single frames of a recording."""

from __future__ import annotations

from typing import IO, Any

import av

from ...media.frame import Frame, rgb_of
from ...media.open_media import open_media
from ...media.packets import decode, packets
from ...media.upright import upright


def video_frame_at(file: IO[bytes], seconds: float) -> Any:
    """Decode the frame of a file at a time.

    Parameters
    ----------
    file : file
        The media file.
    seconds : float
        In the file's own time.

    Returns
    -------
    object
        An `av.VideoFrame`, None when there is none.
    """
    found = None
    with open_media(file) as container:
        stream = container.streams.video[0]
        # Frame threads: starting them costs less than decoding a long way from the last key frame.
        stream.thread_type = "AUTO"
        container.seek(max(0, int(seconds * av.time_base)))
        for frame in (frame for packet in packets(container, [stream]) for frame in decode(packet)):
            if found is not None and frame.time is not None and frame.time > seconds + 0.0005:
                break
            found = frame
        return None if found is None else upright(found, stream.sample_aspect_ratio)


def frame_at(file: IO[bytes], seconds: float, sender: str, time: float) -> Frame | None:
    """Return the frame of a file at a time as an array.

    Parameters
    ----------
    file : file
        The media file.
    seconds : float
        In the file's own time.
    sender : str
        The name of the participant who sent it.
    time : float
        The frame's time, seconds since the epoch.

    Returns
    -------
    Frame or None
        RGB; None when there is no frame.
    """
    found = video_frame_at(file, seconds)
    return None if found is None else Frame(rgb_of(found), sender, 0, time)
