"""What a `RoomWidget` can be given, and the checks of it."""

from __future__ import annotations

from typing import Final, Literal, get_args

from ..runtime.validation import check_choice

VideoSource = Literal["camera", "screen", "pattern", False]
AudioSource = Literal["microphone", "tone", False]
NegotiationStyle = Literal["perfect", "naive"]
MediaPath = Literal["auto", "ice", "notebook"]

VIDEO_SOURCES: Final[tuple[VideoSource, ...]] = get_args(VideoSource)
AUDIO_SOURCES: Final[tuple[AudioSource, ...]] = get_args(AudioSource)
NEGOTIATIONS: Final[tuple[NegotiationStyle, ...]] = get_args(NegotiationStyle)
MEDIA_PATHS: Final[tuple[MediaPath, ...]] = get_args(MediaPath)
RESOLUTION: Final = (640, 360)


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
