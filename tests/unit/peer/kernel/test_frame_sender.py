"""What a `Peer` sends."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError, RtcWidgetError
from rtc_widget.peer.ipc.shared_memory import AudioRing, RgbBuffer
from rtc_widget.peer.kernel import frame_sender
from rtc_widget.peer.kernel.frame_sender import FrameSender
from rtc_widget.peer.kernel.readers import VideoReader
from rtc_widget.protocol import media_process as wire
from tests.support.fakes import FakeLink, fake_life
from tests.support.waiting import wait_until

PICTURE = np.zeros((16, 24, 3), np.uint8)


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


@pytest.fixture
def sent(no_leaks: None) -> Sent:
    return Sent()


def test_an_array_is_checked_once_and_the_source_taken_over_once(
    monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    checked: list[Any] = []
    check = frame_sender.check_frame

    def counted(pixels: Any) -> Any:
        checked.append(pixels)
        return check(pixels)

    monkeypatch.setattr(frame_sender, "check_frame", counted)
    for value in range(3):
        sent.sender.send_frame(np.full_like(PICTURE, value))

    assert len(checked) == 3
    assert [command.source["what"] for command in sent.link.given(wire.Use)] == ["kernel"]
    assert len(sent.frames) == 1
    assert np.all(sent.shown == 2)


def test_an_array_is_a_source_too(monkeypatch: pytest.MonkeyPatch, sent: Sent) -> None:
    checked: list[Any] = []
    check = frame_sender.check_frame
    monkeypatch.setattr(frame_sender, "check_frame", lambda pixels: checked.append(pixels) or check(pixels))

    sent.sender.use(PICTURE)

    assert len(checked) == 1
    assert sent.spec()["what"] == "kernel"


def test_the_media_process_is_told_of_a_frame_when_it_wants_to_be(sent: Sent) -> None:
    sent.sender.send_frame(PICTURE)
    assert len(sent.link.given(wire.FrameReady)) == 1  # it cannot have asked yet

    sent.sender.send_frame(PICTURE)
    assert len(sent.link.given(wire.FrameReady)) == 1
    sent.frames[0].want()
    sent.sender.send_frame(PICTURE)

    assert len(sent.link.given(wire.FrameReady)) == 2


def test_a_larger_frame_gets_a_larger_memory(sent: Sent) -> None:
    sent.sender.send_frame(PICTURE)
    sent.sender.send_frame(np.full((32, 24, 3), 9, np.uint8))

    assert len(sent.frames) == 2
    assert np.all(sent.shown == 9)


@pytest.mark.parametrize(
    "picture", [PICTURE.astype(float), PICTURE[0, 0, 0], np.zeros((0, 4, 3), np.uint8), [[1]]]
)
def test_what_is_no_picture_is_refused_and_what_was_sent_goes_on(sent: Sent, picture: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="bad_frame"):
        sent.sender.send_frame(picture)

    assert sent.link.commands == []


@pytest.mark.parametrize(
    ("source", "audio", "uses"),
    [
        ("pattern", None, [("video", "pattern", False), ("audio", None, None)]),
        ("/film.mp4", frame_sender.KEEP, [("video", "/film.mp4", True)]),
        ("/film.mp4", "tone", [("video", "/film.mp4", False), ("audio", "tone", False)]),
        (None, frame_sender.KEEP, [("video", None, None)]),
    ],
)
def test_sources_are_what_they_are_called(sent: Sent, source: Any, audio: Any, uses: list[Any]) -> None:
    sent.sender.use(source, audio=audio)

    given = [
        (use.kind, use.source and use.source["what"], use.source and use.source["both"])
        for use in sent.link.given(wire.Use)
    ]
    assert given == uses


@pytest.mark.parametrize(
    ("source", "audio"), [("tone", frame_sender.KEEP), (frame_sender.KEEP, "pattern"), (7, None)]
)
def test_what_is_no_source_is_refused(sent: Sent, source: Any, audio: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="bad_source"):
        sent.sender.use(source, audio=audio)


def test_a_film_begins_anew_when_that_is_asked_for(sent: Sent) -> None:
    sent.sender.use("/film.mp4", loop=True)
    assert sent.spec()["loop"]

    sent.sender.use("/film.mp4", audio="/song.mp3")
    assert not sent.spec()["loop"]
    assert not sent.spec("audio")["loop"]


@pytest.mark.parametrize("kind", ["source", "audio"])
def test_what_is_given_item_by_item_cannot_begin_anew(sent: Sent, kind: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"itertools\.cycle") as refused:
        sent.sender.use(**{kind: iter([PICTURE])}, loop=True)

    assert refused.value.code == "bad_argument"
    assert sent.link.commands == []


def test_an_iterable_is_sent_frame_by_frame_and_ends_by_itself(sent: Sent) -> None:
    sent.sender.use((np.full_like(PICTURE, value) for value in range(3)), fps=1000)

    wait_until(lambda: sent.link.commands[-1] == wire.Use("video", None), 10)

    assert np.all(sent.shown == 2)
    assert sent.problems == []
    sent.sender.stop()


def test_an_iterable_that_raises_is_shown(sent: Sent) -> None:
    def frames() -> Any:
        yield PICTURE
        raise ValueError("my own mistake")

    sent.sender.use(frames(), fps=1000)
    wait_until(lambda: sent.problems, 10)

    ((code, text),) = sent.problems
    assert code == "bad_source"
    assert "my own mistake" in text
    sent.sender.stop()


def test_another_source_that_does_not_open_leaves_the_iterable_running(sent: Sent) -> None:
    going = itertools.repeat(PICTURE)
    sent.sender.use(going, fps=100)
    wait_until(lambda: sent.frames, 10)
    sent.link.answers[wire.Use] = InvalidArgumentError("bad_source", "There is no such file.")

    with pytest.raises(InvalidArgumentError, match="no such file"):
        sent.sender.use("nowhere.mp4")
    before = sent.frames[0].newest

    wait_until(lambda: sent.frames[0].newest > before, 10)
    sent.sender.stop()


def test_audio_is_written_into_a_ring(sent: Sent) -> None:
    sent.sender.send_sound(np.full(480, 0.5, np.float32))
    sent.sender.send_sound(np.full((480, 2), 7, np.int16))

    assert [command.source["what"] for command in sent.link.given(wire.Use)] == ["kernel"]
    (ring,) = sent.rings
    assert ring.written == 960
    assert np.all(ring.read(0, 480) == 16_383)
    assert np.all(ring.read(480, 960) == 7)


def test_muting_is_of_audio_unless_video_is_named(sent: Sent) -> None:
    sent.sender.mute()
    sent.sender.unmute(video=True)
    sent.sender.mute(audio=True, video=True)

    assert sent.link.commands == [
        wire.Mute("audio", True),
        wire.Mute("video", False),
        wire.Mute("audio", True),
        wire.Mute("video", True),
    ]


def test_a_transform_in_the_kernel_changes_what_is_sent(sent: Sent) -> None:
    sent.sender.transform(lambda frame: 255 - frame)
    sent.sender.send_frame(PICTURE)

    assert np.all(sent.shown == 255)
    sent.sender.transform(None)
    sent.sender.send_frame(PICTURE)
    assert np.all(sent.shown == 0)
    assert [given.where for given in sent.link.given(wire.SetTransform)] == ["kernel", ""]


def test_while_somebody_elses_frames_are_transformed_none_of_ours_are_sent(sent: Sent) -> None:
    sent.sender.transform(lambda frame: frame, of="Ada")

    with pytest.raises(InvalidArgumentError, match="frames of 'Ada'"):
        sent.sender.send_frame(PICTURE)
    sent.sender.stop()


def test_stats_are_the_media_processs_and_those_of_the_transform_here(sent: Sent) -> None:
    sent.link.answers[wire.GetStats] = lambda _command: {"sent": 3, "transform": None}
    assert sent.sender.stats == {"sent": 3, "transform": None}

    sent.sender.transform(lambda frame: frame)

    assert sent.sender.stats["transform"] is not None
    sent.sender.stop()


def test_a_closed_peer_sends_nothing(sent: Sent) -> None:
    sent.life.closed = True

    for ask in (
        lambda: sent.sender.send_frame(PICTURE),
        sent.sender.mute,
        lambda: sent.sender.use("pattern"),
    ):
        with pytest.raises(RtcWidgetError, match="closed"):
            ask()
    assert sent.link.commands == []
