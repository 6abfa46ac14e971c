"""Where what a `Peer` sends comes from: arrays, pictures, files, and what gives frames one by one."""

from __future__ import annotations

import io
import itertools
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.peer.kernel import frame_sender
from rtc_widget.protocol import media_process as wire
from tests.support.cell_outputs import cell_outputs
from tests.support.frame_senders import PICTURE, Sent, Tensor
from tests.support.waiting import wait_until


@pytest.fixture
def sent(no_leaks: None) -> Sent:
    return Sent()


def test_an_array_is_a_source_too(monkeypatch: pytest.MonkeyPatch, sent: Sent) -> None:
    checked: list[Any] = []
    check = frame_sender.check_frame
    monkeypatch.setattr(frame_sender, "check_frame", lambda pixels: checked.append(pixels) or check(pixels))

    sent.sender.use(PICTURE)

    assert len(checked) == 1
    assert sent.spec()["what"] == "kernel"


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (24, 16), (7, 8, 9)),
        Image.new("P", (24, 16)),
        Tensor(),
        av.VideoFrame.from_ndarray(PICTURE, format="rgb24"),
        np.ma.masked_array(PICTURE),
        PICTURE.astype(float),
        Image.new("I;16", (24, 16)),
    ],
    ids=["Pillow", "Pillow, palette", "tensor", "PyAV", "masked", "float", "Pillow, 16 bits"],
)
def test_a_picture_is_a_source_exactly_if_it_can_be_sent(sent: Sent, picture: Any) -> None:
    def outcome(send: Any) -> Any:
        sent.sender.use(np.full_like(PICTURE, 200))
        try:
            send(picture)
        except InvalidArgumentError as refused:
            return str(refused)
        return sent.shown.tolist()

    assert outcome(sent.sender.use) == outcome(sent.sender.send_frame)
    assert sent.spec()["what"] == "kernel"


def test_an_iterable_may_give_pictures_of_another_library(sent: Sent) -> None:
    sent.sender.use((Image.new("RGB", (24, 16), (value,) * 3) for value in range(3)), fps=1000)

    wait_until(lambda: sent.link.commands[-1] == wire.Use("video", None), 10)
    assert sent.problems == []
    assert np.all(sent.shown == 2)
    sent.sender.stop()


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
    ("source", "audio"),
    [
        ("tone", frame_sender.KEEP),
        (frame_sender.KEEP, "pattern"),
        (7, None),
        (frame_sender.KEEP, PICTURE),
        (frame_sender.KEEP, Image.new("L", (24, 16))),
    ],
    ids=["tone", "pattern", "number", "array as sound", "picture as sound"],
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


def test_an_iterable_prints_below_its_cell(sent: Sent) -> None:
    def frames() -> Any:
        print("a frame")
        yield PICTURE

    with cell_outputs() as cells:
        cells.run("first", lambda: sent.sender.use(frames(), fps=1000))
        wait_until(lambda: sent.link.commands[-1] == wire.Use("video", None), 10)
    sent.sender.stop()

    assert cells.texts == {"first": "a frame\n"}


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


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (None, "A frame must be a numpy array, or a picture of Pillow, not NoneType"),
        (PICTURE.astype(float), "A frame's values must be uint8"),
        ((PICTURE, 1), "A frame must be a numpy array, or a picture of Pillow, not tuple"),
        ("frame", "A frame must be a numpy array, or a picture of Pillow, not str"),
    ],
    ids=["None", "float", "tuple", "str"],
)
@pytest.mark.parametrize("is_async", [False, True])
def test_what_an_iterable_gives_wrongly_is_told_in_the_words_of_the_check_alone(
    sent: Sent, item: Any, said: str, is_async: bool
) -> None:
    async def frames() -> Any:
        yield PICTURE
        yield item

    sent.sender.use(frames() if is_async else iter([PICTURE, item]), fps=1000)
    wait_until(lambda: sent.problems, 10)

    ((code, text),) = sent.problems
    assert code == "bad_frame"
    assert text.startswith(said)
    assert text.endswith("(Number 2 of the source.)")
    assert "\n" not in text
    assert sent.link.commands[-1] == wire.Use("video", None)
    sent.sender.stop()


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("is_async", [False, True])
def test_what_the_users_code_raises_is_shown_with_its_own_lines_alone(
    sent: Sent, kind: type[BaseException], is_async: bool
) -> None:
    def broken() -> Any:
        raise kind("my own mistake")

    def plain() -> Any:
        yield PICTURE
        yield broken()

    async def asynchronous() -> Any:
        yield PICTURE
        yield broken()

    sent.sender.use(asynchronous() if is_async else plain(), fps=1000)
    wait_until(lambda: sent.problems, 10)

    ((code, text),) = sent.problems
    assert code == "bad_source"
    assert text.startswith("The source raised at number 1.\nTraceback")
    assert [line.split('"')[1] for line in text.splitlines() if line.startswith("  File ")] == [__file__] * 2
    assert text.rstrip().endswith(f"{kind.__name__}: my own mistake")
    sent.sender.stop()


def test_an_iterable_of_which_nothing_can_be_taken_is_shown(sent: Sent) -> None:
    class Broken:
        def __iter__(self) -> Any:
            raise ValueError("my own mistake")

    sent.sender.use(Broken())
    wait_until(lambda: sent.problems, 10)

    assert sent.problems[0][1].count(" File ") == 1
    sent.sender.stop()


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({"source": b"clip.mp4"}, "os.fsdecode"),
        ({"source": bytearray(3)}, "os.fsdecode"),
        ({"source": {1}}, "A set has no order"),
        ({"source": {1: PICTURE}}, "A dict has no order"),
        ({"source": io.BytesIO()}, "pass its name"),
        ({"source": io.StringIO()}, "pass its name"),
        ({"audio": np.zeros(48_000)}, "send_sound"),
        ({"audio": Tensor()}, "send_sound"),
        ({"audio": b"song.mp3"}, "os.fsdecode"),
        ({"source": "/film.mp4", "audio": 7}, "must be a str, a path"),
    ],
)
def test_what_is_no_source_is_refused_at_the_call_and_what_was_sent_goes_on(
    sent: Sent, sources: dict[str, Any], said: str
) -> None:
    sent.sender.use(itertools.repeat(PICTURE), fps=100)
    wait_until(lambda: sent.frames, 10)
    asked = len(sent.link.given(wire.Use))

    with pytest.raises(InvalidArgumentError, match=said) as refused:
        sent.sender.use(**sources)

    assert refused.value.code == "bad_source"
    before = sent.frames[0].newest
    wait_until(lambda: sent.frames[0].newest > before, 10)
    assert len(sent.link.given(wire.Use)) == asked
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
