"""The kernel as a peer, without a browser: two of them in one process, over a real relay and a real media process."""

from __future__ import annotations

import asyncio
import functools
import http.server
import itertools
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rtc_widget import Peer, Relay
from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError, WaitTimeoutError
from rtc_widget.peer.kernel import readers
from tests.support import peer_functions
from tests.support.peers import Peers, write_clip
from tests.support.waiting import GONE_SECONDS, wait_for, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

GREY = np.full((48, 64, 3), 120, np.uint8)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def shows(peer: Peer, sender: str, level: int) -> None:
    """Wait until a participant's picture has a grey of about this level."""
    wait_until(
        lambda: abs(float(peer.frame(sender).mean()) - level) < 8,
        5,
        f"{sender} showing {level} to {peer.name}",
    )


# -- being there


def test_a_peer_is_a_participant_with_the_states_of_any_other(peers: Peers) -> None:
    ada, bob = peers.pair()

    seen = bob.participants["Ada"]
    assert (seen.kind, seen.connection_state, seen.signaling_state) == ("python", "connected", "stable")
    assert (seen.ice_connection_state, seen.ice_gathering_state) == ("completed", "complete")
    wait_until(lambda: seen.selected_candidate_pair == {"local": "host", "remote": "host", "protocol": "udp"})
    assert (ada.state, ada.me.name, bob.participants["Ada"].id) == ("joined", "Ada", ada.me.id)


def test_a_peer_that_leaves_is_gone_at_once(peers: Peers) -> None:
    ada, bob = peers.pair()

    ada.leave()

    bob.wait_for(lambda peer: peer.participants == (), GONE_SECONDS)
    assert ada.state == "left"


def test_closing_twice_and_asking_afterwards_is_answered(peers: Peers) -> None:
    ada = peers("Ada")
    ada.close()
    ada.close()

    with pytest.raises(RtcWidgetError, match="closed"):
        ada.frame("Bob")
    assert "secret" not in repr(ada)


def test_who_has_left_can_send_nothing_more_and_is_told(peers: Peers) -> None:
    ada = peers("Ada")
    ada.send_frame(GREY)
    ada.leave()

    for act in (lambda: ada.send_frame(GREY), lambda: ada.use("pattern"), lambda: ada.stats):
        with pytest.raises(RtcWidgetError, match="closed"):
            act()


def test_what_is_on_is_seen_by_the_others(peers: Peers) -> None:
    ada, bob = peers.pair()
    seen = bob.participants["Ada"]
    assert (seen.video, seen.audio) == (False, False)

    ada.use("pattern", audio="tone")
    bob.wait_for(lambda _: seen.video and seen.audio)

    ada.mute(video=True)
    ada.mute()
    bob.wait_for(lambda _: not seen.video and not seen.audio)
    ada.unmute(video=True)
    bob.wait_for(lambda _: seen.video and not seen.audio)
    before = bob.frame("Ada").number
    wait_until(lambda: bob.frame("Ada").number > before + 5, 30, "pictures after unmuting")


def test_three_peers_are_all_connected(peers: Peers) -> None:
    three = [peers(name) for name in ("Ada", "Bob", "Cleo")]

    for peer in three:
        peer.wait_for(lambda one: len(one.participants) == 2)
        peer.wait_for("connected", 10)


# -- pictures in


def test_a_frame_is_the_newest_picture_as_an_array(peers: Peers) -> None:
    _, bob = peers.pair(source="pattern", resolution=(320, 240))

    frame = bob.frame("Ada")

    assert (frame.shape, frame.dtype, frame.sender) == ((240, 320, 3), np.uint8, "Ada")
    assert 0 <= time.time() - frame.time < 30
    assert frame._repr_png_().startswith(b"\x89PNG")
    assert isinstance(frame.mean(), float)
    wait_until(lambda: bob.frame("Ada").number > frame.number + 20, 30, "newer pictures")
    # That somebody who asks late gets no older one is test_peer_traps.py's.
    assert bob.frame("Ada").time > frame.time


def test_frames_come_no_faster_than_asked_for_and_end_with_the_participant(peers: Peers) -> None:
    ada, bob = peers.pair(source="pattern")

    times = []
    for frame in bob.frames("Ada", fps=10):
        times.append(frame.number)
        if len(times) == 5:
            ada.leave()

    # 30 a second come: those between were skipped.
    assert len(times) >= 5
    assert all(later - earlier >= 2 for earlier, later in itertools.pairwise(times[1:5]))


