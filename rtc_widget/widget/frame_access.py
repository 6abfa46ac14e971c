"""How a widget's kernel sees and hears the room: through a `Peer` of its own, made when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..room.participants import Participant
from ..room.room_member import Presence
from ..runtime import cell_registry

if TYPE_CHECKING:
    from ..media.frame import Audio, Frame
    from ..peer import Peer
    from ..peer.kernel.streams import FrameStream


class Eyes(Presence):
    """Pictures and sound of a call that is held in a browser."""

    _relay: Any
    _token: str | None
    _ice_servers: list[dict[str, Any]]
    _eyes: Peer | None = None

    def frame(self, participant: str | Participant, *, screen: bool = False, timeout: float = 10.0) -> Frame:
        """Return somebody's newest picture as a numpy array; see `Peer.frame`.

        The pictures of a call go from browser to browser. To see them the kernel joins the room too, as a `Peer`
        that everybody sees, the first time that this or `frames` or `audio_of` is called; it leaves with the widget.
        """
        return self._look().frame(participant, screen=screen, timeout=timeout)

    def frames(
        self,
        participant: str | Participant,
        *,
        fps: float | None = None,
        screen: bool = False,
        timeout: float = 30.0,
    ) -> FrameStream:
        """Return somebody's pictures to iterate over; see `frame` and `Peer.frames`."""
        return self._look().frames(participant, fps=fps, screen=screen, timeout=timeout)

    def audio_of(
        self, participant: str | Participant, *, seconds: float = 1.0, timeout: float = 10.0
    ) -> Audio:
        """Return somebody's newest sound; see `frame` and `Peer.audio`."""
        return self._look().audio(participant, seconds=seconds, timeout=timeout)

    def _look(self) -> Peer:
        """Return the peer through which the kernel sees the room, this widget's own picture included."""
        from ..peer import Peer

        self._check_open()
        self._check_thread()
        if self._eyes is None or self._eyes.state in ("left", "failed"):
            self._close_eyes()
            self._eyes = Peer(
                self.room,
                name=f"{self.name[:54]} (Python)",
                relay=self._relay,
                token=self._token,
                ice_servers=self._ice_servers,
            )
            cell_registry.keep(self._eyes)
        return self._eyes

    def _close_eyes(self) -> None:
        eyes, self._eyes = self._eyes, None
        if eyes is not None:
            eyes.close()
