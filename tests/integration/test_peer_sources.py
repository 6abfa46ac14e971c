"""What a kernel's peer sends from: files, addresses, iterables."""

from __future__ import annotations

import asyncio
import functools
import http.server
import itertools
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from rtc_widget import Peer, Relay
from rtc_widget.errors import InvalidArgumentError
from tests.support import peer_functions
from tests.support.films import still, write_clip
from tests.support.peers import GREY, Peers, shows
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_file_is_sent_with_its_sound_and_ends(peers: Peers, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 3)
    _, bob = peers.pair(source=clip)

    shows(bob, "Ada", 200)
    assert np.abs(bob.sound("Ada", seconds=0.2).samples).max() > 0.05
    seen = bob.participants["Ada"]
    bob.wait_for(lambda _: not seen.video and not seen.audio)


def test_sources_are_swapped_in_the_middle_of_a_call(peers: Peers, tmp_path: Path) -> None:
    ada, bob = peers.pair(source=write_clip(tmp_path / "clip.mp4", 30))
    shows(bob, "Ada", 200)

    bob.wait_for(lambda peer: peer.participants["Ada"].audio)
    ada.use(iter(np.full((20, 48, 64, 3), 60, np.uint8)))
    shows(bob, "Ada", 60)
    # The film's sound went with it.
    bob.wait_for(lambda peer: not peer.participants["Ada"].audio)

    async def pictures() -> object:
        for _ in range(20):
            await asyncio.sleep(0.01)
            yield np.full((48, 64, 3), 160, np.uint8)

    ada.use(pictures())
    shows(bob, "Ada", 160)
    ada.use("lavfi:color=c=black:s=64x48:r=20")
    shows(bob, "Ada", 0)
    ada.use(GREY)
    shows(bob, "Ada", 120)
    ada.use(Image.new("RGB", (64, 48), (200,) * 3))
    shows(bob, "Ada", 200)
    ada.use(None)
    bob.wait_for(lambda peer: not peer.participants["Ada"].video)


