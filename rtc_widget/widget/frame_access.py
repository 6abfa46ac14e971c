"""How a widget's kernel gets frames and sound of the room: through a `Peer` of its own, made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..protocol.readable_names import shortened
from ..room.coming import find_coming
from ..room.participants import Participant, Participants, with_oneself
from ..room.room_member import RoomMember
from ..runtime import cell_registry
from ..runtime.lifetime import Lifetime

if TYPE_CHECKING:
    from ..media.frame import Frame, Sound
    from ..peer import Peer
    from ..peer.kernel.streams import FrameStream


def receiving_peer(room: str, name: str, access: dict[str, Any]) -> Peer:
    """Make the peer through which a widget's kernel receives.

    Parameters
    ----------
    room, name : str
        The widget's.
    access : dict
        Relay, token and ICE servers, as arguments of `Peer`.

    Returns
    -------
    Peer
        The peer.
    """
    from ..peer import Peer

    return Peer(room, name=f"{shortened(name, 54)} (Python)", **access)


class FrameAccess:
    """Frames and sound of a call that is held in a browser.

    Parameters
    ----------
    life : Lifetime
        Of the widget.
    member : RoomMember
        The widget's room membership.
    make_peer : callable
        Makes the `Peer` through which the kernel receives.
    """

    def __init__(self, life: Lifetime, member: RoomMember, make_peer: Callable[[], Peer]) -> None:
        self._life, self._member, self._make_peer = life, member, make_peer
        self._peer: Peer | None = None

    def frame(self, participant: str | Participant, *, screen: bool = False, timeout: float = 10.0) -> Frame:
        """Return a participant's newest frame as a numpy array; see `Peer.frame`.

        The media of a call go from browser to browser. To receive them the kernel joins the room too, as a `Peer`
        that everybody sees, the first time that this or `frames` or `sound` is called; it leaves with the widget.

        Parameters
        ----------
        participant : str or Participant
            A name, an id or a participant.
        screen : bool
            The shared screen instead of the camera.
        timeout : float
            Seconds to wait for the first frame.

        Returns
        -------
        Frame
            Shape (height, width, 3), uint8, RGB.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, when nobody of that name comes within 2 s, or within `timeout` into an empty room.
        WaitTimeoutError
            ``timeout``, when no frame came.
        """
        found = self._find(participant, timeout)
        return self._receiver().frame(found, screen=screen, timeout=timeout)

    def frames(
        self,
        participant: str | Participant,
        *,
        fps: float | None = None,
        screen: bool = False,
        timeout: float = 30.0,
    ) -> FrameStream:
        """Return a participant's frames to iterate over; see `frame` and `Peer.frames`.

        Parameters
        ----------
        participant : str or Participant
            A name, an id or a participant.
        fps : float, optional
            At most so many a second.
        screen : bool
            The shared screen instead of the camera.
        timeout : float
            Seconds that a step waits for a frame.

        Returns
        -------
        FrameStream
            For ``for`` and ``async for``; each step gives the newest frame.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, when nobody of that name comes within 2 s, or within `timeout` into an empty room.
        """
        found = self._find(participant, timeout)
        return self._receiver().frames(found, fps=fps, screen=screen, timeout=timeout)

    def sound(self, participant: str | Participant, *, seconds: float = 1.0, timeout: float = 10.0) -> Sound:
        """Return a participant's newest sound; see `frame` and `Peer.sound`.

        Parameters
        ----------
        participant : str or Participant
            A name, an id or a participant.
        seconds : float
            How much, at most 4.
        timeout : float
            Seconds to wait for the first of it.

        Returns
        -------
        Sound
            ``samples`` of shape (samples, channels), float32.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, when nobody of that name comes within 2 s, or within `timeout` into an empty room.
        WaitTimeoutError
            ``timeout``, when no sound came.
        """
        found = self._find(participant, timeout)
        return self._receiver().sound(found, seconds=seconds, timeout=timeout)

    def close(self) -> None:
        """Let the kernel's own peer leave; the next call makes another."""
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.close()

    def _find(self, participant: str | Participant, timeout: float) -> str | Participant:
        """Find who is meant before the kernel joins for them: for a name that nobody has, nobody joins.

        A widget that is not in the room does not know who is, and leaves it to the peer.
        """
        self._life.check_open()
        self._life.check_may_wait()
        if isinstance(participant, Participant) or self._member.me is None:
            return participant
        return find_coming(self._member, self._everybody, participant, timeout)

    def _everybody(self) -> Participants:
        """Return the others, by whose names somebody is meant first, and the widget's own participant."""
        return with_oneself(self._member.participants, self._member.me)

    def _receiver(self) -> Peer:
        if self._peer is None or self._peer.state in ("left", "failed"):
            self.close()
            self._peer = self._make_peer()
            # It belongs to the widget rather than to the cell that requests a frame.
            cell_registry.keep(self._peer)
        return self._peer
