"""A relay of their own for peers."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from rtc_widget import Peer, Relay
from rtc_widget.peer.kernel import media_process
from tests.support.processes import end_processes
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SECRET = "a secret of the tests"


def start_relay(folder: Path, *options: str) -> tuple[subprocess.Popen[str], Relay]:
    """Start the relay as a service."""
    secret = folder / "secret"
    secret.write_text(SECRET)
    command = [sys.executable, "-m", "rtc_widget.relay", "--secret-file", str(secret), *options]
    media_process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert media_process.stdout is not None
    address = re.search(r"http://\S+", media_process.stdout.readline())
    assert address is not None
    return media_process, Relay(address[0], secret=SECRET)


def relay_with_media(folder: Path) -> Iterator[Relay]:
    """Run a relay as a service, and one media process for all tests of a module: starting one takes a second."""
    service, relay = start_relay(folder)
    media = media_process.acquire()
    yield relay
    media_process.release(media)
    end_processes([psutil.Process(service.pid)])
    service.communicate()


class Peers:
    """Makes peers in one room, and closes them."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.room = uuid.uuid4().hex
        self._made: list[Peer] = []

    def __call__(self, name: str, **options: Any) -> Peer:
        peer = Peer(self.room, name=name, relay=self.relay, **options)
        self._made.append(peer)
        return peer

    def pair(self, **options: Any) -> tuple[Peer, Peer]:
        """Return Ada, who sends what the options say, and Bob, who comes after her, connected."""
        ada = self("Ada", **options)
        # Of two that are made at once, either may be the first in the room, and so the one that offers.
        ada.wait_for("joined", 10)
        bob = self("Bob")
        ada.wait_for("connected")
        bob.wait_for("connected")
        return ada, bob

    def close(self) -> None:
        for peer in self._made:
            peer.close()


GREY = np.full((48, 64, 3), 120, np.uint8)


def shows(peer: Peer, sender: str, level: int) -> None:
    """Wait until a participant's picture has a grey of about this level."""
    wait_until(
        lambda: abs(float(peer.frame(sender).mean()) - level) < 8,
        30,
        f"{sender} showing {level} to {peer.name}",
    )