def test_a_film_at_an_address_is_sent(peers: Peers, tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mkv", 6)
    handler = functools.partial(QuietHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        ada, bob = peers.pair(source=f"http://127.0.0.1:{server.server_port}/clip.mkv")
        shows(bob, "Ada", 200)
        ada.use(None)
        server.shutdown()


def test_sound_comes_from_files_and_iterables_too(peers: Peers, tmp_path: Path) -> None:
    ada, bob = peers.pair(audio=write_clip(tmp_path / "clip.mp4", 30))
    assert np.abs(bob.sound("Ada", seconds=0.2).samples).max() > 0.05
    assert not bob.participants["Ada"].video

    ada.use(audio=(0.9 * np.sin(np.arange(4_800) / 10) for _ in range(20)))
    wait_until(lambda: bob.sound("Ada", seconds=0.1).samples.max() > 0.6, 30, "the iterable's louder sound")
    bob.wait_for(lambda peer: not peer.participants["Ada"].audio)


def test_a_generator_that_raises_ends_the_source_and_not_the_peer(
    peers: Peers, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, bob = peers.pair()

    def pictures() -> Iterator[np.ndarray]:
        yield GREY
        yield GREY
        raise ZeroDivisionError("in the user's generator")

    ada.use(pictures())

    wait_until(lambda: ada.error is not None, 30, "the error")
    shown = capsys.readouterr().err
    assert "raised at number 2" in shown
    assert shown.count("Traceback") == 1
    bob.wait_for(lambda peer: not peer.participants["Ada"].video)
    ada.send_frame(GREY)
    shows(bob, "Ada", 120)


def test_a_file_that_breaks_off_ends_the_source_and_not_the_peer(peers: Peers, tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "clip.mkv", 3).read_bytes()
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole[: len(whole) // 2])
    ada, bob = peers.pair(source=broken)

    shows(bob, "Ada", 200)
    bob.wait_for(lambda peer: not peer.participants["Ada"].video)
    ada.send_frame(GREY)
    shows(bob, "Ada", 120)


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "cut", "sound for a picture", "number"])
def test_a_source_that_cannot_be_opened_is_refused_at_the_call(
    peers: Peers, tmp_path: Path, kind: str
) -> None:
    ada, bob = peers.pair(source="pattern")
    path = tmp_path / "source.mp4"
    if kind == "text":
        path.write_text("This is no film. " * 100)
    elif kind == "empty":
        path.touch()
    elif kind == "cut":
        path.write_bytes(write_clip(tmp_path / "whole.mp4").read_bytes()[:200])
    elif kind == "sound for a picture":
        path = "tone"
    elif kind == "number":
        path = 7

    with pytest.raises(InvalidArgumentError, match="bad_source"):
        ada.use(path)

    # What was sent before goes on.
    before = bob.frame("Ada").number
    wait_until(lambda: bob.frame("Ada").number > before + 5, 30, "the pattern")


def test_a_relative_name_is_of_the_folder_in_which_the_kernel_is_then(
    peers: Peers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = peers.pair(source="pattern")
    for folder, level in (("first", 60), ("second", 200)):
        (tmp_path / folder).mkdir()
        write_clip(tmp_path / folder / "clip.mp4", 0.5, level=level)

        # Since the media process was started.
        monkeypatch.chdir(tmp_path / folder)
        ada.use("clip.mp4", loop=True)

        shows(bob, "Ada", level)
    (tmp_path / "third").mkdir()
    monkeypatch.chdir(tmp_path / "third")
    with pytest.raises(InvalidArgumentError, match="clip"):
        ada.use("clip.mp4", loop=True)


def test_a_photo_stays_and_is_transformed_too(peers: Peers, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(still("jpg", GREY + 80, 6))
    ada, bob = peers.pair(source=photo)

    shows(bob, "Ada", 200)
    assert bob.frame("Ada").shape == (64, 48, 3)
    ada.transform(peer_functions.invert, run="peer")
    shows(bob, "Ada", 55)
    assert bob.participants["Ada"].video


def test_the_greys_of_a_photo_arrive_as_they_are(peers: Peers, tmp_path: Path) -> None:
    ada, bob = peers.pair()
    greys = [0, 16, 32, 64, 96, 128, 160, 192, 224, 240, 255]
    for name, options in (
        ("colour.jpg", {"quality": 95}),
        ("fine.jpg", {"quality": 95, "subsampling": "4:4:4"}),
        ("grey.jpg", {"quality": 95}),
        ("colour.png", {}),
    ):
        # In the other order, each differs from the one before it.
        greys.reverse()
        stripes = np.repeat(np.repeat(np.array(greys, np.uint8), 32)[None, :], 64, axis=0)
        photo = Image.fromarray(stripes).convert("L" if name == "grey.jpg" else "RGB")
        photo.save(tmp_path / name, **options)

        ada.use(tmp_path / name)

        wait_until(
            lambda: np.abs(bob.frame("Ada")[32, 16::32].astype(int) - np.array(greys)[:, None]).max() <= 2,
            20,
            f"the greys of {name}",
        )


def test_a_film_goes_on_when_it_is_to_begin_anew(peers: Peers, tmp_path: Path) -> None:
    ada, bob = peers.pair()
    ada.use(write_clip(tmp_path / "clip.mp4", 0.5), loop=True)

    shows(bob, "Ada", 200)
    before = bob.frame("Ada").number
    wait_until(lambda: bob.frame("Ada").number > before + 25, 30, "twice as many pictures as it has")
    assert bob.participants["Ada"].video


def test_what_is_damaged_in_a_film_is_told_once_while_it_goes_on(
    peers: Peers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = bytearray(write_clip(tmp_path / "clip.ts", 4).read_bytes())
    for at in range(4_000, len(film) - 2_000, 1_111):
        film[at] ^= 0xFF
    damaged = tmp_path / "damaged.ts"
    damaged.write_bytes(film)
    ada, bob = peers.pair(source=damaged)

    shows(bob, "Ada", 200)
    wait_until(lambda: ada.error is not None, 30, "the error")
    assert ada.error["code"] == "bad_source"
    bob.wait_for(lambda peer: not peer.participants["Ada"].video)
    assert capsys.readouterr().err.count("is damaged in places") == 1


def test_a_films_sound_takes_the_place_of_what_was_played(peers: Peers, tmp_path: Path) -> None:
    ada, bob = peers.pair(audio=(0.9 * np.sin(np.arange(4_800) / 10) for _ in itertools.count()))
    wait_until(lambda: bob.sound("Ada", seconds=0.1).samples.max() > 0.6, 30, "the iterable's sound")

    ada.use(write_clip(tmp_path / "clip.mp4", 30))

    wait_until(
        lambda: 0.1 < bob.sound("Ada", seconds=0.5).samples.max() < 0.4, 10, "the film's quieter sound"
    )


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (np.zeros((4, 4, 3)), "uint8 from 0 to 255, not float64"),
        (np.full((4, 4, 3), np.nan), "nan_to_num"),
        (np.zeros((4, 4, 3), np.int64), "not int64"),
        (np.zeros((4, 4, 5), np.uint8), r"\(height, width, 3\)"),
        (np.zeros((4,), np.uint8), r"\(height, width, 3\)"),
        (np.zeros((0, 4, 3), np.uint8), "1 to 4096"),
        (np.zeros((2, 15_360, 3), np.uint8), "1 to 4096"),
        ([[1, 2], [3, 4]], "numpy array, or a picture of Pillow, not list"),
        (None, "numpy array, or a picture of Pillow, not NoneType"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_way_to_make_it_one(
    peers: Peers, picture: object, why: str
) -> None:
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match=why):
        ada.send_frame(picture)

    ada.wait_for("joined", 30)


@pytest.mark.parametrize(
    ("samples", "rate", "why"),
    [
        (np.zeros(10, np.int64), 48_000, "int16, or floating"),
        (np.array([0.0, np.nan]), 48_000, "NaN"),
        (np.zeros((10, 3)), 48_000, "1 or 2"),
        (np.zeros(0), 48_000, "no samples"),
        (np.zeros(10), -1, "rate"),
        ([0.0], 48_000, "numpy array, not list"),
    ],
)
def test_what_is_no_sound_is_refused(peers: Peers, samples: object, rate: int, why: str) -> None:
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match=why):
        ada.send_sound(samples, rate)

    ada.wait_for("joined", 30)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"nam": "x"}, "Did you mean 'name'"),
        ({"fps": 0}, "fps must be a number"),
        ({"resolution": (-1, 4)}, "resolution must be"),
        ({"resolution": (4, 5, 6)}, "resolution must be"),
        ({"transform": 3}, "transform must be a function"),
        ({"source": "/does/not/exist.mp4"}, "cannot be opened"),
        ({"name": ""}, "bad_name"),
        ({"ice_servers": [{"url": "stun:example.org"}]}, "An ICE server must be"),
        ({"ice_servers": [{"urls": "http://example.org"}]}, "An ICE server must be"),
    ],
)
def test_bad_arguments_are_refused_and_leave_nothing_behind(
    service: Relay, no_leaks: None, options: dict[str, object], error: str
) -> None:
    with pytest.raises((InvalidArgumentError, TypeError), match=error):
        Peer("demo", relay=service, **options)
