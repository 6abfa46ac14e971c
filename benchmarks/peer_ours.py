"""A kernel with a `Peer` in a room, for the benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import peer_transforms
from peer_side import Kernel, Picture, Side

from rtc_widget import Peer, Relay


class Ours(Side):
    """A `Peer`."""

    def warm(self, url: str, token: str, room: str) -> None:
        """Have another peer first."""
        self._other = Peer(room, relay=Relay(url), token=token)
        self._other.wait_for("joined")

    def open(
        self, url: str, token: str, room: str, transform: str | None = None, run: str = "kernel"
    ) -> None:
        """Join."""
        function = getattr(peer_transforms, transform) if transform else None
        self._peer = Peer(
            room, name="Python", transform=function, of="Page", run=run, relay=Relay(url), token=token
        )

    def first(self) -> None:
        """Return with the first picture."""
        self._peer.frame("Page")

    def poll(self, fps: float) -> None:
        """Take so many pictures a second."""
        for _ in self._peer.frames("Page", fps=fps):
            pass

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
