"""The media of a page that may not be larger than so much: first they lose quality, then pictures, last sound."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from ..contents import Clip, Medium, Span
from ..progress import Patience
from .poster import poster_of
from .reencode import Made, Target, fitted, reencode

if TYPE_CHECKING:
    from ..recording import Recording

_MB: Final = 1_000_000
# Bits a second of pictures from which on they may be so large and so many; such that are smaller need fewer.
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
# Bits a second of all that from which on sound may have so many.
_AUDIO: Final = ((250_000, 48_000), (120_000, 32_000), (70_000, 24_000), (45_000, 16_000), (0, 12_000))
# Without pictures; with fewer bits speech is not understood.
_SOUND_ONLY: Final = (48_000, 32_000, 24_000, 16_000, 12_000, 8_000, 6_000)
# What WebM adds to each packet.
_AROUND: Final = 8 * 8
_PACKETS_OF_SOUND: Final = 1000 / 60
# Encoders only come near to what they are asked for.
_ROOM: Final = 0.94
_PASSES: Final = 3
# With less than this used, better ones are tried, which have up to so many times the bits.
_USED: Final = 0.6
_MORE: Final = 3.0
# So far are the steps of the ladder apart.
_RUNG: Final = 2.0
# What the pictures need is tried with so many stretches of so many seconds, whose key frames are as far apart as all.
_STRETCHES: Final = 8
_STRETCH: Final = 4.0
_USED_BY_TRY: Final = 0.8
_TOO_MUCH: Final = 1.15


@dataclass(frozen=True, slots=True)
class Fitted:
    """Media that fit: ``note`` says in a sentence what was done to them, and is empty where that is nothing."""

    clips: tuple[Clip, ...]
    note: str


def fit(recording: Recording, max_bytes: int | None) -> Fitted:
    """Return a recording's media so that they have no more bytes than that together.

    Parameters
    ----------
    recording : Recording
        What is to be shown.
    max_bytes : int or None
        Of the clips' data and posters; None for the originals.
    """
    media = [medium for medium in recording.media if medium.video or medium.audio]
    posters = {medium.file: _poster(recording, medium) for medium in media}
    total = sum(medium.size for medium in media)
    around = sum(len(poster) for poster in posters.values() if poster)
    if max_bytes is None or total + around <= max_bytes:
        return Fitted(tuple(_original(recording, medium, posters[medium.file]) for medium in media), "")
    size = f"{total / _MB:.1f} MB"
    minutes, seconds = divmod(round(recording.seconds), 60)
    doing = f"Making {minutes}:{seconds:02d} of pictures and sound fit into {in_words(max_bytes)}"
    with Patience(doing) as patience, ThreadPoolExecutor(os.cpu_count()) as pool:
        work = _Work(recording, patience, pool)
        made = _smaller(work, media, max_bytes - around)
        if made is None:
            made = _sounds(work, media, max_bytes)
    if made is None:
        return Fitted((), f"The media are left out: {size} do not fit into {in_words(max_bytes)}.")
    clips = tuple(
        _clip(medium, one, posters[medium.file] if one.width else None) for medium, one in made.files
    )
    return Fitted(clips, f"Re-encoded from {size} to fit: {made.words}.")


@dataclass(frozen=True, slots=True)
class _Try:
    files: list[tuple[Medium, Made]]
    words: str

    @property
    def size(self) -> int:
        return sum(len(made.data) for _, made in self.files)


@dataclass(frozen=True, slots=True)
class _Work:
    """Who waits for what is encoded, and who does it."""

    recording: Recording
    patience: Patience
    pool: ThreadPoolExecutor

    def encode(self, targets: list[tuple[Medium, Target]], how: str = "") -> _Try:
        """Encode all of the media."""
        tasks = [partial(self._made, medium, target, None) for medium, target in targets]
        made = self.patience.results(self.pool, tasks, sum(medium.seconds for medium, _ in targets), how)
        kept = [(medium, file, target) for (medium, target), file in zip(targets, made, strict=True)]
        return _Try([(medium, file) for medium, file, _ in kept if file.data], _words(kept))

    def weigh(self, targets: list[tuple[Medium, Target]]) -> float:
        """Return how many bits the pictures are going to have, as stretches of them have it."""
        seen = [(medium, target, _stretches(medium)) for medium, target in targets if target.video_bits]
        tasks = [partial(self._made, *one) for one in seen]
        seconds = [_length(stretches) for _, _, stretches in seen]
        made = self.patience.results(self.pool, tasks, sum(seconds), "trying how, ")
        return sum(
            len(file.data) * 8 * _length(medium.shown) / length
            for (medium, _, _), file, length in zip(seen, made, seconds, strict=True)
        )

    def _made(self, medium: Medium, target: Target, stretches: tuple[Span, ...] | None) -> Made:
        with self.recording._open_medium(medium) as file:
            return reencode(
                file,
                target,
                self.patience.went_on,
                has_video=medium.video is not None,
                has_audio=medium.audio is not None,
                stretches=stretches,
            )


def _smaller(work: _Work, media: list[Medium], max_bytes: int) -> _Try | None:
    """Encode pictures and sound so that they fit; None where too little is left for pictures."""
    seconds = sum(max(_length(medium.shown), _length(medium.heard)) for medium in media)
    if max_bytes <= 0 or not seconds or not any(medium.video for medium in media):
        return None
    rate = max_bytes * 8 / seconds
    audio_bits = next(bits for least, bits in _AUDIO if rate >= least)
    sound = sum((audio_bits + _AROUND * _PACKETS_OF_SOUND) * _length(medium.heard) for medium in media)
    room = max_bytes * 8 * _ROOM - sound
    ease = _tried(work, media, room, audio_bits)
    best, before, bits = None, None, room
    for number in range(_PASSES):
        targets = _targets(media, bits, ease, audio_bits)
        if targets is None or targets == before:
            break
        before = targets
        made = work.encode(targets, "once more, " if number else "")
        if made.size <= max_bytes:
            best = made
            if made.size > max_bytes * _USED:
                break
            # A screen that stands still needs few bits: there is room for more of it.
            ease *= min(_MORE, max(_RUNG, max_bytes / made.size))
        elif best is not None:
            break
        else:
            # What is too much is the pictures': sound keeps to what it was asked for.
            bits *= 0.97 * max(0.1, room / max(made.size * 8 - sound, 1.0))
    return best


def _tried(work: _Work, media: list[Medium], room: float, audio_bits: int) -> float:
    """Return how many times the bits that most pictures need are as good as these have, as stretches of them show."""
    if sum(_length(_stretches(medium)) for medium in media) * 2 > sum(_length(m.shown) for m in media):
        return 1.0  # all of it is as soon done
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
        # Nothing becomes better than it was.
        most = medium.size * 8 / medium.seconds
        targets.append((medium, Target(side, fps, int(min(share - fps * _AROUND, most)), audio_bits)))
    return targets


def _step(medium: Medium, bits: float) -> tuple[int, float] | None:
    """Return how large and how many pictures may be."""
    for least, side, fps in _LADDER:
        width, height = fitted(medium.width, medium.height, side)
        if bits >= least * min(1.0, width * height / (side * side * _SHAPE)):
            return side, fps
    return None


def _sounds(work: _Work, media: list[Medium], max_bytes: int) -> _Try | None:
    """Encode the sound alone, as well as fits; None where not even that does."""
    heard = [medium for medium in media if medium.audio]
    seconds = sum(medium.seconds for medium in heard)
    if not seconds:
        return None
    rate = max_bytes * 8 * _ROOM / seconds - _AROUND * _PACKETS_OF_SOUND
    for bits in (bits for bits in _SOUND_ONLY if bits <= rate):
        made = work.encode([(medium, Target(0, 1.0, 0, bits)) for medium in heard])
        if made.size <= max_bytes:
            return made
    return None


def _words(kept: list[tuple[Medium, Made, Target]]) -> str:
    shown = [(made, target) for _, made, target in kept if made.width]
    seconds = sum(medium.seconds for medium, _, _ in kept) or 1.0
    rate = sum(len(made.data) for _, made, _ in kept) * 8 / seconds / 1000
    if not shown:
        return f"without pictures, {rate:.0f} kbit/s"
    made, target = max(shown, key=lambda one: one[0].width * one[0].height)
    return f"{made.width}x{made.height} at {target.fps:g} frames a second, {rate:.0f} kbit/s"


def _clip(medium: Medium, made: Made, poster: bytes | None) -> Clip:
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


def in_words(size: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{size / _MB:.1f} MB" if size >= _MB / 10 else f"{size / 1000:.0f} kB"
