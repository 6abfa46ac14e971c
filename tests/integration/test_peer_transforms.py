"""What a kernel's peer makes of frames before it sends them, in the kernel and in the media process."""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError, WaitTimeoutError
from tests.support import peer_functions
from tests.support.films import write_clip
from tests.support.peers import GREY, Peers, shows
from tests.support.waiting import wait_until


def test_any_array_can_be_sent_and_who_comes_later_sees_it_too(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    shows(bob, "Ada", 120)

    cleo = peers("Cleo")
    cleo.wait_for("connected")

    shows(cleo, "Ada", 120)
    ada.send_frame(np.full((48, 64), 30, np.uint8))
    shows(cleo, "Ada", 30)


def test_a_transform_in_the_kernel_is_what_everybody_sees(peers: Peers) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    peers("Mirror", transform=lambda rgb: 255 - rgb, of="Ada").wait_for("connected")

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
    mirror.wait_for("connected")

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
    mirror.wait_for("connected")

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
    mirror.wait_for("connected")

    # How many come meanwhile is the machine's; of those that queue, none is ever left out.
    wait_until(lambda: mirror.stats["transform"]["dropped"] >= 5, 30, "pictures that are left out")

    assert mirror.stats["transform"]["transform_ms"] >= 400
    assert bob.frame("Mirror").shape == (360, 640, 3)


def test_what_a_transform_returns_must_be_a_picture(peers: Peers, capsys: pytest.CaptureFixture[str]) -> None:
    ada, bob = peers.pair()
    ada.send_frame(GREY)
    mirror = peers("Mirror", transform=lambda rgb: rgb / 255, of="Ada")
    mirror.wait_for("connected")

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
    cleo.wait_for("connected")
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


def test_a_module_that_was_edited_and_reloaded_runs_as_it_is_now_in_a_new_peer_too(
    peers: Peers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = peers.pair(source=GREY)
    module = tmp_path / "edited_in_class.py"
    module.write_text("def level(rgb):\n    return rgb * 0 + 200\n")
    monkeypatch.syspath_prepend(tmp_path)
    edited = importlib.import_module("edited_in_class")
    mirror = peers("Mirror", transform=edited.level, of="Ada", run="peer")
    shows(bob, "Mirror", 200)

    module.write_text("LEVEL = 40\ndef level(rgb):\n    return rgb * 0 + LEVEL\n")
    importlib.reload(edited)
    mirror.transform(edited.level, of="Ada", run="peer")

    ada.send_frame(GREY)
    shows(bob, "Mirror", 40)
    module.write_text("LEVEL = 150\ndef level(rgb):\n    return rgb * 0 + LEVEL\n")
    importlib.reload(edited)
    peers("Other", transform=edited.level, of="Ada", run="peer")
    shows(bob, "Other", 150)
    shows(bob, "Mirror", 40)


def test_a_function_of_the_notebooks_own_stays_in_the_kernel(peers: Peers) -> None:
    bob = peers("Bob")

    with pytest.raises(InvalidArgumentError, match="cannot be pickled"):
        bob.transform(lambda rgb: rgb, run="peer")
    with pytest.raises(InvalidArgumentError, match="'kernel' or 'peer'"):
        bob.transform(peer_functions.invert, run="moon")
    bob.wait_for("joined", 30)
