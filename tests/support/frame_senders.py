"""A sender of frames, and the media process's side of its memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from rtc_widget.peer.ipc.shared_memory import AudioRing, RgbBuffer
from rtc_widget.peer.kernel.frame_sender import FrameSender
from rtc_widget.peer.kernel.readers import VideoReader
from rtc_widget.protocol import media_process as wire
from tests.support.fakes import FakeLink, fake_life

PICTURE = np.zeros((16, 24, 3), np.uint8)


class Tensor:
    """Another library's array."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return PICTURE

    def __iter__(self) -> Any:
        return iter(PICTURE)


class Sent:
    """A sender, and the media process's side of its memory."""

    def __init__(self) -> None:
        self.link, self.life = FakeLink(), fake_life("Peer")
        self.problems: list[tuple[str, str]] = []
        self.frames: list[RgbBuffer] = []
        self.rings: list[AudioRing] = []
        self.link.answers[wire.UseFrameBuffer] = lambda c: self.frames.append(RgbBuffer(c.capacity, c.path))
        self.link.answers[wire.UseAudioRing] = lambda c: self.rings.append(AudioRing(48_000, 2, c.path))
        self.sender = FrameSender(
            "Me",
            self.life,
            self.link.as_link,
            reader=lambda _participant: VideoReader(lambda: ""),
            size=(640, 360),
            fps=30.0,
            on_problem=lambda *problem: self.problems.append(problem),
        )

    def spec(self, kind: Any = "video") -> Any:
        """Return the last source that was asked for."""
        return [use.source for use in self.link.given(wire.Use) if use.kind == kind][-1]

    @property
    def shown(self) -> Any:
        """The newest frame in memory."""
        frame = self.frames[-1].look()
        assert frame is not None
        return frame.pixels
