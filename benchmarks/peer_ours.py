"""A kernel with a `Peer` in a room, for the benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peer_side import Kernel, Picture, Side

from rtc_widget import Peer, Relay


class Ours(Side):
    """A `Peer`."""

    def open(self, url: str, token: str, room: str) -> None:
        """Join."""
        self._peer = Peer(room, name="Python", relay=Relay(url), token=token)
        self._peer.wait_for("joined")

    def receive(self, take: Callable[[Picture], Any]) -> None:
        """Have a callback called."""
        self._peer.on_frame(take)

    def send(self, picture: Picture) -> None:
        """Send one."""
        self._peer.send_frame(picture)

    def close(self) -> None:
        """Leave."""
        self._peer.close()


if __name__ == "__main__":
    Kernel(Ours()).run()
