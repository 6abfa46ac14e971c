"""A media process that hangs is noticed, and so is that it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from rtc_widget.peer.kernel import watchdog
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    import pytest

    from tests.support.peers import Peers


def test_a_peer_whose_process_hangs_says_so_until_it_goes_on(
    peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "_EVERY_SECONDS", 0.1)
    monkeypatch.setattr(watchdog, "_PATIENCE_SECONDS", 0.5)
    ada = peers("Ada")
    ada.wait_for("joined", 20)
    media = psutil.Process(ada._process.pid)

    media.suspend()
    wait_until(lambda: ada.state == "reconnecting", 30, "a word of it")
    assert ada.error["code"] == "timeout"
    media.resume()

    wait_until(lambda: (ada.state, ada.error) == ("joined", None), 30, "its return")
