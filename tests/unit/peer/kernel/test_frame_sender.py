"""What a `Peer` sends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError, RtcWidgetError
from rtc_widget.peer.kernel import frame_sender
from rtc_widget.protocol import media_process as wire
from tests.support.frame_senders import PICTURE, Sent


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


def test_what_says_neither_yes_nor_no_mutes_nothing(sent: Sent) -> None:
    for ask in (sent.sender.mute, sent.sender.unmute):
        with pytest.raises(InvalidArgumentError, match="audio must be True or False"):
            ask(audio="x")  # type: ignore[arg-type]

    assert sent.link.commands == []


def test_a_matrix_is_an_array_and_a_masked_one_would_lose_its_mask(sent: Sent) -> None:
    sent.sender.send_frame(np.full((16, 24), 9, np.uint8).view(np.matrix))
    assert np.all(sent.shown == 9)

    for send, array in ((sent.sender.send_frame, PICTURE), (sent.sender.send_sound, np.zeros(480))):
        with pytest.raises(InvalidArgumentError, match=r"array\.filled") as refused:
            send(np.ma.masked_array(array, True))
        assert refused.value.code == "bad_frame"
