"""Makes media fit into a page of limited size: quality is reduced first, then video is dropped, then audio."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from ..contents import Clip, Medium, Span
from ..progress import ProgressDisplay
from .poster import poster_of
from .reencode import Reencoded, Target, fitted, reencode

if TYPE_CHECKING:
    from ..recording import Recording

_MB: Final = 1_000_000
# Minimum video bit rate, longest side and frame rate of each step; smaller frames need fewer bits.
_LADDER: Final = (
    (900_000, 1280, 25.0),
    (450_000, 854, 25.0),
    (220_000, 640, 20.0),
    (110_000, 480, 15.0),
    (50_000, 320, 10.0),
    (25_000, 240, 8.0),
    (8_000, 160, 5.0),
)
_SHAPE: Final = 9 / 16
# Minimum total bit rate, and the audio bit rate that it allows.
_AUDIO: Final = ((250_000, 48_000), (120_000, 32_000), (70_000, 24_000), (45_000, 16_000), (0, 12_000))
# Audio bit rates where there is no video; below the last speech is unintelligible.
_AUDIO_ONLY: Final = (48_000, 32_000, 24_000, 16_000, 12_000, 8_000, 6_000)
# What WebM adds to each packet, bits.
_PACKET_OVERHEAD: Final = 8 * 8
_AUDIO_PACKETS: Final = 1000 / 60
# Encoders only come near to their target.
_MARGIN: Final = 0.94
_PASSES: Final = 3
# When less of the size is used, a better quality is tried, with up to so many times the bits.
_USED: Final = 0.6
_MORE: Final = 3.0
# The distance of two steps of the ladder.
_RUNG: Final = 2.0
# The bit rate is estimated from this many samples of this many seconds, with key frames as far apart as in the whole.
_STRETCHES: Final = 8
_STRETCH: Final = 4.0
_USED_BY_TRY: Final = 0.8
_TOO_MUCH: Final = 1.15


@dataclass(frozen=True, slots=True)
class Fitted:
    """Media that fit; ``note`` is a sentence about how they were reduced, empty when they were not."""

    clips: tuple[Clip, ...]
    note: str


def fit(recording: Recording, max_bytes: int | None) -> Fitted:
    """Reduce a recording's media to a size.

    Parameters
    ----------
    recording : Recording
        The recording.
    max_bytes : int or None
        For all media files and posters together; None for the originals.

    Returns
    -------
    Fitted
        The clips.
    """
    media = [medium for medium in recording.media if medium.video or medium.audio]
    posters = {medium.file: _poster(recording, medium) for medium in media}
    total = sum(medium.size for medium in media)
    poster_bytes = sum(len(poster) for poster in posters.values() if poster)
    if max_bytes is None or total + poster_bytes <= max_bytes:
        return Fitted(tuple(_original(recording, medium, posters[medium.file]) for medium in media), "")
    size = f"{total / _MB:.1f} MB"
    minutes, seconds = divmod(round(recording.seconds), 60)
    doing = f"Fitting {minutes}:{seconds:02d} of video and audio into {format_size(max_bytes)}"
    with ProgressDisplay(doing) as progress, ThreadPoolExecutor(os.cpu_count()) as pool:
        work = _Work(recording, progress, pool)
        made = _smaller(work, media, max_bytes - poster_bytes)
        if made is None:
            made = _audio_only(work, media, max_bytes)
    if made is None:
        return Fitted((), f"Video and audio are left out: {size} do not fit into {format_size(max_bytes)}.")
    clips = tuple(
        _clip(medium, one, posters[medium.file] if one.width else None) for medium, one in made.files
    )
    return Fitted(clips, f"Re-encoded from {size} to fit: {made.description}.")


@dataclass(frozen=True, slots=True)
class _Attempt:
    files: list[tuple[Medium, Reencoded]]
    description: str

    @property
    def size(self) -> int:
        return sum(len(made.data) for _, made in self.files)


@dataclass(frozen=True, slots=True)
class _Work:
    """Who waits for what is encoded, and who does it."""

    recording: Recording
    progress: ProgressDisplay
    pool: ThreadPoolExecutor

    def encode(self, targets: list[tuple[Medium, Target]], how: str = "") -> _Attempt:
        """Encode all of the media."""
        tasks = [partial(self._made, medium, target, None) for medium, target in targets]
        made = self.progress.results(self.pool, tasks, sum(medium.seconds for medium, _ in targets), how)
        kept = [(medium, file, target) for (medium, target), file in zip(targets, made, strict=True)]
        return _Attempt([(medium, file) for medium, file, _ in kept if file.data], _describe(kept))

    def weigh(self, targets: list[tuple[Medium, Target]]) -> float:
        """Return how many bits the pictures are going to have, as stretches of them have it."""
        samples = [(medium, target, _stretches(medium)) for medium, target in targets if target.video_bits]
        tasks = [partial(self._made, *one) for one in samples]
        seconds = [_length(stretches) for _, _, stretches in samples]
        made = self.progress.results(self.pool, tasks, sum(seconds), "estimating the bit rate, ")
        return sum(
            len(file.data) * 8 * _length(medium.shown) / length
            for (medium, _, _), file, length in zip(samples, made, seconds, strict=True)
        )

    def _made(self, medium: Medium, target: Target, stretches: tuple[Span, ...] | None) -> Reencoded:
        with self.recording._open_medium(medium) as file:
            return reencode(
                file,
                target,
                self.progress.advance,
                has_video=medium.video is not None,
                has_audio=medium.audio is not None,
                stretches=stretches,
            )


def _smaller(work: _Work, media: list[Medium], max_bytes: int) -> _Attempt | None:
    """Encode pictures and sound so that they fit; None where too little is left for pictures."""
    seconds = sum(max(_length(medium.shown), _length(medium.heard)) for medium in media)
    if max_bytes <= 0 or not seconds or not any(medium.video for medium in media):
        return None
    rate = max_bytes * 8 / seconds
    audio_bits = next(bits for least, bits in _AUDIO if rate >= least)
    audio_bits_total = sum(
        (audio_bits + _PACKET_OVERHEAD * _AUDIO_PACKETS) * _length(medium.heard) for medium in media
    )
    room = max_bytes * 8 * _MARGIN - audio_bits_total
    ease = _estimate_ease(work, media, room, audio_bits)
    best, before, bits = None, None, room
    for number in range(_PASSES):
        targets = _targets(media, bits, ease, audio_bits)
        if targets is None or targets == before:
            break
        before = targets
        made = work.encode(targets, "adjusting, " if number else "")
        if made.size <= max_bytes:
            best = made
            if made.size > max_bytes * _USED:
                break
            # A still screen needs few bits, so a better quality may fit.
            ease *= min(_MORE, max(_RUNG, max_bytes / made.size))
        elif best is not None:
            break
        else:
            # The excess is the video's: audio keeps to its bit rate.
            bits *= 0.97 * max(0.1, room / max(made.size * 8 - audio_bits_total, 1.0))
    return best


def _estimate_ease(work: _Work, media: list[Medium], room: float, audio_bits: int) -> float:
    """Return how many times the bits that most pictures need are as good as these have, as stretches of them show."""
    if sum(_length(_stretches(medium)) for medium in media) * 2 > sum(_length(m.shown) for m in media):
        return 1.0  # encoding everything is as fast
    ease, good, before = 1.0, None, None
    for _ in range(_PASSES):
        targets = _targets(media, room, ease, audio_bits)
        if targets is None or targets == before:
            break
        before = targets
        part = work.weigh(targets) / room
        if part > _TOO_MUCH:
            if good is not None:
                break
            ease *= max(0.1, 1 / part)
            continue
        good = ease
        if part > _USED_BY_TRY:
            break
        ease *= min(_MORE, max(_RUNG, 1 / part))
    return ease if good is None else good


def _stretches(medium: Medium) -> tuple[Span, ...]:
    """Return parts of what is shown, from all over it; all of it where it is short."""
    shown = _length(medium.shown)
    if shown <= _STRETCHES * _STRETCH:
        return medium.shown
    found = []
    for number in range(_STRETCHES):
        at = shown * (number + 0.5) / _STRETCHES - _STRETCH / 2
        for start, end in medium.shown:
            if at < end - start:
                found.append((start + at, min(end, start + at + _STRETCH)))
                break
            at -= end - start
    return tuple(found)


def _targets(
    media: list[Medium], bits: float, ease: float, audio_bits: int
) -> list[tuple[Medium, Target]] | None:
    """Share bits among the pictures: those that are larger need more, but not as much more as they are larger."""
    weights = {m.file: (m.width * m.height) ** 0.5 * _length(m.shown) for m in media if m.video}
    total = sum(weights.values())
    targets = []
    for medium in media:
        seconds = _length(medium.shown)
        if not medium.video or not seconds:
            targets.append((medium, Target(0, 1.0, 0, audio_bits)))
            continue
        share = bits * weights[medium.file] / total / seconds
        step = _step(medium, share * ease)
        if step is None:
            return None
        side, fps = step
        # Never more bits than the original has.
        most = medium.size * 8 / medium.seconds
        targets.append(
            (medium, Target(side, fps, int(min(share - fps * _PACKET_OVERHEAD, most)), audio_bits))
        )
    return targets


def _step(medium: Medium, bits: float) -> tuple[int, float] | None:
    """Return how large and how many pictures may be."""
    for least, side, fps in _LADDER:
        width, height = fitted(medium.width, medium.height, side)
        if bits >= least * min(1.0, width * height / (side * side * _SHAPE)):
            return side, fps
    return None


def _audio_only(work: _Work, media: list[Medium], max_bytes: int) -> _Attempt | None:
    """Encode the sound alone, as well as fits; None where not even that does."""
    with_audio = [medium for medium in media if medium.audio]
    seconds = sum(medium.seconds for medium in with_audio)
    if not seconds:
        return None
    rate = max_bytes * 8 * _MARGIN / seconds - _PACKET_OVERHEAD * _AUDIO_PACKETS
    for bits in (bits for bits in _AUDIO_ONLY if bits <= rate):
        made = work.encode([(medium, Target(0, 1.0, 0, bits)) for medium in with_audio])
        if made.size <= max_bytes:
            return made
    return None


def _describe(kept: list[tuple[Medium, Reencoded, Target]]) -> str:
    shown = [(made, target) for _, made, target in kept if made.width]
    seconds = sum(medium.seconds for medium, _, _ in kept) or 1.0
    rate = sum(len(made.data) for _, made, _ in kept) * 8 / seconds / 1000
    if not shown:
        return f"without video, {rate:.0f} kbit/s"
    made, target = max(shown, key=lambda one: one[0].width * one[0].height)
    return f"{made.width}x{made.height} at {target.fps:g} frames a second, {rate:.0f} kbit/s"


def _clip(medium: Medium, made: Reencoded, poster: bytes | None) -> Clip:
    smaller = replace(
        medium,
        file=medium.file.rpartition(".")[0] + ".webm",
        mime="video/webm",
        size=len(made.data),
        sha256=hashlib.sha256(made.data).hexdigest(),
        video="vp8" if made.width else None,
        width=made.width,
        height=made.height,
        audio="opus" if medium.audio else None,
        shown=medium.shown if made.width else (),
    )
    return Clip(smaller, made.data, poster)


def _original(recording: Recording, medium: Medium, poster: bytes | None) -> Clip:
    with recording._open_medium(medium) as file:
        return Clip(medium, file.read(), poster)


def _poster(recording: Recording, medium: Medium) -> bytes | None:
    if medium.video is None:
        return None
    with recording._open_medium(medium) as file:
        return poster_of(file)


def _length(spans: tuple[Span, ...]) -> float:
    return sum(end - start for start, end in spans)


def format_size(size: int) -> str:
    """Format a number of bytes.

    Parameters
    ----------
    size : int
        Bytes.

    Returns
    -------
    str
        Such as "1.5 MB" or "80 kB".
    """
    return f"{size / _MB:.1f} MB" if size >= _MB / 10 else f"{size / 1000:.0f} kB"
