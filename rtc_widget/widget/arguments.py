"""What a `RoomWidget` can be given, and the checks of it."""

from __future__ import annotations

from typing import Final

from ..runtime.validation import check_choice

VIDEO_SOURCES: Final = ("camera", "screen", "pattern", False)
AUDIO_SOURCES: Final = ("microphone", "tone", False)
NEGOTIATIONS: Final = ("perfect", "naive")
RESOLUTION: Final = (640, 360)
KEYWORDS: Final = (
    *("name", "video", "audio", "resolution", "negotiation", "keep_picture", "relay", "token", "ice_servers"),
)


def check_choices(video: object, audio: object, negotiation: object, keep_picture: object) -> None:
    """Refuse what is not among the choices.

    Parameters
    ----------
    video, audio, negotiation, keep_picture : object
        As for `RoomWidget`.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``, with the nearest that is.
    """
    check_choice("video", video, VIDEO_SOURCES)
    check_choice("audio", audio, AUDIO_SOURCES)
    check_choice("negotiation", negotiation, NEGOTIATIONS)
    check_choice("keep_picture", keep_picture, (True, False))