async def test_frames_can_be_awaited(peers: Peers) -> None:
    ada, bob = await asyncio.to_thread(peers.pair, source="pattern")

    numbers = []
    async for frame in bob.frames("Ada"):
        numbers.append(frame.number)
        if len(numbers) == 10:
            await asyncio.to_thread(ada.leave)

    assert numbers == sorted(set(numbers))


def test_a_picture_may_change_its_size(peers: Peers) -> None:
    ada, bob = peers.pair(source="pattern", resolution=(160, 120))
    assert bob.frame("Ada").shape == (120, 160, 3)

    ada.send_frame(np.full((480, 640, 3), 90, np.uint8))
    wait_until(lambda: bob.frame("Ada").shape == (480, 640, 3), 30, "the larger picture")
    ada.send_frame(np.full((33, 65, 3), 90, np.uint8))

    # Codecs want even sizes: an odd one gains a row and a column.
    wait_until(lambda: bob.frame("Ada").shape == (34, 66, 3), 30, "the smaller picture")


def test_a_callback_gets_pictures_and_what_it_raises_is_shown_once(
    peers: Peers, capsys: pytest.CaptureFixture[str]
) -> None:
    _, bob = peers.pair(source="pattern")
    numbers: list[int] = []

    def look(frame: np.ndarray) -> None:
        numbers.append(frame.number)
        raise ZeroDivisionError("in the user's callback")

    end = bob.on_frame(look)
    wait_until(lambda: len(numbers) > 5, 30, "pictures after the exception")
    end()

    shown = capsys.readouterr().err
    assert shown.count("Traceback") == 1
    assert f"at number {numbers[0]}" in shown
    assert bob.error["code"] == "bad_callback"


def test_a_callback_may_be_for_one_participant(peers: Peers) -> None:
    _, bob = peers.pair(source="pattern")
    peers("Cleo", source="pattern")
    bob.wait_for(lambda peer: len(peer.participants) == 2)
    senders: set[str] = set()
    numbers: list[int] = []

    bob.on_frame(
        lambda frame: (senders.add(frame.sender), numbers.append(frame.number)), bob.participants["Ada"]
    )

    wait_until(lambda: len(numbers) > 20, 30, "pictures")
    assert senders == {"Ada"}


