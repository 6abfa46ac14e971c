"""How a widget's kernel gets frames and sound of the room: through a `Peer` of its own, made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..errors import ProtocolError
from ..protocol.readable_names import shortened
from ..room.coming import find_coming
from ..room.participants import Participant, Participants, with_oneself
from ..room.room_member import RoomMember
from ..runtime import cell_registry
from ..runtime.lifetime import Lifetime
from .call_commands import NOT_IN

if TYPE_CHECKING:
    from ..media.frame import Frame, Sound
    from ..peer import Peer
    from ..peer.kernel.streams import FrameStream

_OUT: Final = ("left", "failed")


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
    is_inviting : callable
        Returns whether the widget, where it is out of the room, is about to join.
    """

    def __init__(
        self,
        life: Lifetime,
        member: RoomMember,
        make_peer: Callable[[], Peer],
        is_inviting: Callable[[], bool],
    ) -> None:
        self._life, self._member, self._make_peer, self._is_inviting = life, member, make_peer, is_inviting
        self._peer: Peer | None = None
        # As whom the widget was in the room when this was closed.
        self._was: Participant | None = None

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
        ProtocolError
            ``not_joined``, once the widget has left.
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
        ProtocolError
            ``not_joined``, once the widget has left.
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
        ProtocolError
            ``not_joined``, once the widget has left.
        WaitTimeoutError
            ``timeout``, when no sound came.
        """
        found = self._find(participant, timeout)
        return self._receiver().sound(found, seconds=seconds, timeout=timeout)

    def close(self) -> None:
        """Let the kernel's own peer leave; once the widget is in the room anew, the next call makes another."""
        self._was = self._member.me or self._was
        self._end()

    def _end(self) -> None:
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.close()

    def _find(self, participant: str | Participant, timeout: float) -> str | Participant:
        """Find who is meant before the kernel joins for them: for a name that nobody has, nobody joins.

        A widget that has not joined yet watches the room already.
        """
        self._life.check_open()
        self._life.check_may_wait()
        self._check_not_left()
        if isinstance(participant, Participant):
            return participant
        return find_coming(self._member, self._everybody, participant, timeout)

    def _check_not_left(self) -> None:
        """Refuse to bring the kernel into a room that its user has left, or is leaving."""
        me = self._member.me
        is_out = self._member.state in _OUT and not self._is_inviting() if me is None else me is self._was
        if is_out:
            raise ProtocolError("not_joined", NOT_IN)

    def _everybody(self) -> Participants:
        """Return the others, by whose names somebody is meant first, and the widget's own participant."""
        return with_oneself(self._member.participants, self._member.me)

    def _receiver(self) -> Peer:
        if self._peer is None or self._peer.state in _OUT:
            self._end()
            self._peer = self._make_peer()
            # It belongs to the widget rather than to the cell that requests a frame.
            cell_registry.keep(self._peer)
            try:
                self._check_not_left()  # meanwhile
            except ProtocolError:
                self._end()
                raise
        return self._peer