def test_memory_that_is_gone_before_it_was_opened_harms_nobody(
    peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = readers.VideoReader.open

    def too_late(self: readers.VideoReader, path: str, capacity: int) -> None:
        monkeypatch.setattr(readers.VideoReader, "open", opened)
        Path(path).unlink()
        opened(self, path, capacity)

    ada, bob = peers.pair()
    monkeypatch.setattr(readers.VideoReader, "open", too_late)
    ada.send_frame(GREY)
    with pytest.raises(WaitTimeoutError):
        bob.frame("Ada", timeout=0.5)

    ada.send_frame(np.full((480, 640, 3), 60, np.uint8))

    shows(bob, "Ada", 60)


def test_nothing_to_see_is_an_error_in_time(peers: Peers) -> None:
    _, bob = peers.pair()

    with pytest.raises(WaitTimeoutError, match="Ada has it turned off"):
        bob.frame("Ada", timeout=0.2)
    with pytest.raises(WaitTimeoutError, match="No audio"):
        bob.audio("Ada", timeout=0.2)


def test_who_is_not_there_cannot_be_seen_heard_or_written_to(peers: Peers) -> None:
    _, bob = peers.pair()

    for ask in (bob.frame, bob.frames, bob.audio, bob.audios, lambda who: bob.send(1, to=who)):
        with pytest.raises(InvalidArgumentError, match="unknown_participant"):
            ask("Nobody")
    assert bob.state == "joined"


def test_the_memory_of_pictures_has_no_name_once_it_is_in_use(peers: Peers) -> None:
    _, bob = peers.pair(source="pattern")
    bob.frame("Ada")

    assert list(Path("/dev/shm").glob("rtc_widget-*")) == []


# -- sound


def test_sound_is_float_samples_with_rate_and_channels(peers: Peers) -> None:
    _, bob = peers.pair(audio="tone")

    audio = bob.audio("Ada", seconds=0.5)

    assert (audio.samples.dtype, audio.rate, audio.channels, audio.sender) == (np.float32, 48_000, 2, "Ada")
    wait_until(lambda: len(bob.audio("Ada", seconds=0.5).samples) == 24_000, 30, "half a second of sound")


def test_sound_is_read_without_gaps(peers: Peers) -> None:
    ada, bob = peers.pair(audio="tone")

    position = None
    for part, audio in enumerate(bob.audios("Ada")):
        assert position in (None, audio.number)
        position = audio.number + len(audio.samples)
        if part == 20:
            ada.leave()


def test_what_is_played_is_heard(peers: Peers) -> None:
    ada, bob = peers.pair()
    seconds = np.arange(44_100 * 2) / 44_100
    playing = threading.Thread(
        target=ada.send_audio, args=(0.5 * np.sin(2 * np.pi * 1_000 * seconds), 44_100)
    )
    playing.start()

    wait_until(lambda: len(bob.audio("Ada", seconds=0.5).samples) == 24_000, 30, "half a second of sound")
    heard = bob.audio("Ada", seconds=0.5).samples[:, 0]
    playing.join()

    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(np.argmax(spectrum) * 48_000 / len(heard) - 1_000) < 10


# -- pictures out


def test_any_array_can_be_sent_and_who_comes_later_sees_it_too(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    shows(bob, "Ada", 120)

    cleo = peers("Cleo")
    cleo.wait_for("connected", 10)

    shows(cleo, "Ada", 120)
    ada.send_frame(np.full((48, 64), 30, np.uint8))
    shows(cleo, "Ada", 30)


def test_a_transform_in_the_kernel_is_what_everybody_sees(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    peers("Mirror", transform=lambda rgb: 255 - rgb, of="Ada").wait_for("connected", 10)

    shows(bob, "Mirror", 135)


def test_a_transform_may_change_the_picture_in_place(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)

    def darken(rgb: np.ndarray) -> None:
        rgb[:] = 40

    peers("Mirror", transform=darken, of="Ada")

    shows(bob, "Mirror", 40)


def test_a_transform_runs_in_the_peers_process_when_asked(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    mirror = peers("Mirror", transform=peer_functions.invert, of="Ada", run="peer")
    mirror.wait_for("connected", 10)

    shows(bob, "Mirror", 135)
    assert mirror.stats["transform"]["frames"] > 0


def test_a_transform_works_on_a_peers_own_source(peers: Peers, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 6)
    _, bob = peers.pair(source=clip, transform=lambda rgb: 255 - rgb)

    shows(bob, "Ada", 55)


@pytest.mark.parametrize("run", ["kernel", "peer"])
def test_an_exception_in_a_transform_is_shown_once_and_the_pictures_go_on(
    peers: Peers, capsys: pytest.CaptureFixture[str], run: str
) -> None:
    _, bob = peers.pair(source="pattern")
    mirror = peers("Mirror", transform=peer_functions.fail, of="Ada", run=run)
    mirror.wait_for("connected", 10)

    first = bob.frame("Mirror").number
    wait_until(lambda: bob.frame("Mirror").number > first + 10, 30, "pictures after the exception")

    wait_until(lambda: mirror.error is not None, 30, "the error")
    shown = capsys.readouterr().err
    assert shown.count("Traceback") == 1
    assert "raised at frame" in shown
    assert mirror.error["code"] == "bad_transform"
    assert mirror.stats["transform"]["errors"] > 10


@pytest.mark.parametrize("run", ["kernel", "peer"])
def test_a_slow_transform_skips_pictures_instead_of_queueing_them(peers: Peers, run: str) -> None:
    _, bob = peers.pair(source="pattern")
    mirror = peers("Mirror", transform=peer_functions.slow, of="Ada", run=run)
    mirror.wait_for("connected", 10)

    wait_until(lambda: mirror.stats["transform"]["frames"] >= 5, 30, "five pictures")

    figures = mirror.stats["transform"]
    assert figures["dropped"] >= figures["frames"]
    assert figures["transform_ms"] >= 100
    assert bob.frame("Mirror").shape == (360, 640, 3)


def test_what_a_transform_returns_must_be_a_picture(peers: Peers, capsys: pytest.CaptureFixture[str]) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    mirror = peers("Mirror", transform=lambda rgb: rgb / 255, of="Ada")
    mirror.wait_for("connected", 10)

    shows(bob, "Mirror", 120)
    assert "uint8 from 0 to 255, not float64" in capsys.readouterr().err


@pytest.mark.parametrize("run", ["kernel", "peer"])
def test_only_what_the_transform_made_goes_out_wherever_the_pictures_come_from(
    peers: Peers, run: str
) -> None:
    ada, bob = peers.pair()
    ada.transform(peer_functions.invert, run=run)

    for give in (lambda: ada.send_frame(GREY), lambda: ada.use(itertools.repeat(GREY))):
        give()
        shows(bob, "Ada", 135)
        seen = [round(float(frame.mean())) for frame, _ in zip(bob.frames("Ada"), range(5), strict=False)]
        assert all(abs(level - 135) < 8 for level in seen)


def test_a_transform_of_somebody_elses_pictures_is_all_that_goes_out(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    mirror = peers("Mirror", source="pattern", transform=peer_functions.invert, of="Ada")

    shows(bob, "Mirror", 135)
    with pytest.raises(InvalidArgumentError, match=r"transform\(None\)"):
        mirror.send_frame(GREY)
    mirror.transform(None)
    before = bob.frame("Mirror").number
    wait_until(lambda: bob.frame("Mirror").number > before + 10, 30, "the pattern")


def test_a_transform_goes_on_when_its_input_comes_back(peers: Peers) -> None:
    bob = peers("Bob")
    mirror = peers("Mirror", transform=peer_functions.invert, of="Ada")
    ada = peers("Ada", source=np.full((48, 64, 3), 200, np.uint8))
    shows(bob, "Mirror", 55)
    for level in (180, 160, 140, 120):
        ada.send_frame(np.full((48, 64, 3), level, np.uint8))
        shows(bob, "Mirror", 255 - level)
    ada.close()
    bob.wait_for(lambda peer: not peer.participants["Mirror"].video)

    peers("Ada", source=np.full((48, 64, 3), 100, np.uint8))

    shows(bob, "Mirror", 155)
    assert mirror.stats["transform"]["errors"] == 0


def test_when_a_transform_ends_nothing_of_it_is_shown_any_more(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    mirror = peers("Mirror", transform=peer_functions.invert, of="Ada")
    shows(bob, "Mirror", 135)

    mirror.transform(None)

    bob.wait_for(lambda peer: not peer.participants["Mirror"].video)
    cleo = peers("Cleo")
    cleo.wait_for(lambda peer: "Mirror" in peer.participants)
    cleo.wait_for("connected", 10)
    with pytest.raises(WaitTimeoutError):
        cleo.frame("Mirror", timeout=1.5)


@pytest.mark.parametrize("muted_before", [False, True])
def test_a_still_picture_is_there_again_after_unmuting(peers: Peers, muted_before: bool) -> None:
    ada, bob = peers.pair()
    if muted_before:
        ada.mute(video=True)
    ada.send_frame(GREY)
    ada.mute(video=True)
    ada.unmute(video=True)

    shows(bob, "Ada", 120)


def test_modules_that_the_notebook_has_learned_of_later_are_found(
    peers: Peers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = peers.pair(source=GREY)
    (tmp_path / "learned_later.py").write_text("def invert(rgb):\n    return 255 - rgb\n")
    monkeypatch.syspath_prepend(tmp_path)
    import learned_later

    ada.transform(learned_later.invert, run="peer")
    ada.send_frame(GREY)

    shows(bob, "Ada", 135)


def test_a_function_of_the_notebooks_own_stays_in_the_kernel(peers: Peers) -> None:
    bob = peers("Bob")

    with pytest.raises(InvalidArgumentError, match="cannot be pickled"):
        bob.transform(lambda rgb: rgb, run="peer")
    with pytest.raises(InvalidArgumentError, match="'kernel' or 'peer'"):
        bob.transform(peer_functions.invert, run="moon")
    bob.wait_for("joined", 10)


# -- sources


def test_a_file_is_sent_with_its_sound_and_ends(peers: Peers, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 3)
    _, bob = peers.pair(source=clip)

    shows(bob, "Ada", 200)
    assert np.abs(bob.audio("Ada", seconds=0.2).samples).max() > 0.05
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
    assert np.abs(bob.audio("Ada", seconds=0.2).samples).max() > 0.05
    assert not bob.participants["Ada"].video

    ada.use(audio=(0.9 * np.sin(np.arange(4_800) / 10) for _ in range(20)))
    wait_until(lambda: bob.audio("Ada", seconds=0.1).samples.max() > 0.6, 30, "the iterable's louder sound")
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


def test_a_films_sound_takes_the_place_of_what_was_played(peers: Peers, tmp_path: Path) -> None:
    ada, bob = peers.pair(audio=(0.9 * np.sin(np.arange(4_800) / 10) for _ in itertools.count()))
    wait_until(lambda: bob.audio("Ada", seconds=0.1).samples.max() > 0.6, 30, "the iterable's sound")

    ada.use(write_clip(tmp_path / "clip.mp4", 30))

    wait_until(
        lambda: 0.1 < bob.audio("Ada", seconds=0.5).samples.max() < 0.4, 10, "the film's quieter sound"
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
        ([[1, 2], [3, 4]], "numpy array, not list"),
        (None, "numpy array, not NoneType"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_way_to_make_it_one(
    peers: Peers, picture: object, why: str
) -> None:
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match=why):
        ada.send_frame(picture)

    ada.wait_for("joined", 10)


@pytest.mark.parametrize(
    ("samples", "rate", "why"),
    [
        (np.zeros(10, np.int64), 48_000, "int16, or floating"),
        (np.array([0.0, np.nan]), 48_000, "NaN"),
        (np.zeros((10, 3)), 48_000, "1 or 2"),
        (np.zeros(0), 48_000, "shape"),
        (np.zeros(10), -1, "rate"),
        ([0.0], 48_000, "numpy array, not list"),
    ],
)
def test_what_is_no_sound_is_refused(peers: Peers, samples: object, rate: int, why: str) -> None:
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match=why):
        ada.send_audio(samples, rate)

    ada.wait_for("joined", 10)


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


# -- messages


def test_json_bytes_and_arrays_arrive_as_they_were(peers: Peers) -> None:
    ada, bob = peers.pair()
    heard: list[object] = []
    bob.on_message(lambda data, sender: heard.append((sender.name, data)))
    array = np.arange(12, dtype=np.float16).reshape(3, 4)

    ada.send({"a": [1, None, "ü"]})
    ada.send(b"\x00\x01", to="Bob")
    ada.send(array, to=bob.me)
    bob.wait_for(lambda _: len(heard) == 3)

    assert heard[:2] == [("Ada", {"a": [1, None, "ü"]}), ("Ada", b"\x00\x01")]
    got = heard[2][1]
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert (got == array).all()


def test_a_sender_that_is_faster_than_its_receiver_is_slowed_down_and_loses_nothing(peers: Peers) -> None:
    ada, bob = peers.pair()
    heard: list[int] = []
    bob.on_message(lambda data, _sender: heard.append(data[0]))
    waiting: list[int] = []

    for number in range(40):
        ada.send(bytes([number]) + bytes(200_000))
        waiting.append(number - len(heard))
    bob.wait_for(lambda _: len(heard) == 40)

    assert heard == list(range(40))
    # 8 MB in all, of which no more than what the channel holds was ever on its way.
    assert max(waiting) < 20


def test_what_cannot_be_a_message_is_refused(peers: Peers) -> None:
    ada, _ = peers.pair()

    with pytest.raises(InvalidArgumentError, match="message_too_large"):
        ada.send(np.zeros(300_000, np.uint8))
    with pytest.raises(InvalidArgumentError, match="array cannot be sent"):
        ada.send(np.array([object()]))
    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        ada.send({1, 2})


def test_a_message_before_joining_says_what_to_wait_for(service: Relay) -> None:
    with Peer("demo", relay=Relay("http://127.0.0.1:9", secret="x" * 16)) as lost:
        with pytest.raises(ProtocolError, match="not_joined"):
            lost.send(1)
        lost.wait_for("failed", 10)
        assert lost.error["code"] == "relay_unreachable"


def test_waiting_in_a_callback_is_refused(peers: Peers) -> None:
    ada, bob = peers.pair()
    caught: list[str] = []

    def answer(_data: object, _sender: object) -> None:
        for wait in (lambda: bob.wait_for("joined"), lambda: bob.send(1)):
            try:
                wait()
            except RtcWidgetError as error:
                caught.append(error.code)

    bob.on_message(answer)
    ada.send(1)

    wait_until(lambda: caught == ["would_deadlock", "would_deadlock"], 30, "both refusals")


# -- the rest


async def test_peers_can_be_waited_for_in_coroutines(peers: Peers) -> None:
    ada = await asyncio.to_thread(peers, "Ada")

    await ada.wait_for_async("joined", 10)
    with pytest.raises(WaitTimeoutError, match="nobody else"):
        await ada.wait_for_async("connected", 0.1)
    await wait_for(lambda: ada.me is not None)


def test_pictures_are_what_players_make_of_them(peers: Peers, tmp_path: Path) -> None:
    """Colours survive: red is red after RGB, I420, VP8, I420 and RGB."""
    ada, bob = peers.pair()
    red = np.zeros((64, 64, 3), np.uint8)
    red[:, :, 0] = 255
    ada.send_frame(red)

    wait_until(
        lambda: bob.frame("Ada")[32, 32, 0] > 230 and bob.frame("Ada")[32, 32, 1:].max() < 25, 5, "red"
    )
